"""What another window does to the sessions, as this one shows it; the other is a second manager."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from running_app import SPACE, Running, open_app_over

from tui_sessions import (
    AgentConfig,
    ProviderRegistry,
    ScriptedProvider,
    SessionManager,
    open_sessions,
)
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.screens.editor import TextEditor
from tui_sessions.tui.widgets.inspector.field_editor import FieldEditor
from tui_sessions.tui.widgets.inspector.row_list import RowList

COLUMN = [f"line {n}" for n in range(60)]


@pytest.fixture
def script() -> ScriptedProvider:
    """What answers to the other window."""
    return ScriptedProvider([["Slow ", {"gate": "go"}, "reply."]])


@pytest.fixture
async def other(tmp_path: Path, script: ScriptedProvider) -> AsyncIterator[SessionManager]:
    """Another window's engine."""
    providers = ProviderRegistry()
    providers.register("offline", lambda: script)
    store = (tmp_path / "data").as_uri()
    async with open_sessions(store, providers=providers) as manager:
        yield manager


@pytest.fixture
async def app(tmp_path: Path, other: SessionManager) -> AsyncIterator[Running]:
    """A window that shows the first chat of a session with two."""

    async def fill(manager: SessionManager) -> None:
        await manager.create_workspace(SPACE)
        session = await manager.create_session(workspace=SPACE, label="Shared", id="shared")
        for name in ("One", "Two"):
            chat = await manager.create_chat(session.id, name=name, id=name)
            await manager.add_message(session.id, f"In {name}", chat_id=chat.id)

    script = ScriptedProvider([["Once upon ", {"gate": "go"}, "a time."]])
    store = (tmp_path / "data").as_uri()
    async with open_app_over(tmp_path / "drafts.json", fill, script=script, store=store) as running:
        running.main.open_chat("shared", "One")
        await running.until(lambda: running.shown == ["In One"])
        yield running


async def look(app: Running) -> None:
    """See what the other did; the window does so by itself every two seconds."""
    await app.main.look_around().wait()
    await app.until(lambda: not app.main.verbs_under_way())
    await app.pilot.pause()


async def look_behind(app: Running) -> None:
    """The same while a dialog is open."""
    await app.main.look_around().wait()
    await app.pilot.pause()


def typed(app: Running) -> str:
    return app.main.composer.draft


async def test_a_session_deleted_elsewhere_is_left_with_what_is_typed_and_comes_back(
    app: Running, other: SessionManager
) -> None:
    await app.type("half a ")
    await other.delete("shared")
    await look(app)
    assert app.main.current.session is None
    assert typed(app) == "half a "
    assert any("Shared was deleted in another window" in told for told in app.notices)
    await app.type("question")
    await other.undelete("shared")
    await look(app)
    await app.until(lambda: app.shown == ["In One"])
    assert typed(app) == "half a question"
    assert [told for told in app.notices if "Shared" in told] == ["Shared is back."]
    app.main.begin_session(SPACE)
    assert typed(app) == ""


@pytest.mark.parametrize("begin", [("f2",), ("f3", "r")])
async def test_a_name_for_what_was_deleted_elsewhere_is_typed_to_its_end_and_goes_nowhere(
    app: Running, other: SessionManager, begin: tuple[str, ...]
) -> None:
    await app.press(*begin)
    await app.type("half a ")
    await other.delete("shared")
    await look(app)
    assert app.main.current.session is None
    await app.type("name\r")
    await app.until(lambda: any("not there any more" in told for told in app.notices))
    assert not app.sessions()
    assert typed(app) == ""


async def test_a_value_of_what_was_deleted_elsewhere_is_kept_and_changes_nothing(
    app: Running, other: SessionManager
) -> None:
    await app.press("f5")
    await app.until(lambda: app.main.inspector.query_one(RowList).highlighted is not None)
    await app.press("enter")
    await app.until(lambda: app.main.query(FieldEditor))
    await app.type("half a ")
    await other.delete("shared")
    await look(app)
    await app.until(lambda: app.main.current.session is None)
    await app.type("label\r")
    await app.pilot.pause()
    assert not app.sessions()
    assert not app.manager.running()
    assert app.main.focused is not None
    assert typed(app) == "half a "
    assert any("What you typed is still here" in told for told in app.notices)


async def test_what_is_written_in_editors_when_the_app_ends_is_the_draft(
    app: Running, tmp_path: Path
) -> None:
    await app.type("mine")
    await app.press("f5")
    await app.until(lambda: app.main.inspector.query_one(RowList).highlighted is not None)
    await app.press("enter")
    await app.until(lambda: app.main.query(FieldEditor))
    await app.type(" value")
    await app.main.finish_writing()
    app.main.edit_last()
    await app.until(lambda: isinstance(app.app.screen, TextEditor))
    await app.type(" again")
    await app.main.finish_writing()
    await app.main.finish_writing()
    window = Drafts(tmp_path / "drafts.json")
    window.load()
    assert window.get("shared/One") == "mine\n\nIn One again"
    assert [window.get(key) for key in window.noted() if "#" in key] == [" value"]


@pytest.mark.parametrize("gone", ["session", "message"])
async def test_an_edited_prompt_that_was_deleted_elsewhere_is_not_lost(
    app: Running, other: SessionManager, gone: str
) -> None:
    await app.press("escape", "e")
    await app.until(lambda: isinstance(app.app.screen, TextEditor))
    await app.type(" again")
    if gone == "session":
        await other.delete("shared")
    else:
        [message] = await other.history("shared", "One")
        await other.delete_message("shared", message.id)
    await look_behind(app)
    await app.press("ctrl+s")
    await app.until(lambda: typed(app) == "In One again")
    assert any("what you wrote is in the composer" in told for told in app.notices)


async def test_a_data_folder_that_goes_away_takes_nothing_from_the_screen_and_is_told(
    app: Running, other: SessionManager, tmp_path: Path
) -> None:
    (tmp_path / "data").rename(tmp_path / "away")
    await look(app)
    await app.until(lambda: any("not there any more" in notice for notice in app.notices))
    assert app.main.current.session_id == "shared"
    assert app.shown == ["In One"]
    await app.type("Kept\r")
    await app.until(lambda: any("Not sent" in notice for notice in app.notices))
    assert typed(app) == "Kept"
    assert not (tmp_path / "data").exists()
    (tmp_path / "away").rename(tmp_path / "data")
    await look(app)
    await app.press("enter")
    await app.until(lambda: len(app.shown) > 1)
    assert app.shown[1] == "Kept"


async def test_who_has_gone_on_meanwhile_stays_there(app: Running, other: SessionManager) -> None:
    await other.delete("shared")
    await look(app)
    app.main.begin_session(SPACE)
    await app.type("new")
    await other.undelete("shared")
    await look(app)
    assert app.main.current.session is None
    assert typed(app) == "new"


async def test_a_draft_for_a_new_chat_is_not_overwritten_by_a_deletion(
    app: Running, other: SessionManager
) -> None:
    app.main.begin_session(SPACE)
    await app.type("for new")
    app.main.open_chat("shared", "One")
    await app.until(lambda: app.shown == ["In One"])
    await app.type("for one")
    await other.delete("shared")
    await look(app)
    assert typed(app) == "for new"
    await other.undelete("shared")
    await look(app)
    await app.until(lambda: app.shown == ["In One"])
    assert typed(app) == "for one"


async def test_a_session_deleted_elsewhere_during_its_reply_keeps_what_came(
    app: Running, other: SessionManager
) -> None:
    await app.type("Tell me\r")
    await app.until(lambda: app.shown[-1:] == ["Once upon "])
    assert await other.delete("shared")
    await look(app)
    assert app.main.current.session is None
    await other.undelete("shared")
    await look(app)
    await app.until(lambda: app.shown == ["In One", "Tell me", "Once upon "])


async def test_a_session_whose_files_are_gone_during_its_reply_is_left_at_once(
    app: Running, other: SessionManager, tmp_path: Path
) -> None:
    await app.type("Tell me\r")
    await app.until(lambda: app.shown[-1:] == ["Once upon "])
    for path in tmp_path.glob("data/workspaces/*/sessions/shared.*"):
        path.unlink()
    await look(app)
    assert app.main.current.session is None
    assert any("deleted in another window" in told for told in app.notices)


async def test_a_chat_deleted_elsewhere_gives_way_to_another(
    app: Running, other: SessionManager
) -> None:
    await app.type("typed")
    await other.delete_chat("shared", "One")
    await look(app)
    await app.until(lambda: app.shown == ["In Two"])
    assert typed(app) == "typed"
    assert [told for told in app.notices if "deleted" in told] == [
        "One was deleted in another window or program."
    ]
    await look(app)
    assert len([told for told in app.notices if "deleted" in told]) == 1


@pytest.mark.parametrize("where", ["here", "elsewhere"])
async def test_the_draft_of_the_chat_that_comes_next_is_not_overwritten(
    app: Running, other: SessionManager, where: str
) -> None:
    app.main.open_chat("shared", "Two")
    await app.until(lambda: app.shown == ["In Two"])
    await app.type("for two")
    app.main.open_chat("shared", "One")
    await app.until(lambda: app.shown == ["In One"])
    await app.type("for one")
    if where == "here":
        await app.main.changes.delete_chat("shared", "One")
    else:
        await other.delete_chat("shared", "One")
        await look(app)
    await app.until(lambda: app.shown == ["In Two"])
    assert typed(app) == "for two"


async def test_a_chat_deleted_during_its_reply_comes_back_with_what_came(app: Running) -> None:
    await app.type("Tell me\r")
    await app.until(lambda: app.shown[-1:] == ["Once upon "])
    await app.main.changes.delete_chat("shared", "One")
    await app.until(lambda: app.shown == ["In Two"])
    await app.main.run_action("undo")
    await app.until(lambda: any("Taken back" in told for told in app.notices))
    [*_, last] = await app.manager.history("shared", "One")
    assert (last.text, last.status) == ("Once upon ", "stopped")


async def test_the_notice_of_a_deletion_goes_when_it_is_taken_back(app: Running) -> None:
    await app.press("f3", "d")
    await app.until(lambda: any("takes it back" in told for told in app.notices))
    await app.press("u")
    await app.until(lambda: "Taken back: Deleted Shared" in app.notices)
    assert not any("takes it back" in told for told in app.notices)


async def test_the_notice_of_a_deletion_goes_when_another_window_takes_it_back(
    app: Running, other: SessionManager
) -> None:
    await app.main._delete_session("shared")
    await app.until(lambda: any("takes it back" in told for told in app.notices))
    await look(app)
    assert any("takes it back" in told for told in app.notices)
    await other.undelete("shared")
    await look(app)
    await app.until(lambda: "Shared is back." in app.notices)
    assert not any("takes it back" in told for told in app.notices)
    assert len(app.main.taking_back) == 0


async def test_an_undo_that_cannot_be_done_any_more_does_not_hold_up_the_others(
    app: Running, other: SessionManager
) -> None:
    session = await app.manager.get_session("shared")
    await app.main.changes.rename(session, "Renamed")
    await app.main._delete_session("shared")
    await other.undelete("shared")
    for _ in range(2):
        app.main.action_undo()
        await app.until(lambda: not app.main.verbs_under_way())
    assert (await other.get_session("shared")).label == "Shared"


async def test_what_was_deleted_already_is_told_in_words_and_leaves_the_tree(
    app: Running, other: SessionManager
) -> None:
    await app.press("f3")
    await other.delete("shared")
    await app.press("d")
    await app.until(lambda: "The session was deleted already." in app.notices)
    assert app.main.current.session is None
    assert len(app.main.taking_back) == 0


async def test_what_is_typed_at_the_end_is_kept_whatever_another_window_sent(
    app: Running, tmp_path: Path
) -> None:
    app.main.begin_session(SPACE)
    await app.type("mine")
    await app.main.finish_writing()
    window = Drafts(tmp_path / "drafts.json")
    window.load()
    assert window.get(f"new:{SPACE}") == "mine"
    window.put(f"new:{SPACE}", "")
    window.save()
    await app.main.finish_writing()
    window.load()
    assert window.get(f"new:{SPACE}") == "mine"


async def test_what_another_window_changes_is_followed_and_disturbs_nothing(
    app: Running, other: SessionManager
) -> None:
    for text in COLUMN:
        await other.add_message("shared", text, chat_id="One")
    await look(app)
    await app.until(lambda: app.shown[-1:] == ["line 59"])
    app.main.composer.draft = "one\ntwo"
    app.main.composer.move_cursor((0, 2))
    app.main.transcript.scroll_to_message(app.main.transcript.chat.messages[10].id)
    await app.pilot.pause()
    seen = (app.main.focused, app.main.composer.cursor_location, app.main.transcript.scroll_offset)
    history = await other.history("shared", "One")
    agent = AgentConfig(provider="offline", model="other-model")
    await other.rename("shared", "Named elsewhere")
    await other.set_tags("shared", ["fresh"])
    await other.rename_chat("shared", "One", "Uno")
    await other.set_agent("shared", "One", agent)
    await other.edit_message("shared", history[-1].id, "edited elsewhere")
    await other.fork("shared", label="Fork")
    await other.move("shared", "archive-space")
    await other.pause("shared")
    await look(app)
    await app.until(lambda: app.shown[-1:] == ["edited elsewhere"])
    opened = app.main.current.session
    assert opened is not None
    assert (opened.title, opened.tags, opened.state) == ("Named elsewhere", ("fresh",), "paused")
    assert (opened.workspace_id, app.main.current.workspace_id) == ("archive-space",) * 2
    assert opened.chats[0].name == "Uno"
    assert opened.chats[0].agent.model == "other-model"
    await app.pilot.pause()
    assert typed(app) == "one\ntwo"
    assert seen == (
        app.main.focused,
        app.main.composer.cursor_location,
        app.main.transcript.scroll_offset,
    )
    labels = {session.label for session in app.sessions()}
    assert labels == {"Named elsewhere", "Fork"}


async def test_a_reply_made_again_elsewhere_is_shown(app: Running, other: SessionManager) -> None:
    async def answer_with(text: str) -> None:
        agent = AgentConfig(provider="scripted", parameters={"script": [[text]] * 3})
        await other.set_agent("shared", "One", agent)

    await answer_with("First.")
    async for _ in other.send("shared", "Tell me", chat_id="One"):
        pass
    await look(app)
    await app.until(lambda: app.shown == ["In One", "Tell me", "First."])
    await app.type("typed")
    await answer_with("Second.")
    async for _ in other.regenerate("shared", "One"):
        pass
    await look(app)
    await app.until(lambda: app.shown == ["In One", "Tell me", "Second."])
    assert typed(app) == "typed"


async def test_the_first_messages_of_two_windows_begin_one_chat_and_lose_nothing(
    app: Running, other: SessionManager, script: ScriptedProvider
) -> None:
    session = await other.create_session(workspace=SPACE, label="Empty")
    await look(app)
    app.main.open_chat(session.id)
    await app.until(lambda: app.main.current.session_id == session.id)
    turn = other.send(session.id, "From the other")
    await anext(turn)
    await app.type("From here\r")
    await app.until(lambda: any("Not sent" in told for told in app.notices))
    await app.until(lambda: app.shown[:1] == ["From the other"])
    assert typed(app) == "From here"
    script.open("go")
    async for _ in turn:
        pass
    await look(app)
    await app.press("enter")
    await app.until(lambda: app.shown[:3] == ["From the other", "Slow reply.", "From here"])
    assert typed(app) == ""
    assert len((await other.get_session(session.id)).chats) == 1

"""What was done on the main screen can be taken back."""

from __future__ import annotations

from running_app import OpenApp
from two_sessions import full, ids, open_session

from tui_sessions import ScriptedProvider
from tui_sessions.tui.widgets.inspector.requests import EditRequested


async def test_what_was_deleted_comes_back_latest_first(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await app.press("f3")
        for label in ("First", "Second"):
            app.main.session_tree.move_to(ids(app)[label])
            await app.press("d")
            await app.until(lambda label=label: label not in ids(app))
        await app.press("u")
        await app.until(lambda: "Second" in ids(app))
        assert "First" not in ids(app)
        await app.press("u")
        await app.until(lambda: "First" in ids(app))
        assert app.main.session_tree.has_focus_within


async def test_taking_a_deletion_back_opens_the_session_again_if_it_was_open(open_app) -> None:
    async with open_app() as running:
        await running.type("Hello\r")
        await running.until(lambda: len(running.shown) == 2)
        opened = running.main.current.session_id
        await running.press("f3", "d")
        await running.until(lambda: running.main.current.session_id is None)
        await running.press("u")
        await running.until(lambda: running.main.current.session_id == opened)
        await running.until(lambda: len(running.shown) == 2)
        assert running.main.session_tree.has_focus_within


async def test_a_regenerated_reply_can_be_taken_back(open_app) -> None:
    script = ScriptedProvider([["first answer"]])
    async with open_app(script=script) as running:
        await running.type("Question\r")
        await running.until(lambda: running.shown == ["Question", "first answer"])
        script._replies = [["second answer"]]
        await running.press("escape", "r")
        await running.until(lambda: running.shown == ["Question", "second answer"])
        await running.press("u")
        await running.until(lambda: running.shown == ["Question", "first answer"])
        history = await running.manager.history(running.main.current.session_id or "")
        assert [message.text for message in history] == ["Question", "first answer"]


async def test_an_undo_that_cannot_be_done_yet_can_be_tried_again(open_app) -> None:
    script = ScriptedProvider([["one"], [{"gate": "go"}, "two"]])
    async with open_app(script=script) as running:
        await running.type("Question\r")
        await running.until(lambda: running.shown == ["Question", "one"])
        await running.press("escape", "d")
        await running.until(lambda: running.shown == ["Question"])
        await running.press("enter")
        await running.type("More\r")
        await running.until(running.manager.running)
        await running.press("f3", "u")
        await running.until(lambda: "still answering" in "".join(running.notices))
        script.open("go")
        await running.until(lambda: not running.manager.running())
        await running.press("u")
        await running.until(lambda: "one" in running.shown)


async def test_tags_names_and_removed_values_can_be_taken_back(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        manager, session_id = app.manager, ids(app)["Second"]
        await manager.set_tags(session_id, ["kept"])
        await manager.update_metadata(session_id, {"branch": "main"})
        await open_session(app, "Second")
        before = await manager.get_session(session_id)
        chat_id = before.chats[0].id
        await app.main.changes.change_tags(before, [])
        await app.main.changes.rename_chat(before, chat_id, "Other")
        for field, key, value in (("metadata", "branch", None), ("label", None, "Third")):
            edited = EditRequested(session_id, field, key, value, chat_id)
            await app.main.change_from_inspector(edited)
        changed = await manager.get_session(session_id)
        assert (changed.label, changed.tags, changed.metadata) == ("Third", (), {})
        assert changed.chats[0].name == "Other"
        for _ in range(4):
            await app.main.run_action("undo")
            await app.until(lambda: not app.main.verbs_under_way())
        after = await manager.get_session(session_id)
        assert (after.label, after.tags, after.metadata) == ("Second", ("kept",), before.metadata)
        assert after.chats[0].name == before.chats[0].name

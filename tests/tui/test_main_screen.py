"""The main screen over sessions in memory: what it shows, and what its verbs do."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from running_app import SPACE, OpenApp, Running
from textual.command import CommandPalette
from textual.widgets import OptionList, Static, TextArea
from two_sessions import full, ids, open_session

from tui_sessions import AgentConfig, ScriptedProvider, SessionManager, Settings
from tui_sessions.errors import StoreError
from tui_sessions.settings import AppSettings
from tui_sessions.tui.commands import COMMANDS
from tui_sessions.tui.screens.help import HelpScreen
from tui_sessions.tui.screens.main import drafting
from tui_sessions.tui.screens.switcher import QuickSwitcher
from tui_sessions.tui.widgets.session_tree.target import Target
from tui_sessions.tui.widgets.session_tree.tree_rows import TreeRows
from tui_sessions.tui.widgets.switcher_results import ResultList

WITHOUT_A_RETURN = ("app.quit", "app.change_theme")


async def test_a_workspace_is_called_by_its_name_everywhere(open_app: OpenApp) -> None:
    async def fill(manager: SessionManager) -> None:
        await manager.create_workspace(SPACE, name="The parser")
        await manager.create_session(workspace=SPACE, label="Here")

    async with open_app(fill) as app:
        await app.until(lambda: app.main.status.info.workspace == "The parser")


async def test_unfolding_a_workspace_leaves_the_folded_one_of_the_open_session(
    open_app: OpenApp,
) -> None:
    async def fill(manager: SessionManager) -> None:
        await manager.create_workspace("other")
        await manager.create_session(workspace="other", label="There")
        await manager.create_session(workspace=SPACE, label="Here")

    async with open_app(fill) as app:
        rows = app.main.session_tree.query_one(TreeRows)
        await app.press("f3", "g", "h", "j")
        await app.until(lambda: rows.target == Target("workspace", "other"))
        await app.press("enter")
        await app.until(lambda: len(rows.outline) >= 3)
        await app.until(lambda: all(w.is_finished for w in app.main.workers if w.group == "tree"))
        await app.pilot.pause()
        assert len(rows.outline) == 3
        first = rows.outline.row(0)
        assert first is not None
        assert first.unfolded is False


async def test_what_is_no_session_is_not_said_to_be_a_new_one(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await app.press("f3", "g", "a")
        await app.until(lambda: "That is no session: put the cursor on one first." in app.notices)


async def test_an_open_session_is_seen_where_it_was_moved_to(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await open_session(app, "Second")
        await app.press("f3", "m")
        await app.until(lambda: app.app.screen is not app.main)
        await app.type("elsewhere\r")
        rows = app.main.session_tree.query_one(TreeRows)
        moved = Target("session", "elsewhere", ids(app)["Second"])
        await app.until(
            lambda: any(
                (row := rows.outline.row(place)) and row.target == moved
                for place in range(len(rows.outline))
            )
        )


async def test_status_and_tabs_say_where_one_is(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await open_session(app, "Second")
        info = app.main.status.info
        assert (info.workspace, info.chat, info.messages) == (SPACE, "Left", 2)
        assert app.main.chat_tabs.display
        await app.press("alt+right")
        await app.until(lambda: app.main.status.info.chat == "Right")
        assert app.main.status.info.agent == "coder"
        assert app.shown == []
        await open_session(app, "Child")
        await app.until(lambda: app.main.status.info.parent == "First")
        await app.press("ctrl+n")
        assert app.main.status.info.label == ""


def at_rest(app: Running) -> bool:
    return not app.main.verbs_under_way()


@pytest.mark.parametrize("filled", [True, pytest.param(False, marks=pytest.mark.slow)])
async def test_every_command_runs_without_an_error(open_app: OpenApp, filled: bool) -> None:
    async with open_app(full if filled else None) as app:
        for command in COMMANDS:
            if command.action in WITHOUT_A_RETURN:
                continue
            if filled and app.main.status.info.label != "Second":
                await open_session(app, "Second")
            await app.main.run_action(command.action)
            await app.pilot.pause()
            for _ in range(4):
                await app.until(lambda: app.app.screen is not app.main or at_rest(app))
                if app.app.screen is not app.main:
                    await app.press("escape")
            assert app.app.screen is app.main, command.title
            await app.main.run_action("undo")
            await app.until(lambda: at_rest(app))


async def test_help_opens_on_every_pane(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        for key in ("escape", "f3", "f4", "f5"):
            await app.press(key, "f1")
            await app.until(lambda: app.app.screen is not app.main)
            await app.press("escape")
            await app.until(lambda: app.app.screen is app.main)


async def test_a_notice_shows_markup_and_control_bytes_as_they_are(open_app: OpenApp) -> None:
    async with open_app() as app:
        app.main.say("[/foo] [red]x[/red] \x1b]52;c;eA==\x07", severe=True)
        await app.until(lambda: app.notices)
        assert app.notices == ["[/foo] [red]x[/red] ␛]52;c;eA==␇"]


async def test_a_narrow_screen_keeps_the_tree_in_front_after_a_delete(open_app: OpenApp) -> None:
    async with open_app(full, size=(60, 20)) as app:
        await open_session(app, "Second")
        await app.press("f3")
        assert app.main.session_tree.region.width
        app.main.session_tree.move_to(ids(app)["Second"])
        await app.press("d")
        await app.until(lambda: app.main.current.session is None)
        assert app.main.session_tree.has_focus_within
        await app.press("u")
        await app.until(lambda: "Second" in ids(app))
        app.main.session_tree.move_to(ids(app)["First"])
        await app.press("enter")
        await app.until(lambda: app.main.status.info.label == "First")
        assert app.main.composer.has_focus
        assert not app.main.session_tree.region.width


@pytest.mark.parametrize("size", [(140, 40), (60, 20)])
@pytest.mark.parametrize("pane", ["f3", "f5"])
async def test_escape_leads_from_a_side_pane_back_to_the_composer(
    open_app: OpenApp, pane: str, size: tuple[int, int]
) -> None:
    async with open_app(full, size=size) as app:
        await open_session(app, "Second")
        await app.press(pane)
        assert not app.main.composer.has_focus
        await app.press("escape")
        assert app.main.composer.has_focus
        assert app.main.composer.region.width


async def test_finding_brings_the_chat_in_front_of_the_tree(open_app: OpenApp) -> None:
    async with open_app(full, size=(60, 20)) as app:
        await open_session(app, "Second")
        await app.press("f3")
        assert not app.main.composer.region.width
        await app.press("ctrl+f")
        await app.until(lambda: app.main.find_bar.region.width)
        assert app.main.find_bar.has_focus_within


async def test_what_is_typed_is_written_down_also_when_nobody_pauses(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "_DRAFT_DELAY_S", 2.0)  # longer than any pause between keys
    monkeypatch.setattr(drafting, "_LONGEST_UNWRITTEN_S", 0.0)
    async with open_app(full) as app:
        await open_session(app, "Second")
        for _ in range(1000):
            if (tmp_path / "drafts.json").exists():
                break
            await app.press("x")
        assert (tmp_path / "drafts.json").exists()


async def test_a_prompt_that_is_searched_for_leaves_what_was_typed(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await open_session(app, "Second")
        await app.type("draft")
        await app.press("ctrl+r")
        await app.until(lambda: app.app.screen is not app.main)
        await app.press("enter")
        await app.until(lambda: app.main.composer.draft == "Two")
        await app.press("down")
        assert app.main.composer.draft == "draft"


async def test_editing_an_unanswered_prompt_changes_it_in_its_place(open_app: OpenApp) -> None:
    async def fill(manager: SessionManager) -> None:
        session = await manager.create_session(workspace=SPACE, label="Open question")
        await manager.create_chat(session.id, agent=AgentConfig(provider="offline"))
        await manager.add_message(session.id, "wrong")

    async with open_app(fill, script=ScriptedProvider([["Yes."]])) as app:
        await app.until(lambda: app.shown == ["wrong"])
        app.main.transcript.focus()
        await app.press("e")
        await app.until(lambda: app.app.screen is not app.main)
        await app.press("!", "ctrl+s")
        await app.until(lambda: app.shown == ["wrong!", "Yes."])
        assert len(app.sessions()) == 1


async def test_a_reply_edited_while_the_chat_answers_stays_in_the_editor(open_app: OpenApp) -> None:
    script = ScriptedProvider([["First."], ["More ", {"gate": "go"}]])
    async with open_app(script=script) as app:
        await app.type("one\r")
        await app.until(lambda: app.shown == ["one", "First."] and not app.manager.running())
        await app.type("two\r")
        await app.until(lambda: app.shown[-1:] == ["More "])
        app.main.transcript.focus()
        await app.press("g", "j", "e")
        await app.until(lambda: app.app.screen is not app.main)
        await app.press("!", "ctrl+s")
        editor = app.app.screen
        error = editor.query_one(".dialog--error", Static)
        await app.until(lambda: "still answering" in str(error.content))
        assert editor.query_one(TextArea).text == "First.!"
        script.open("go")
        await app.until(lambda: not app.manager.running())
        await app.press("ctrl+s")
        await app.until(lambda: "First.!" in app.shown)


async def test_a_prompt_edited_before_its_reply_has_come_goes_on_in_a_fork(
    open_app: OpenApp,
) -> None:
    script = ScriptedProvider([[{"gate": "go"}, "Yes."]])
    async with open_app(script=script) as app:
        await app.type("wrong\r")
        await app.until(lambda: app.manager.running() and app.shown[:1] == ["wrong"])
        app.main.transcript.focus()
        await app.press("g", "e")
        await app.until(lambda: app.app.screen is not app.main)
        await app.press("!", "ctrl+s")
        await app.until(lambda: app.shown[:1] == ["wrong!"])
        assert len(app.sessions()) == 2
        script.open("go")
        await app.until(lambda: not app.manager.running())


async def test_the_palette_waits_until_a_dialog_is_closed(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await app.press("f1")
        await app.until(lambda: app.app.screen is not app.main)
        dialog = app.app.screen
        await app.press("ctrl+p")
        assert app.app.screen is dialog
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.main)
        await app.press("ctrl+p")
        await app.until(lambda: isinstance(app.app.screen, CommandPalette))


async def test_a_theme_that_is_chosen_is_kept(open_app: OpenApp, own_home: Path) -> None:
    path = own_home / "config" / "sessions-tui" / "settings.toml"
    async with open_app() as app:
        app.app.theme = "sessions-light"
        await app.until(path.exists)
        await app.until(lambda: tomllib.loads(path.read_text())["app"]["theme"])
    assert tomllib.loads(path.read_text())["app"]["theme"] == "sessions-light"


async def test_leaving_a_search_for_a_session_gives_the_focus_back(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await app.press("f3", "ctrl+s")
        await app.until(lambda: app.app.screen is not app.main)
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.main)
        assert app.main.session_tree.has_focus_within


async def test_a_keymap_with_an_unknown_id_is_told_with_what_was_meant(open_app) -> None:
    keymap = {"app.frok": "f9", "app.rename": "ctlr+k, f7"}
    settings = Settings(keymap=keymap, app=AppSettings(theme="nowhere"))
    async with open_app(settings=settings) as running:
        await running.until(lambda: "app.fork" in "".join(running.notices))
        await running.until(lambda: "No key is called 'ctlr+k'" in "".join(running.notices))
        assert "f7" not in "".join(running.notices)
        assert "No theme 'nowhere'" in "".join(running.notices)


async def test_a_key_that_the_keymap_gives_twice_is_told_with_both_that_it_does(open_app) -> None:
    settings = Settings(keymap={"app.fork": "f9", "tree.tags": "x", "tree.move": "r"})
    async with open_app(settings=settings) as running:
        await running.until(lambda: len(running.notices) == 2)
        told = "".join(running.notices)
        assert "F9, which `keymap.app.fork` has, is the key of 'Answer a tool call'" in told
        assert "`keymap.tree.move` has, is the key of 'Rename' (tree.rename)" in told


async def test_a_keymap_takes_signs_and_spaces_as_a_person_writes_them(open_app) -> None:
    settings = Settings(keymap={"tree.filter": "ctrl+b, +", "tree.new_chat": "/"})
    async with open_app(settings=settings) as running:
        await running.press("f3")
        ids = {key: each.binding.id for key, each in running.main.active_bindings.items()}
        assert (
            ids.items()
            >= {
                "ctrl+b": "tree.filter",
                "plus": "tree.filter",
                "slash": "tree.new_chat",
            }.items()
        )
        assert not running.notices


async def test_a_default_provider_that_there_is_not_is_told(open_app: OpenApp) -> None:
    async with open_app(settings=Settings(default_provider="olama")) as running:
        await running.until(lambda: "No provider 'olama'" in "".join(running.notices))
        assert "valid: offline" in "".join(running.notices)


async def test_a_low_screen_has_room_for_hits_in_the_palette_and_the_switcher(
    open_app: OpenApp,
) -> None:
    async with open_app(full, size=(40, 9)) as app:
        await app.press("ctrl+p")
        await app.until(lambda: isinstance(app.app.screen, CommandPalette))
        hits = app.app.screen.query_one(OptionList)
        await app.until(lambda: hits.region.height >= 4)
        await app.until(lambda: hits.highlighted == 0)
        await app.press("ctrl+n")
        await app.until(lambda: hits.highlighted == 1)
        await app.press("ctrl+p")
        await app.until(lambda: hits.highlighted == 0)
        await app.press("escape", "ctrl+s")
        await app.until(lambda: isinstance(app.app.screen, QuickSwitcher))
        await app.until(lambda: app.app.screen.query_one(ResultList).region.height >= 4)


async def test_f1_shows_the_keys_of_a_dialog_and_leads_back_to_it(open_app: OpenApp) -> None:
    async with open_app(full) as app:
        await app.press("ctrl+l")
        await app.until(lambda: app.app.screen is not app.main)
        dialog = app.app.screen
        await app.press("f1")
        await app.until(lambda: isinstance(app.app.screen, HelpScreen))
        assert "Previous" in str(app.app.screen.query_one("#keys", Static).content)
        await app.press("f1")
        await app.until(lambda: app.app.screen is dialog)
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.main)
        assert app.main.composer.has_focus


async def test_a_fork_that_the_disk_does_not_take_is_told_once(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_room(*_arguments: object, **_options: object) -> str:
        raise StoreError("the disk is full")

    async with open_app() as app:
        await app.manager.create_session(id="one", workspace=SPACE)
        await app.manager.add_message("one", "Hello")
        app.main.open_chat("one")
        await app.until(lambda: app.shown == ["Hello"])
        monkeypatch.setattr(app.manager._engine.store, "save", no_room)
        await app.press("f8")
        await app.until(lambda: app.notices)
        await app.pilot.pause()
        assert app.notices == ["the disk is full"]


async def answered_and_expired(app: Running) -> None:
    """Ask, and have the session expire once it is answered; the transcript has the focus."""
    await app.type("one\r")
    await app.until(lambda: app.shown == ["one", "First."] and not app.manager.running())
    await app.manager.expire(app.sessions()[0].id)
    await app.until(lambda: app.main.current.session.state == "expired")
    app.main.transcript.focus()


async def test_a_reply_in_an_expired_session_is_not_opened_for_editing(open_app: OpenApp) -> None:
    async with open_app(script=ScriptedProvider([["First."]])) as app:
        await answered_and_expired(app)
        await app.press("G", "e")
        await app.until(lambda: any("it is expired" in notice for notice in app.notices))
        assert app.app.screen is app.main


async def test_an_answered_prompt_of_an_expired_session_goes_on_in_a_fork(
    open_app: OpenApp,
) -> None:
    async with open_app(script=ScriptedProvider([["First."]])) as app:
        await answered_and_expired(app)
        await app.press("g", "e")
        await app.until(lambda: app.app.screen is not app.main)
        await app.press("!", "ctrl+s")
        await app.until(lambda: app.shown == ["one!", "First."])
        assert len(app.sessions()) == 2


async def test_what_has_a_newer_format_is_not_opened_for_editing(
    open_app: OpenApp, tmp_path: Path
) -> None:
    chat = {"id": "c1", "messages": [{"id": "m1", "role": "user", "content": "one"}]}
    moment = "2026-11-20T22:14:00Z"
    document = {"format": 2, "id": "s1", "created_at": moment, "chats": [chat]}
    path = tmp_path / "workspaces" / SPACE / "sessions" / "s1.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document))
    async with open_app(store=tmp_path.as_uri()) as app:
        app.main.open_chat("s1")
        await app.until(lambda: app.shown == ["one"])
        app.main.transcript.focus()
        await app.press("e")
        await app.until(lambda: app.notices or app.app.screen is not app.main)
        said = "This session is read-only: its format is newer than this version writes."
        assert app.notices == [said]
        assert app.app.screen is app.main

"""Tools in the app: what is asked, shown and answered, in the open chat and elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from running_app import SPACE, OpenApp, Running

from tui_sessions import AgentConfig, ScriptedProvider, SessionManager, Settings
from tui_sessions.settings import McpSettings
from tui_sessions.tui.screens.tools import ToolsScreen
from tui_sessions.tui.widgets import approval_bar
from tui_sessions.tui.widgets.inspector.row_list import RowList
from tui_sessions.tui.widgets.tab_row import TabRow
from tui_sessions.tui.widgets.tick_list import TickList, TickRow

LOOK_UP = {"tool_call": {"id": "c1", "name": "look_up", "arguments": {"word": "tide"}}}
ADD = {"tool_call": {"id": "c2", "name": "add", "arguments": {"a": 1, "b": 2}}}


class Tools:
    """Two tools, what they were called with, and the ways into sessions that use them."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.fails = False

    def look_up(self, word: str) -> str:
        """Looks a word up.

        In a book.
        """
        self.calls.append(word)
        if self.fails:
            raise ValueError("no such page")
        return f"{word}: the rise and\nfall of the sea"

    def add(self, a: int, b: int) -> int:
        """Adds two numbers."""
        self.calls.append((a, b))
        return a + b

    def fill(self, *labels: str, tools: Sequence[str] = ("look_up", "add")) -> Callable[..., Any]:
        async def filled(manager: SessionManager) -> None:
            manager.tools.register(self.look_up)
            manager.tools.register(self.add)
            for label in labels or ("Sea",):
                session = await manager.create_session(workspace=SPACE, label=label)
                await manager.create_chat(session.id, agent=AgentConfig(tools=tuple(tools)))

        return filled


@pytest.fixture
def tools() -> Tools:
    return Tools()


def rows(app: Running) -> list[str]:
    """The lines of the transcript on screen, without what is empty."""
    transcript = app.main.transcript
    shown = (transcript.render_line(y).text.strip(" ▌") for y in range(transcript.size.height))
    return [row for row in shown if row]


def row_of(app: Running, word: str) -> str:
    return next((row for row in rows(app) if word in row), "")


async def answer(app: Running, key: str) -> None:
    """Press a key in the bar once it takes it."""
    await app.until(lambda: app.main.approval_bar.is_ready)
    await app.press(key)


async def ask(app: Running, text: str = "go") -> None:
    await app.type(f"{text}\r")
    await app.until(lambda: app.main.approval_bar.asked)


async def test_a_call_is_allowed_runs_and_is_shown_with_its_result(
    open_app: OpenApp, tools: Tools
) -> None:
    script = ScriptedProvider([["I look. ", LOOK_UP, {"next": True}, "It is ", "the tide."]])
    async with open_app(tools.fill(), script=script) as app:
        await ask(app)
        assert "waits for you" in row_of(app, "look_up")
        assert not tools.calls
        await app.press("f9")
        await answer(app, "y")
        await app.until(lambda: app.shown[-1] == "It is the tide." and not app.manager.running())
        assert tools.calls == ["tide"]
        assert app.shown == ["go", "I look. ", "", "It is the tide."]
        [row] = [row for row in rows(app) if "look_up" in row]
        assert row.startswith("▸ ✓ look_up")
        assert row.endswith("word=tide  2 lines")
        assert not app.main.approval_bar.display
        assert app.main.composer.has_focus


async def test_space_unfolds_a_call_and_its_result_together(
    open_app: OpenApp, tools: Tools
) -> None:
    script = ScriptedProvider([[LOOK_UP, {"next": True}, "Done."]])
    async with open_app(tools.fill(), script=script) as app:
        await ask(app)
        await app.press("f9")
        await answer(app, "y")
        await app.until(lambda: not app.manager.running() and app.shown[-1] == "Done.")
        app.main.transcript.focus()
        await app.press("g", "j", "j", "space")
        text = "\n".join(rows(app))
        assert '"word": "tide"' in text
        assert "fall of the sea" in text
        await app.press("space")
        assert "fall of the sea" not in "\n".join(rows(app))


async def test_typed_letters_never_answer(open_app: OpenApp, tools: Tools) -> None:
    script = ScriptedProvider([[LOOK_UP, {"next": True}, "Done."]])
    async with open_app(tools.fill(), script=script) as app:
        await ask(app)
        await app.until(lambda: app.main.approval_bar.is_ready)
        await app.type("yan")
        assert app.main.composer.draft == "yan"
        assert app.main.approval_bar.asked
        await app.press("f9", "escape")
        assert app.main.composer.has_focus
        assert app.main.approval_bar.asked
        await app.press("f3", "f9", "escape")
        assert app.main.session_tree.has_focus_within


async def test_a_key_that_comes_with_the_call_is_not_meant_for_it(
    open_app: OpenApp, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = ScriptedProvider([[LOOK_UP, ADD, {"next": True}, "Done."]])
    async with open_app(tools.fill(), script=script) as app:
        await ask(app)
        await app.press("f9")
        await app.until(lambda: app.main.approval_bar.is_ready)
        monkeypatch.setattr(approval_bar, "LOOK_S", 3600.0)
        app.main.approval_bar._seen_at -= 3600
        await app.press("y", "y", "y")
        await app.until(lambda: tools.calls == ["tide"])
        assert app.main.approval_bar.asked.call.id == "c2"


async def test_several_calls_are_answered_one_after_another(
    open_app: OpenApp, tools: Tools
) -> None:
    script = ScriptedProvider([[LOOK_UP, ADD, {"next": True}, "Done."]])
    async with open_app(tools.fill(), script=script) as app:
        await ask(app)
        await app.until(lambda: len(app.manager.waiting_tool_calls()) == 2)
        await app.press("f9")
        await answer(app, "n")
        assert app.main.approval_bar.asked.call.id == "c2"
        assert "refused" in row_of(app, "look_up")
        await answer(app, "y")
        await app.until(lambda: not app.manager.running())
        await app.until(lambda: app.shown[-1] == "Done.")
        assert tools.calls == [(1, 2)]
        assert "⊘ look_up" in row_of(app, "look_up")
        assert "refused" in row_of(app, "look_up")
        assert "✓ add" in row_of(app, "add")


async def test_what_is_allowed_for_the_session_is_asked_once(
    open_app: OpenApp, tools: Tools
) -> None:
    again = {"tool_call": {"id": "c9", "name": "look_up", "arguments": {"word": "ebb"}}}
    script = ScriptedProvider([[LOOK_UP, {"next": True}, again, {"next": True}, "Done."]])
    async with open_app(tools.fill(), script=script) as app:
        await ask(app)
        await app.press("f9")
        await answer(app, "a")
        await app.until(lambda: not app.manager.running() and app.shown[-1] == "Done.")
        assert tools.calls == ["tide", "ebb"]


async def test_a_tool_that_fails_is_marked(open_app: OpenApp, tools: Tools) -> None:
    tools.fails = True
    script = ScriptedProvider([[LOOK_UP, {"next": True}, "Done."]])
    async with open_app(tools.fill(), script=script) as app:
        await ask(app)
        await app.press("f9")
        await answer(app, "y")
        await app.until(lambda: not app.manager.running() and app.shown[-1] == "Done.")
        assert "✗ look_up" in row_of(app, "look_up")
        assert "failed" in row_of(app, "look_up")


async def test_a_background_chat_that_waits_is_marked_told_and_reached(
    open_app: OpenApp, tools: Tools
) -> None:
    script = ScriptedProvider([[LOOK_UP, {"next": True}, "Done."]])
    async with open_app(tools.fill("Land", "Sea"), script=script) as app:
        sessions = {s.label: s for s in app.sessions()}
        sea, land = sessions["Sea"], sessions["Land"]
        app.main.open_chat(land.id)
        await app.until(lambda: app.main.status.info.label == "Land")
        async for _ in app.manager.send(sea.id, "go"):
            break
        await app.until(lambda: any("Sea: look_up waits" in notice for notice in app.notices))
        assert not app.main.approval_bar.display
        tree = app.main.session_tree._rows
        assert (sea.id, sea.chats[0].id) in tree.waiting
        drawn = [tree.render_line(y).text for y in range(tree.size.height)]
        assert any("? Sea" in row and "waits for you" in row for row in drawn)
        await app.until(lambda: app.main.status.info.waiting == 1)
        assert app.main.status.info.replying == 0
        await app.press("f9")
        await app.until(lambda: app.main.status.info.label == "Sea")
        assert app.main.approval_bar.has_focus
        assert (app.main.status.info.waiting, app.main.status.info.replying) == (1, 0)
        await answer(app, "y")
        await app.until(lambda: app.shown[-1:] == ["Done."] and not app.manager.running())
        assert not tree.waiting
        assert app.main.status.info.waiting == 0


async def test_another_chat_of_the_session_that_waits_has_its_tab_marked(
    open_app: OpenApp, tools: Tools
) -> None:
    script = ScriptedProvider([[LOOK_UP, {"next": True}, "Done."]])
    async with open_app(tools.fill(), script=script) as app:
        session = app.sessions()[0]
        await app.manager.create_chat(session.id, name="Other")
        await app.until(lambda: app.main.chat_tabs.display)
        await ask(app)
        await app.press("alt+right")
        await app.until(lambda: app.main.status.info.chat == "Other")
        assert app.main.chat_tabs.query_one(TabRow).render().plain.startswith("?")
        assert not app.main.approval_bar.display
        await app.press("alt+left")
        await app.until(lambda: app.main.approval_bar.display)


async def test_stopping_the_turn_takes_the_question_away(open_app: OpenApp, tools: Tools) -> None:
    script = ScriptedProvider([["Look ", LOOK_UP, {"next": True}, "Done."]])
    async with open_app(tools.fill(), script=script) as app:
        await ask(app)
        await app.press("escape")
        await app.until(lambda: not app.main.approval_bar.display)
        await app.until(lambda: "no result" in row_of(app, "look_up"))
        assert "C goes on" in row_of(app, "goes on")
        app.main.transcript.focus()
        await app.press("C")
        await app.until(lambda: app.main.approval_bar.asked)
        await app.until(lambda: "waits for you" in row_of(app, "look_up"))
        await app.press("f9")
        await answer(app, "y")
        await app.until(lambda: app.shown[-1:] == ["Done."] and not app.manager.running())
        assert [m.status for m in await app.manager.history(app.main.current.session_id or "")] == [
            "complete"
        ] * 4


async def test_f9_with_nothing_waiting_says_so(open_app: OpenApp) -> None:
    async with open_app() as app:
        await app.press("f9")
        await app.until(lambda: "No tool waits for an answer." in app.notices)
        assert app.main.composer.has_focus


async def test_hostile_arguments_are_only_text(open_app: OpenApp, tools: Tools) -> None:
    bad = "[red]x[/] \x1b]52;c;eA==\x07\u202e"
    call = {"tool_call": {"name": "look_up", "arguments": {bad: bad, "n": [bad], "word": "w"}}}
    script = ScriptedProvider([[call, {"next": True}, "Done."]])
    async with open_app(tools.fill(), script=script) as app:
        await ask(app)
        await app.until(lambda: app.main.approval_bar.is_ready)
        await app.until(lambda: "[red]x[/]" in app.app.export_screenshot())
        svg = app.app.export_screenshot()
        assert "\x1b" not in svg
        assert "\u202e" not in svg


async def test_tools_are_chosen_for_the_open_chat(open_app: OpenApp, tools: Tools) -> None:
    async with open_app(tools.fill(tools=["look_up", "gone"])) as app:
        await app.main.run_action("choose_tools")
        await app.until(lambda: isinstance(app.app.screen, ToolsScreen))
        await app.until(lambda: app.app.screen.query(TickList))
        found = app.app.screen.query_one(TickList)
        assert found.ticked == ("look_up", "gone")
        await app.press("space", "j", "space", "enter")
        await app.until(lambda: app.app.screen is app.main)
        session = app.sessions()[0]
        await app.until(lambda: app.main.current.session.chats[0].agent.tools == ("gone", "add"))
        assert (await app.manager.get_session(session.id)).chats[0].agent.tools == ("gone", "add")


async def test_without_tools_the_choice_says_how_to_get_some(open_app: OpenApp) -> None:
    async with open_app() as app:
        await app.main.run_action("choose_tools")
        await app.until(lambda: isinstance(app.app.screen, ToolsScreen))
        await app.until(lambda: "[mcp.files]" in app.app.export_screenshot())
        assert "settings.toml" in app.app.export_screenshot()
        await app.press("enter")
        await app.until(lambda: app.app.screen is app.main)


async def test_a_server_that_cannot_be_had_is_told_and_can_be_chosen(open_app: OpenApp) -> None:
    settings = Settings(mcp={"files": McpSettings(command="/nowhere/at-all")})
    async with open_app(settings=settings) as app:
        await app.main.run_action("choose_tools")
        await app.until(lambda: isinstance(app.app.screen, ToolsScreen))
        await app.press("right")
        await app.until(lambda: "files" in str(app.app.screen.query_one(".tools--said").render()))
        await app.press("space", "enter")
        await app.until(lambda: app.app.screen is app.main)
        await app.until(lambda: app.main.current.session is not None)
        await app.until(lambda: app.main.current.session.chats)
        await app.until(lambda: app.main.current.session.chats[0].agent.tools == ("files",))


async def test_tools_that_are_listed_late_leave_the_cursor_where_it_is(open_app: OpenApp) -> None:
    may_list = asyncio.Event()

    async def list_tools(server: str) -> list[TickRow]:
        await may_list.wait()
        return [TickRow(f"{server}/{name}", parent=server) for name in ("read", "write")]

    rows = [TickRow("files", opens=True), TickRow("web", opens=True)]
    async with open_app() as app:
        screen = ToolsScreen(rows, (), list_tools, settings_path="")
        await app.app.push_screen(screen)
        await app.press("right", "down", "right")
        await app.until(lambda: "files, web" in str(screen.query_one(".tools--said").render()))
        may_list.set()
        found = screen.query_one(TickList)
        await app.until(lambda: found.option_count == 6)
        await app.press("space")
        assert found.ticked == ("web",)


async def test_who_unticks_one_tool_of_a_server_keeps_those_that_were_not_listed_yet(
    open_app: OpenApp,
) -> None:
    async def list_tools(server: str) -> list[TickRow]:
        return [TickRow(f"{server}/{name}", parent=server) for name in ("read", "write", "move")]

    rows = [TickRow("files", opens=True), TickRow("files/write", parent="files")]
    async with open_app() as app:
        screen = ToolsScreen(rows, ("files",), list_tools, settings_path="")
        await app.app.push_screen(screen)
        found = screen.query_one(TickList)
        await app.press("down", "space")
        await app.until(lambda: found.option_count == 4)
        assert found.ticked == ("files/read", "files/move")
        await app.press("space")
        assert found.ticked == ("files",)
        await app.press("space", "k", "k", "space")
        assert found.ticked == ("files",)
        await app.press("space")
        assert found.ticked == ()


async def test_tools_that_are_missing_are_told_and_stay_in_sight(open_app: OpenApp) -> None:
    async def fill(manager: SessionManager) -> None:
        session = await manager.create_session(workspace=SPACE, label="Free", surface="tty:test")
        await manager.create_chat(session.id, agent=AgentConfig(tools=("files",)))

    settings = Settings(mcp={"files": McpSettings(command="/nowhere/at-all")})
    async with open_app(fill, script=ScriptedProvider([["Done."]]), settings=settings) as app:
        await app.type("go\r")
        await app.until(lambda: app.shown[-1:] == ["Done."] and not app.manager.running())
        await app.until(lambda: any("Tool 'files'" in text for text in app.notices))
        await app.until(lambda: app.main.status.info.missing == ("files",))


async def test_the_inspector_leads_to_the_choice_of_tools(open_app: OpenApp, tools: Tools) -> None:
    async with open_app(tools.fill()) as app:
        await app.press("f5")
        rows_there = app.main.inspector.query_one(RowList)
        await app.until(lambda: rows_there.option_count)
        rows_there.highlighted = rows_there.get_option_index("tools")
        await app.press("enter")
        await app.until(lambda: isinstance(app.app.screen, ToolsScreen))

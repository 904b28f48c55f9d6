"""What a person needs is there on small terminals, too."""

from __future__ import annotations

import pytest
from running_app import OpenApp, Running
from textual.geometry import Region

from tui_sessions import AgentTemplate, SessionManager, ToolAsked, ToolCallPart
from tui_sessions.tui.screens.ask_agent import AskAgentScreen
from tui_sessions.tui.screens.switcher import QuickSwitcher
from tui_sessions.tui.widgets.approval_bar import ApprovalBar
from tui_sessions.tui.widgets.key_line import KeyLine
from tui_sessions.tui.widgets.pick_list import PickList

LONG = {"command": "python -m pytest -q tests/test_powers.py tests/test_signs.py", "timeout": 60}


def screen_text(app: Running) -> str:
    strips = app.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


ASKED = ToolAsked(
    session_id="s",
    workspace_id="dev",
    chat_id="c",
    message_id="m",
    call=ToolCallPart(id="t", name="run", arguments=LONG),
    tool="run",
    description="Runs a command in the project's folder and tells what it wrote.",
)


async def asked_in(app: Running, shown: str) -> ApprovalBar:
    """The bar in which a tool call is about to be answered, once it shows a text."""
    bar = app.main.approval_bar
    app.main.query_one("ChatArea").bring(bar, lowest=True)
    bar.show([ASKED])
    await app.until(lambda: bar.is_ready and shown in screen_text(app))
    bar.take_focus()
    return bar


@pytest.mark.parametrize("size", [(40, 12), (40, 20), (80, 24)])
async def test_who_asks_for_a_tool_says_what_answers(
    open_app: OpenApp, size: tuple[int, int]
) -> None:
    async with open_app(size=size) as app:
        bar = await asked_in(app, "F9 answers")
        await app.until(lambda: "escape back" in screen_text(app))
        assert "command" in screen_text(app)
        arguments, keys = bar.query_one("VerticalScroll"), bar.query_one(KeyLine)
        assert not arguments.region.overlaps(keys.region)
        assert app.main.composer.region.bottom <= size[1] - 2


@pytest.mark.parametrize("size", [(20, 5), (24, 8), (30, 10), (120, 5)])
async def test_no_tool_is_answered_unseen_however_small_the_terminal(
    open_app: OpenApp, size: tuple[int, int]
) -> None:
    async with open_app(size=size) as app:
        await asked_in(app, "run")
        await app.until(lambda: "y once" in screen_text(app))
        assert "? run" in screen_text(app)
        assert "command" in screen_text(app)
        await app.press("escape")
        await app.until(lambda: "Write" in screen_text(app))


async def test_the_line_of_keys_names_keys_where_the_focus_is_elsewhere(
    open_app: OpenApp,
) -> None:
    async with open_app() as app:
        screen = AskAgentScreen([AgentTemplate(name="coder")], {"chat": "the chat"})
        await app.app.push_screen(screen)
        await app.until(lambda: "space choose" in screen_text(app))
        await app.press("tab", "tab")
        await app.pilot.resize_terminal(60, 24)
        await app.until(lambda: "tab next part" in screen_text(app))
        assert "space choose" in screen_text(app)


async def test_whom_to_ask_has_one_list_that_scrolls_and_its_keys(open_app: OpenApp) -> None:
    async def fill(manager: SessionManager) -> None:
        session = await manager.create_session(workspace="dev")
        await manager.create_chat(session.id)
        await manager.add_message(session.id, "Hello", role="user")
        await manager.add_message(session.id, "Hi", role="assistant")

    async with open_app(fill, size=(40, 12)) as app:
        await app.press("escape", "a")
        await app.until(lambda: app.app.screen.query(PickList))
        await app.until(lambda: "escape cancel" in screen_text(app))
        screen = app.app.screen
        assert not screen.query_one("DialogBox").show_vertical_scrollbar
        assert sum(one.show_vertical_scrollbar for one in screen.query(PickList)) <= 1
        assert Region(0, 0, 40, 12).contains_region(screen.query_one("Input").region)


async def test_the_switcher_names_every_filter_where_its_line_is_too_narrow(
    open_app: OpenApp,
) -> None:
    async with open_app(size=(80, 24)) as app:
        await app.press("ctrl+s")
        await app.until(lambda: isinstance(app.app.screen, QuickSwitcher))
        await app.until(lambda: "before:" in screen_text(app))
        assert "after:7d" in screen_text(app)

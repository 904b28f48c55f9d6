from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui_sessions.tui.widgets.context_meter import ContextInfo
from tui_sessions.tui.widgets.status_line import StatusInfo, StatusLine, draw_status

FULL = StatusInfo(
    workspace="dev",
    label="Fix the parser",
    chat="Coder",
    state="paused",
    parent="The first try",
    temporary=True,
    read_only=True,
    agent="coder",
    model="sonnet",
    messages=42,
    context=ContextInfo(tokens=17_012, window=128_000),
    replying=2,
    waiting=1,
    missing=("words", "files/list"),
)


def test_a_wide_line_says_everything() -> None:
    line = draw_status(FULL, 230).plain
    for part in (
        "dev \u203a Fix the parser · Coder",
        "paused",
        "temporary",
        "read-only",
        "fork of The first try (^ back)",
        "2 replying",
        "1 waits for you",
        "tools missing: words, files/list",
        "coder/sonnet",
        "42 messages",
        "17k/128k 13% ━─────",
    ):
        assert part in line


@pytest.mark.parametrize("width", range(0, 181, 3))
def test_it_is_exactly_as_wide_as_its_place(width: int) -> None:
    assert draw_status(FULL, width).cell_length == width
    assert draw_status(StatusInfo(label="日本語" * 30), width).cell_length == width


def test_the_label_is_the_last_thing_to_go() -> None:
    assert draw_status(FULL, 16).plain.startswith("Fix the parser")


def test_what_is_empty_is_left_out() -> None:
    assert draw_status(StatusInfo(), 20).plain.strip() == "New session"
    assert "messages" not in draw_status(StatusInfo(label="x"), 80).plain
    assert "1 message" in draw_status(StatusInfo(label="x", messages=1), 80).plain


def test_text_from_outside_moves_no_cursor_and_is_no_markup() -> None:
    line = draw_status(StatusInfo(label="a\x1b[2J[red]", workspace="b\nc"), 60).plain
    assert "a\u241b[2J[red]" in line
    assert "\n" not in line


async def test_it_is_drawn_as_wide_as_the_screen() -> None:
    class LineApp(App[None]):
        def compose(self) -> ComposeResult:
            yield StatusLine()

    app = LineApp()
    async with app.run_test(size=(60, 4)) as pilot:
        line = app.query_one(StatusLine)
        line.show(FULL)
        await pilot.pause()
        assert line.size.height == 1
        assert line.info == FULL
        assert line.render().cell_length == 58


def test_the_meter_gives_its_bar_up_before_its_numbers() -> None:
    lines = [draw_status(FULL, width).plain for width in range(40, 240)]
    assert any("13% ━" in line for line in lines)
    assert any("17k/128k 13%" in line and "━" not in line for line in lines)
    assert all("128k" not in line or "coder/sonnet" in line or "sonnet" in line for line in lines)


def test_a_long_workspace_name_drives_nothing_else_away() -> None:
    info = StatusInfo(workspace="漢" * 100, label="Mine", read_only=True, agent="coder")
    line = draw_status(info, 80).plain
    assert "… › Mine" in line
    assert "read-only" in line
    assert line.rstrip().endswith("coder")

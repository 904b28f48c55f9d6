from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from textual.app import App
from textual.widgets import OptionList, Static

from tui_sessions.model.clock import now
from tui_sessions.tui.screens.dialog import DialogBox
from tui_sessions.tui.screens.trash import TrashAction, TrashRow, TrashScreen
from tui_sessions.tui.widgets.key_line import KeyLine

ROWS = [
    TrashRow(f"s{number}", "dev" if number % 2 else "home", label, now() - timedelta(hours=number))
    for number, label in enumerate(["Parser", "Recipes", "[red]Taxes\x1b[2J", ""])
]


class TrashApp(App[None]):
    def __init__(self, rows: Sequence[TrashRow]) -> None:
        super().__init__()
        self.rows = rows
        self.answers: list[Any] = []

    def on_mount(self) -> None:
        self.push_screen(TrashScreen(self.rows), self.answers.append)

    @property
    def lines(self) -> list[str]:
        options = self.screen.query_one(OptionList).options
        return [str(option.prompt) for option in options]


@pytest.mark.parametrize("key", ["enter", "u"])
async def test_the_session_under_the_cursor_is_brought_back(key: str) -> None:
    app = TrashApp(ROWS)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("j", key)
        assert app.answers == [TrashAction("restore", "s1")]


async def test_deleting_for_good_asks_first() -> None:
    app = TrashApp(ROWS)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("G", "D")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.answers == []
        await pilot.press("D")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert app.answers == [TrashAction("purge", "s3")]


async def test_the_filter_narrows_the_list_and_escape_leaves_it_first() -> None:
    app = TrashApp(ROWS)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("slash", *"RECI")
        assert len(app.lines) == 1
        await pilot.press("escape")
        assert len(app.lines) == 4
        assert app.answers == []
        await pilot.press("escape")
        assert app.answers == [None]


async def test_a_filtered_session_is_brought_back() -> None:
    app = TrashApp(ROWS)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("slash", *"dev", "enter", "j", "enter")
        assert app.answers == [TrashAction("restore", "s3")]


async def test_labels_are_drawn_safely() -> None:
    app = TrashApp(ROWS)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.lines[2].startswith("[red]Taxes\u241b[2J")
        assert app.lines[3].startswith("Untitled")


@pytest.mark.parametrize("keys", ["enter", "u", "D"])
async def test_an_empty_trash_says_so(keys: str) -> None:
    app = TrashApp([])
    async with app.run_test() as pilot:
        await pilot.pause()
        assert str(app.screen.query_one(".trash--empty", Static).content) == "The trash is empty."
        assert str(app.screen.query_one(KeyLine).content) == "escape close"
        await pilot.press(keys)
        assert app.answers == []
        await pilot.press("escape")
        assert app.answers == [None]


async def test_a_full_trash_fits_a_small_screen() -> None:
    app = TrashApp([TrashRow(f"s{n}", "w" * 30, "Long " * 40, now()) for n in range(100)])
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        box = app.screen.query_one(DialogBox).region
        assert app.screen.region.contains_region(box)
        assert box.contains_region(app.screen.query_one(KeyLine).region)
        assert len({len(line) for line in app.lines}) == 1
        await pilot.press("slash")
        await pilot.pause()
        assert app.screen.region.contains_region(app.screen.query_one(DialogBox).region)
        assert box.bottom - 1 > app.screen.query_one(OptionList).region.y

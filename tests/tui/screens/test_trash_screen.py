from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from textual.app import App
from textual.widgets import OptionList, Static

from tui_sessions.model.clock import now
from tui_sessions.tui.screens.dialog import DialogBox
from tui_sessions.tui.screens.trash import TrashRow, TrashScreen
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
        self.done: list[tuple[str, str]] = []
        self.can = True

    def on_mount(self) -> None:
        screen = TrashScreen(self.rows, partial(self.do, "restore"), partial(self.do, "purge"))
        self.push_screen(screen, self.answers.append)

    async def do(self, what: str, session_id: str) -> bool:
        self.done.append((what, session_id))
        return self.can

    @property
    def lines(self) -> list[str]:
        options = self.screen.query_one(OptionList).options
        return [str(option.prompt) for option in options]


async def test_enter_brings_the_session_under_the_cursor_back_and_opens_it() -> None:
    app = TrashApp(ROWS)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("j", "enter")
        await pilot.pause()
        assert app.done == [("restore", "s1")]
        assert app.answers == ["s1"]


async def test_several_are_brought_back_or_deleted_one_after_the_other() -> None:
    app = TrashApp(ROWS)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("j", "u")
        await pilot.pause()
        assert len(app.lines) == 3
        await pilot.press("D")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert app.done == [("restore", "s1"), ("purge", "s2")]
        assert len(app.lines) == 2
        for _ in range(2):
            await pilot.press("u")
            await pilot.pause()
        assert app.done[2:] == [("restore", "s3"), ("restore", "s0")]
        assert str(app.screen.query_one(".trash--empty", Static).content) == "The trash is empty."
        assert app.answers == []


async def test_what_could_not_be_brought_back_stays_in_the_trash() -> None:
    app = TrashApp(ROWS)
    app.can = False
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("u", "enter")
        await pilot.pause()
        assert (len(app.lines), app.answers) == (4, [])


async def test_deleting_for_good_asks_first() -> None:
    app = TrashApp(ROWS)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("G", "D")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.done == []
        await pilot.press("D")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert app.done == [("purge", "s3")]


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
        await pilot.pause()
        assert app.answers == ["s3"]


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

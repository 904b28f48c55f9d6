"""Sizes of the terminal that follow each other quickly."""

from __future__ import annotations

import pytest
from running_app import OpenApp
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen

EARLIER, PRESENT = Size(80, 25), Size(100, 30)
MANY = 10


async def test_an_earlier_size_takes_nothing_from_what_is_still_to_be_painted(
    open_app: OpenApp,
) -> None:
    async with open_app(size=PRESENT) as app:
        app.main.transcript.refresh(layout=True)
        app.main._screen_resized(EARLIER)
        assert app.main.transcript._layout_required
        assert app.main.transcript._repaint_required


@pytest.mark.parametrize(
    "key", ["", "ctrl+s", "ctrl+p", "f1"], ids=["main", "go to", "palette", "help"]
)
async def test_two_sizes_on_their_way_at_once_do_not_bring_each_other_back(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    laid_out: list[Size] = []
    refresh = Screen._refresh_layout

    def noted(screen: Screen[object], size: Size | None = None, scroll: bool = False) -> None:
        if size is not None:
            laid_out.append(size)
        if len(laid_out) < MANY:  # else it would never end
            refresh(screen, size, scroll)

    async with open_app(size=PRESENT) as app:
        if key:
            await app.press(key)
            await app.until(lambda: len(app.app.screen_stack) == 2)
        monkeypatch.setattr(Screen, "_refresh_layout", noted)
        for size in (EARLIER, PRESENT):
            app.app.screen.post_message(Resize(size, size))
            app.app.screen.call_later(lambda: None)  # two sizes in a row would be made one
        for _ in range(30):
            await app.pilot.pause()
        assert app.app.screen.size == PRESENT
        assert laid_out.count(EARLIER) == 0
        assert len(laid_out) < MANY


@pytest.mark.parametrize("key", ["", "ctrl+s", "ctrl+p", "ctrl+l", "f1", "f5"])
async def test_no_size_is_too_small(open_app: OpenApp, key: str) -> None:
    async with open_app(size=PRESENT) as app:
        if key:
            await app.press(key)
        for size in [(10, 3), (3, 40), (1, 1), (120, 2), (5, 5), PRESENT]:
            await app.pilot.resize_terminal(*size)
        assert app.app.size == PRESENT

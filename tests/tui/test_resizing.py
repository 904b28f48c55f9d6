"""Sizes of the terminal that follow each other quickly."""

from __future__ import annotations

from functools import partialmethod

import pytest
from running_app import SPACE, OpenApp
from textual.command import CommandList
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets._toast import Toast, ToastRack

from tui_sessions import SessionManager
from tui_sessions.tui.app import SessionsApp
from tui_sessions.tui.commands import Palette
from tui_sessions.tui.screens.main.areas import InspectorArea

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


async def test_the_inspector_has_its_session_when_there_is_room_again(open_app: OpenApp) -> None:
    async def fill(manager: SessionManager) -> None:
        await manager.create_session(workspace=SPACE, label="Here")

    async with open_app(fill, size=(100, 30)) as app:
        inspector = app.main.inspector
        await app.until(lambda: app.main.current.session_id and app.main.furnished)
        await app.until(lambda: not inspector.region.width)
        app.main.query_one(InspectorArea).display = True
        app.main.refresh_inspector()  # as by a change elsewhere, before it has been laid out
        await app.until(lambda: inspector.session_id == app.main.current.session_id)


async def test_a_notice_is_whole_on_a_narrow_screen(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = partialmethod(SessionsApp.run_test, notifications=True)
    monkeypatch.setattr(SessionsApp, "run_test", shown)
    async with open_app(size=(40, 20)) as app:
        app.main.say("The session has one chat only; F2 renames the session.")
        rack = app.main.get_child_by_type(ToastRack)
        await app.until(lambda: rack.query(Toast))
        toast = rack.query_one(Toast)
        await app.until(lambda: toast.region.height)
        assert app.main.region.contains_region(toast.region)
        assert toast.region.height == 2


@pytest.mark.parametrize("size", [(40, 10), (24, 6)])
async def test_a_low_palette_shows_what_it_offers(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size=size) as app:
        await app.press("ctrl+p")
        await app.until(lambda: app.app.screen.query_one(CommandList).option_count)
        offered = app.app.screen.query_one(CommandList).region
        assert offered.height >= size[1] - 4


async def test_themes_are_chosen_as_commands_are(open_app: OpenApp) -> None:
    async with open_app() as app:
        await app.app.run_action("change_theme")
        await app.until(lambda: isinstance(app.app.screen, Palette))
        await app.until(lambda: app.app.screen.query(CommandList))
        listed = app.app.screen.query_one(CommandList)
        await app.until(lambda: listed.option_count)
        assert "sessions" in str(listed.get_option_at_index(0).prompt)
        await app.press("down", "enter")
        await app.until(lambda: app.app.theme == "sessions-light")

"""Only what is shown anew is drawn, and it looks as if all had been."""

from __future__ import annotations

import random
import re

import pytest
from rich.console import Console
from running_app import OpenApp
from textual._compositor import Compositor
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import MouseDown
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from tui_sessions.tui.screens.main.areas import ChatArea
from tui_sessions.tui.terminal.lean_paint import LeanCompositor
from tui_sessions.tui.terminal.outlet import Outlet
from tui_sessions.tui.terminal.paced_output import with_paced_output
from tui_sessions.tui.terminal.whole_frames import with_whole_frames

_MOVES_ONLY = re.compile(r"\x1b\[\d+;\d+H(?=\x1b\[\d+;\d+H|\n|$)")
"""The cursor is put somewhere, and nothing is written there."""


def painted(compositor: Compositor, regions: set[Region]) -> str:
    """What is sent to the terminal where some places have changed."""
    compositor._dirty_regions = set(regions)
    update = compositor.render_partial_update()
    return _MOVES_ONLY.sub("", update.render_segments(Console())) if update else ""


def widgets_drawn(monkeypatch: pytest.MonkeyPatch) -> list[Widget]:
    """The widgets that are asked for lines from now on."""
    drawn: list[Widget] = []
    render = Widget.render_lines

    def noted(widget: Widget, crop: Region) -> object:
        drawn.append(widget)
        return render(widget, crop)

    monkeypatch.setattr(Widget, "render_lines", noted)
    return drawn


@pytest.mark.parametrize("key", ["", "ctrl+s", "ctrl+p", "f1"])
async def test_a_part_of_the_screen_is_painted_as_it_would_be_with_everything(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    chance = random.Random(7)
    async with open_app(size=(100, 30)) as app:
        if key:
            await app.press(key)
            await app.until(lambda: len(app.app.screen_stack) == 2)
        compositor = app.app.screen._compositor
        assert isinstance(compositor, LeanCompositor)
        size: Size = compositor.size
        for _ in range(40):
            changed = set()
            for _ in range(chance.randint(1, 3)):
                x, y = chance.randrange(size.width), chance.randrange(size.height)
                wide, high = chance.randint(1, 50), chance.randint(1, 12)
                changed.add(Region(x, y, wide, high).intersection(size.region))
            lean = painted(compositor, changed)
            with monkeypatch.context() as patch:
                patch.setattr(LeanCompositor, "_get_renders", Compositor._get_renders)
                assert lean == painted(compositor, changed)


async def test_a_change_that_ends_in_a_wide_character_leaves_it_whole(open_app: OpenApp) -> None:
    async with open_app() as app:
        app.main.composer.load_text("ですよねですよね")
        await app.pilot.pause()
        text = app.main.composer.content_region
        for width in range(1, 12):
            sent = painted(app.app.screen._compositor, {Region(text.x, text.y, width, 1)})
            shown = re.sub(r"\x1b\[[\d;]*[mH]", "", sent).partition("で")
            assert "".join(shown[1:]) == "ですよねですよね"[: (width + 1) // 2]


async def test_a_letter_has_nothing_drawn_but_its_own_line(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as app:
        drawn = widgets_drawn(monkeypatch)
        composer = app.main.composer
        compositor = app.main._compositor
        painted(compositor, {composer.content_region.intersection(Region(0, 0, 1000, 1000))})
        assert drawn == [composer]


async def test_what_others_cover_is_not_drawn_and_the_whole_screen_looks_the_same(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app(size=(140, 40)) as app:
        await app.until(lambda: app.main.furnished)
        compositor = app.main._compositor
        drawn = widgets_drawn(monkeypatch)
        lean = [list(strip) for strip in compositor.render_strips()]
        assert app.main.session_tree not in drawn
        assert app.main.query_one("#panes") not in drawn
        assert app.main.composer in drawn
        monkeypatch.setattr(LeanCompositor, "_get_renders", Compositor._get_renders)
        assert lean == [list(strip) for strip in compositor.render_strips()]


async def test_a_key_is_painted_without_waiting_for_the_screens_clock(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as app:
        await app.pilot.pause()
        monkeypatch.setattr(Timer, "resume", lambda timer: None)
        app.app.post_message(_key("x"))
        await app.until(lambda: app.main.composer.draft == "x")
        await app.until(lambda: app.main.composer not in app.main._dirty_widgets)


def _key(letter: str) -> object:
    from textual.events import Key

    return Key(letter, letter)


async def test_the_palette_opens_again_while_it_is_still_being_closed(open_app: OpenApp) -> None:
    async with open_app() as app:
        for _ in range(2):
            app.app.action_command_palette()
            await app.until(lambda: app.app.screen is not app.main and app.app.screen.focused)
            app.app.pop_screen()
        assert app.app.screen is app.main


def test_a_frame_is_written_in_one_piece_and_what_stands_alone_at_once() -> None:
    written: list[str] = []

    class Noting(HeadlessDriver):
        def __init__(self) -> None: ...

        def write(self, data: str) -> None:
            written.append(data)

    driver = with_whole_frames(Noting)()
    for data in ("\x07", "\x1b[?2026h", "one", "two", "\x1b[?2026l", "\x1b[?25h"):
        driver.write(data)
    assert written == ["\x07", "\x1b[?2026honetwo\x1b[?2026l", "\x1b[?25h"]


async def test_a_click_on_what_has_just_gone_does_nothing(open_app: OpenApp) -> None:
    async with open_app(size=(100, 30)) as app:
        composer = app.main.composer
        place = composer.region.center
        composer._detach()  # as where it is removed, and the screen not laid out anew yet
        x, y = round(place[0]), round(place[1])
        assert app.main.get_widget_at(x, y)[0] is composer
        app.main._forward_event(MouseDown(composer, x, y, 0, 0, 1, False, False, False))
        assert app.main._select_state is None
        app.main.query_one(ChatArea)._nodes._append(composer)
        composer._attach(app.main.query_one(ChatArea))


async def test_on_a_slow_line_a_frame_is_painted_in_parts_and_first_where_one_types(
    open_app: OpenApp,
) -> None:
    async with open_app(size=(100, 30)) as app:
        compositor = app.app.screen._compositor
        assert isinstance(compositor, LeanCompositor)
        here = app.main.composer.region
        compositor._dirty_regions = {compositor.size.region}
        seen: set[int] = set()
        later = [compositor.size.region]
        while later:
            # Where one types something changes all the while.
            compositor._dirty_regions = {*later, here}
            later = compositor.put_off(3 * 100 * 8, here)
            rows = {y for region in compositor._dirty_regions for y in region.line_range}
            assert rows.issuperset(here.line_range)
            assert len(rows) <= 8
            seen |= rows
        assert seen == set(range(30))


async def test_a_line_that_is_not_slow_gets_whole_frames(open_app: OpenApp) -> None:
    async with open_app(size=(100, 30)) as app:
        compositor = app.app.screen._compositor
        assert isinstance(compositor, LeanCompositor)
        changed = {Region(3, 3, 20, 10), Region(50, 0, 10, 30)}
        compositor._dirty_regions = {*changed}
        assert compositor.put_off(None, Region()) == []
        assert compositor._dirty_regions == changed


async def test_what_changes_while_a_frame_is_held_is_painted_with_it(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Line(Outlet):
        is_busy = True  # type: ignore[assignment]

        def __init__(self) -> None: ...

    async with open_app(size=(100, 30)) as app:
        screen, driver = app.main, with_paced_output(HeadlessDriver)(app.app)
        driver._outlet = Line()
        monkeypatch.setattr(app.app, "_driver", driver)
        screen._compositor_refresh()
        assert driver._held
        screen.composer._set_dirty()
        screen._dirty_widgets.add(screen.composer)
        regions: list[Region] = []
        refresh = Screen._compositor_refresh

        def noted(painting: Screen[object]) -> None:
            regions.extend(painting._compositor._dirty_regions)
            refresh(painting)

        monkeypatch.setattr(Screen, "_compositor_refresh", noted)
        driver._outlet.is_busy = False
        driver._paint_held()
        assert screen.composer.region in regions

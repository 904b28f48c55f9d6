"""The palette takes one choice, and whatever languages are written with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from running_app import SPACE, OpenApp, Running
from textual import events
from textual.command import CommandInput, CommandList

from tui_sessions.tui.commands import Palette


async def opened(app: Running, typed: str = "") -> Palette:
    """Open the palette and type."""
    await app.press("ctrl+p")
    await app.until(lambda: isinstance(app.app.screen, Palette))
    await app.type(typed)
    palette = app.app.screen
    assert isinstance(palette, Palette)
    found = palette.query_one(CommandList)
    await app.until(lambda: found.option_count and found.highlighted is not None)
    return palette


def click_beside(palette: Palette) -> None:
    palette.post_message(events.Click(palette, 0, 0, 0, 0, 1, False, False, False, 0, 0))


def choose(palette: Palette) -> None:
    palette.query_one(CommandList).action_select()


def enter(palette: Palette) -> None:
    field = palette.query_one(CommandInput)
    field.post_message(CommandInput.Submitted(field, field.value))


@pytest.mark.parametrize(
    ("first", "late"),
    [
        (enter, enter),
        (choose, enter),
        pytest.param(enter, choose, marks=pytest.mark.slow),
        pytest.param(choose, choose, marks=pytest.mark.slow),
    ],
)
async def test_a_second_answer_on_its_way_runs_no_command_again(
    open_app: OpenApp, first: Callable[[Palette], None], late: Callable[[Palette], None]
) -> None:
    async with open_app() as app:
        await app.manager.create_session(id="one", workspace=SPACE)
        await app.manager.add_message("one", "Hello")
        app.main.open_chat("one")
        await app.until(lambda: app.main.current.session_id == "one")
        palette = await opened(app, "Fork session")
        first(palette)
        late(palette)
        await app.until(lambda: app.main.current.session_id != "one")
        await app.pilot.pause()
        assert app.app.screen is app.main
        assert len(app.sessions()) == 2


async def test_a_second_click_beside_it_closes_nothing_else(open_app: OpenApp) -> None:
    async with open_app() as app:
        palette = await opened(app)
        click_beside(palette)
        click_beside(palette)
        await app.until(lambda: app.app.screen is app.main)
        await app.until(lambda: not palette.is_attached)


async def test_joiners_of_letters_are_taken(open_app: OpenApp) -> None:
    async with open_app() as app:
        palette = await opened(app)
        field = palette.query_one(CommandInput)
        for character in "می\u200cخ":
            field.post_message(events.Key("other", character))
        await app.until(lambda: len(field.value) == 4)
        assert field.value == "می\u200cخ"


@pytest.mark.parametrize(
    "title", ["Fork here", "Edit and resend", "Copy message", "Delete message", "Delete chat"]
)
async def test_a_command_that_finds_nothing_to_work_on_says_so(
    open_app: OpenApp, title: str
) -> None:
    async with open_app() as app:
        enter(await opened(app, title))
        await app.until(lambda: any(" here yet" in notice for notice in app.notices))

from __future__ import annotations

import pytest
from rich.style import Style
from running_app import OpenApp
from textual.events import Click
from textual.widgets import OptionList

from tui_sessions.tui.commands import Palette
from tui_sessions.tui.screens.choice import Choice, ChoiceOption


@pytest.mark.parametrize("screen", [Choice("Which?", [ChoiceOption("a", "a")]), Palette()])
async def test_a_click_on_an_option_that_has_gone_meanwhile_does_nothing(
    open_app: OpenApp, screen: Choice | Palette
) -> None:
    async with open_app() as app:
        await app.app.push_screen(screen)
        options = screen.query_one(OptionList)
        await app.until(lambda: options.option_count)
        gone = Style.from_meta({"option": 10_000})
        x, y = options.region.offset
        late = Click(options, 0, 0, 0, 0, 1, False, False, False, x, y, gone)
        options.post_message(late)
        await app.pilot.pause()
        assert app.app.screen is screen
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.main)

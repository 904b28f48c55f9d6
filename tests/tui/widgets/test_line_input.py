from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult

from tui_sessions.tui.widgets.line_input import LineInput


class FieldApp(App[None]):
    def compose(self) -> ComposeResult:
        yield LineInput("old", select_on_focus=False)


@pytest.mark.parametrize("text", ["می\u200cخواهم", "👩\u200d💻", "क्\u200dष", "a\u00adb"])
async def test_what_is_typed_is_kept_with_its_joiners(text: str) -> None:
    app = FieldApp()
    async with app.run_test() as pilot:
        field = app.query_one(LineInput)
        field.select_all()
        for character in text:
            field.post_message(events.Key("a" if character == "a" else "other", character))
        await pilot.pause()
        assert field.value == text


async def test_keys_that_write_nothing_are_left_alone() -> None:
    app = FieldApp()
    async with app.run_test() as pilot:
        await pilot.press("home", "delete", "x", "ctrl+e", "y")
        assert app.query_one(LineInput).value == "xldy"


@pytest.mark.parametrize(
    ("pasted", "held"),
    [
        ("a\x07b\x9b31m", "a\u2407b\u242631m"),
        ("to\u202eleft\tand on", "to\ufffdleft and on"),
        ("\r\n\nfirst\nsecond", "first"),
        ("क्\u200dष", "क्\u200dष"),
        ("\n", ""),
    ],
)
async def test_nothing_that_is_pasted_steers_the_terminal(pasted: str, held: str) -> None:
    app = FieldApp()
    async with app.run_test() as pilot:
        field = app.query_one(LineInput)
        field.select_all()
        field.post_message(events.Paste(pasted))
        await pilot.pause()
        assert field.value == held

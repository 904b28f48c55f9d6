from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.app import ComposeResult
from textual.widgets import Input

from tui_sessions.tui.terminal.type_ahead import TypeAheadApp


class Leaving(Input):
    """A field that an x leads away from, once the machine has had no time for it for long."""

    async def on_key(self, event: events.Key) -> None:
        if event.key == "x":
            event.prevent_default()
            StarvedApp.of(self).let_time_pass(60)
            for _ in range(50):
                await asyncio.sleep(0)
            self.app.query_one("#next", Input).focus()


class StarvedApp(TypeAheadApp):
    passed_s = 0.0

    @staticmethod
    def of(field: Input) -> StarvedApp:
        assert isinstance(field.app, StarvedApp)
        return field.app

    def compose(self) -> ComposeResult:
        yield Leaving(id="first")
        yield Input(id="next")

    def let_time_pass(self, seconds: float) -> None:
        self.passed_s += seconds


async def test_a_key_waits_for_the_one_before_it_however_slow_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = StarvedApp()
    async with app.run_test() as pilot:
        loop = asyncio.get_running_loop()
        clock = loop.time
        monkeypatch.setattr(loop, "time", lambda: clock() + app.passed_s)
        for key in "axb":
            app.post_message(events.Key(key, key))
        while not any(field.value.endswith("b") for field in app.query(Input)):
            await asyncio.sleep(0)
        await pilot.pause()
        assert [field.value for field in app.query(Input)] == ["a", "b"]


async def test_what_the_mouse_does_after_the_last_screen_has_gone_is_nothing() -> None:
    app = StarvedApp()
    async with app.run_test() as pilot:
        await pilot.press("a")
    assert not app.screen_stack
    click = events.Click(None, 0, 0, 0, 0, 1, False, False, False, 0, 0)
    await app.on_event(click)
    app._begun = True
    await app.on_event(click)

"""What goes on while nobody does anything: hardly anything."""

from __future__ import annotations

import gc

import pytest
from running_app import OpenApp
from textual import messages

from tui_sessions import SessionManager
from tui_sessions.tui import undisturbed
from tui_sessions.tui.screens.main.main_screen import MainScreen
from tui_sessions.tui.widgets import composer


async def test_the_cursor_rests_while_nobody_types_and_blinks_again_with_the_next_key(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composer, "REST_AFTER_S", 0.05)
    async with open_app() as app:
        field = app.main.composer
        await app.until(lambda: not field.cursor_blink)
        assert field._draw_cursor
        field._rest.stop()
        await app.press("a")
        assert field.cursor_blink


async def test_sessions_are_counted_again_only_when_some_have_changed(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    count = SessionManager.known_workspaces

    async def counting(manager: SessionManager, *, lasting: bool = False) -> object:
        counted.append("once")
        return await count(manager, lasting=lasting)

    monkeypatch.setattr(SessionManager, "known_workspaces", counting)
    async with open_app() as app:
        await app.manager.create_session(workspace="elsewhere", label="Old")
        await app.main.look_around().wait()
        await app.main.look_around().wait()
        counted.clear()
        await app.main.look_around().wait()
        assert not counted
        before = app.main.session_tree.total
        await app.manager.create_session(workspace="elsewhere", label="New")
        await app.main.look_around().wait()
        assert counted
        assert app.main.session_tree.total == before + 1


async def test_another_size_is_laid_out_once_and_not_again_for_what_that_has_changed(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    lay_out = MainScreen._on_layout

    async def noted(screen: MainScreen, message: messages.Layout) -> None:
        asked.append(message.widget)
        await lay_out(screen, message)

    async with open_app() as app:
        await app.until(lambda: app.main.inspector.region.width)
        await app.until(lambda: app.main.inspector.children and app.main.inspector.is_mounted)
        for _ in range(3):  # what has come with the inspector is laid out
            await app.pilot.pause()
        monkeypatch.setattr(MainScreen, "_on_layout", noted)
        for width in (120, 140):
            await app.pilot.resize_terminal(width, 40)
            await app.until(lambda width=width: app.main.size.width == width)
            await app.pilot.pause()
            assert app.main.status.region.width == width
            assert app.main.inspector.region.right == width
        assert asked == []


@pytest.mark.parametrize(("used_s", "collections"), [(0.01, 1), (5.0, 0)])
def test_all_values_are_looked_at_when_nothing_goes_on(
    monkeypatch: pytest.MonkeyPatch, used_s: float, collections: int
) -> None:
    looked: list[str] = []
    clock = iter([0.0, used_s, used_s])
    monkeypatch.setattr(undisturbed, "process_time", lambda: next(clock))
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, 50))
    monkeypatch.setattr(gc, "collect", lambda: looked.append("all"))
    undisturbed.Rest().take()
    assert len(looked) == collections

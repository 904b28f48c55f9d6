"""What goes on while nobody does anything: hardly anything."""

from __future__ import annotations

import pytest
from running_app import OpenApp

from tui_sessions import SessionManager
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

    async def counting(manager: SessionManager) -> object:
        counted.append("once")
        return await count(manager)

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

"""What surrounds the app on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_sessions import Settings, StoreError
from tui_sessions.stores.session_files import SessionFiles
from tui_sessions.tui import launching


async def test_what_could_not_be_saved_until_the_end_is_told_once_the_screen_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    async with launching._engine(f"file://{tmp_path}", Settings(), "ana") as manager:
        session = await manager.create_session()
        async for event in manager.send(session.id, "Hello"):
            if event.name == "reply_started":
                monkeypatch.setattr(SessionFiles, "_append", full)
        assert event.name == "reply_failed"
        assert capsys.readouterr().err == ""
    told = capsys.readouterr().err
    assert told.startswith("the disk is full. What was not saved is in ")
    assert f"{session.id}." in told

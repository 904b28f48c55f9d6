"""Exporting from the app: what, how, and where to."""

from __future__ import annotations

import zipfile
from pathlib import Path

from textual.widgets import Input

from tui_sessions.tui.screens.choice import Choice
from tui_sessions.tui.screens.question import Question
from tui_sessions.tui.screens.text_prompt import TextPrompt


async def fill(manager):
    session = await manager.create_session(workspace="dev", label="Plan", surface="tty:test")
    await manager.create_chat(session.id, name="One")
    await manager.add_message(session.id, "Write to ana@example.com")


async def answer(app, kind, *keys):
    """Wait for a dialog, and press keys in it until it is gone."""
    await app.until(lambda: isinstance(app.app.screen, kind))
    dialog = app.app.screen
    await app.press(*keys)
    await app.until(lambda: app.app.screen is not dialog)


async def export(app, path: Path, words: str) -> None:
    """Export what is open, or what the cursor of the tree is on."""
    await app.until(lambda: app.main.current.session_id)
    app.main.action_export()
    await app.until(lambda: isinstance(app.app.screen, Choice))
    await app.type(words)
    await answer(app, Choice, "enter")
    await app.until(lambda: isinstance(app.app.screen, TextPrompt))
    app.app.screen.query_one(Input).value = str(path)
    await answer(app, TextPrompt, "enter")


async def test_a_session_is_written_redacted(open_app, tmp_path):
    async with open_app(fill) as app:
        path = tmp_path / "plan.html"
        await export(app, path, "html redacted")
        await app.until(lambda: any("Wrote" in notice for notice in app.notices))
        text = path.read_text()
        assert "REDACTED-mail-address-1" in text
        assert "ana@example.com" not in text
        assert any("redacted" in notice for notice in app.notices)


async def test_a_workspace_is_written_into_a_zip_and_not_over_another_unasked(open_app, tmp_path):
    async with open_app(fill) as app:
        path = tmp_path / "dev.zip"
        path.write_text("precious")
        await app.press("f3", "g")
        await export(app, path, "json")
        await answer(app, Question, "n")
        assert path.read_text() == "precious"
        await export(app, path, "json")
        await answer(app, Question, "y")
        await app.until(lambda: any("Wrote" in notice for notice in app.notices))
        with zipfile.ZipFile(path) as archive:
            assert "workspaces/dev/workspace.json" in archive.namelist()

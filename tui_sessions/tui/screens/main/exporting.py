"""Writing a session to a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import work

from tui_sessions.model.identifiers import id_from_name
from tui_sessions.transfer.writing import write_export
from tui_sessions.tui.screens.choice import Choice, ChoiceOption
from tui_sessions.tui.screens.main.session_verbs import SessionVerbs
from tui_sessions.tui.screens.question import Question
from tui_sessions.tui.screens.text_prompt import TextPrompt


class Exporting(SessionVerbs):
    """Exporting from the tree and the palette."""

    @work
    async def action_export(self) -> None:
        """Write the session to a file."""
        session_id = self.target_session()
        if session_id is None:
            return
        formats = [
            ChoiceOption("markdown", "Markdown", "to read"),
            ChoiceOption("json", "JSON", "everything, to import again"),
        ]
        kind = await self.app.push_screen_wait(Choice("Export as", formats))
        if kind is None:
            return
        async with self.telling():
            session = await self.manager.get_session(session_id)
            ending = "md" if kind == "markdown" else "json"
            name = id_from_name(session.label, session_id)
            path = await self.app.push_screen_wait(
                TextPrompt("Export to", str(Path.cwd() / f"{name}.{ending}"))
            )
            if path:
                await self._write_export(session_id, kind, path)

    async def _write_export(self, session_id: str, kind: str, place: str) -> None:
        path = await asyncio.to_thread(lambda: Path(place).expanduser())
        data = await self.manager.export_session(session_id, kind)
        exists = await asyncio.to_thread(path.exists)
        question = Question("Replace the file?", str(path), dangerous=True)
        if exists and not await self.app.push_screen_wait(question):
            return
        await asyncio.to_thread(write_export, path, data, overwrite=exists)
        self.say(f"Wrote {path}")

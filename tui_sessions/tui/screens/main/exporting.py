"""Writing a chat, a session or a workspace to a file."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual import work

from tui_sessions.tui.screens.main.ground import Ground

if TYPE_CHECKING:
    from tui_sessions.transfer.redaction import Redactor
    from tui_sessions.tui.widgets.session_tree.target import Target

_SCOPES = {"workspace": "the workspace", "session": "the session", "chat": "the chat"}


class _Wish(msgspec.Struct, frozen=True):
    """What is to be exported, and how."""

    target: Target
    kind: str
    redactor: Redactor | None


class Exporting(Ground):
    """Exporting from the tree and the palette."""

    @work
    async def action_export(self) -> None:
        """Write the chat, session or workspace under the cursor to a file."""
        from tui_sessions.transfer.redaction import Redactor
        from tui_sessions.tui.screens.export_choice import export_choice
        from tui_sessions.tui.screens.text_prompt import TextPrompt

        target = self.target()
        if target is None or target.kind not in _SCOPES:
            self.say("There is no session here yet: it begins with the first message.")
            return
        chosen = await self.app.push_screen_wait(export_choice(_SCOPES[target.kind]))
        if chosen is None:
            return
        redacted, _, kind = chosen.rpartition(" ")
        async with self.telling():
            wish = _Wish(target, kind, Redactor() if redacted else None)
            suggested = str(Path.cwd() / await self._export_name(wish))
            place = await self.app.push_screen_wait(
                TextPrompt("Export to", suggested, kept=self.drafting.kept("export"))
            )
            if place:
                await self._write_export(wish, place)

    async def _export_name(self, wish: _Wish) -> str:
        from tui_sessions.transfer.file_names import file_name
        from tui_sessions.transfer.registry import exporter

        target = wish.target
        if target.session_id is None:
            return f"{target.workspace_id}.zip"
        session = await self.manager.get_session(target.session_id)
        label = wish.redactor.text(session.label) if wish.redactor else session.label
        return file_name(label, target.session_id) + exporter(wish.kind).suffix

    async def _write_export(self, wish: _Wish, place: str) -> None:
        from tui_sessions.transfer.writing import write_export
        from tui_sessions.tui.screens.question import Question

        path = await asyncio.to_thread(lambda: Path(place).expanduser())
        exists = await asyncio.to_thread(path.exists)
        question = Question("Replace what is there?", str(path), dangerous=True)
        if exists and not await self.app.push_screen_wait(question):
            return
        session_id, chat_id = wish.target.session_id, wish.target.chat_id
        if session_id is None:
            await self._write_workspace(wish, path, exists)
        else:
            redact = wish.redactor or False
            data = await self.manager.export_session(session_id, wish.kind, chat_id, redact)
            await asyncio.to_thread(write_export, path, data, overwrite=exists)
        taken_out = wish.redactor.counts.total() if wish.redactor else 0
        self.say(f"Wrote {path}" + (f"; {taken_out} places redacted" if taken_out else ""))

    async def _write_workspace(self, wish: _Wish, path: Path, overwrite: bool) -> None:
        from tui_sessions.transfer.export_files import export_files

        files = self.manager.export_workspace(
            wish.target.workspace_id, wish.kind, wish.redactor or False
        )
        target = export_files(path, overwrite=overwrite)
        taking = await asyncio.to_thread(target.__enter__)
        try:
            async with aclosing(files):
                async for name, data in files:
                    await asyncio.to_thread(taking.add, name, data)
        except BaseException as error:
            await asyncio.to_thread(target.__exit__, type(error), error, error.__traceback__)
            raise
        await asyncio.to_thread(target.__exit__, None, None, None)

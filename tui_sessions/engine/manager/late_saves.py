"""What the disk did not take of a reply: it stays in memory and is saved as soon as that goes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tui_sessions.engine.manager.tool_use import ToolUse
from tui_sessions.errors import ReadOnlySession, SessionNotFound
from tui_sessions.model.changes import Change
from tui_sessions.model.spent import with_spent
from tui_sessions.model.surrogates import storable
from tui_sessions.model.unknown_keys import with_unknown_keys
from tui_sessions.stores.encoding import encode_changes

TRY_AGAIN_S = 5.0
"""Seconds until what could not be saved is tried again."""


class LateSaves(ToolUse):
    """Saving later what could not be saved when it came."""

    async def _keep_reply(self, session_id: str, chat_id: str, changes: Sequence[Change]) -> None:
        """Keep a reply in memory that could not be saved, unless it never can be."""
        documents = self._engine.documents
        try:
            async with documents.edit(session_id) as document:
                self._chat_id(document, chat_id)
                if document.read_only:
                    return
                changes = with_spent(document, with_unknown_keys(document, changes))
                changes = storable(changes)
                encode_changes(changes)
                await documents.keep_for_later(session_id, changes)
        except Exception:
            return  # the failure of the save was told
        if session_id not in self._engine.saving_late:
            task = asyncio.create_task(self._save_late(session_id), name="sessions-late-save")
            self._engine.saving_late[session_id] = task

    async def _save_late(self, session_id: str) -> None:
        """Try to save what waits of a session until that is done, by this or by another save."""
        documents = self._engine.documents
        try:
            while documents.waits(session_id):
                await asyncio.sleep(TRY_AGAIN_S)
                if await self._is_saved(session_id):
                    return
        finally:
            self._engine.saving_late.pop(session_id, None)

    async def _is_saved(self, session_id: str) -> bool:
        """Whether what waited is saved now, or cannot be any more."""
        try:
            async with self._engine.documents.held(session_id):
                await self._save(session_id)
        except (SessionNotFound, ReadOnlySession):
            self._engine.documents.forget(session_id)
            return True
        except Exception:
            return False  # that was told when it failed first
        return True

    async def _save(self, session_id: str) -> None:
        """Write what waits; the caller holds the session."""
        documents = self._engine.documents
        if documents.waits(session_id):
            await documents.save(session_id)
            self._saved(await documents.read(session_id))

"""What the disk did not take: kept in memory, at the end elsewhere, and saved once it does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from tui_sessions.engine.manager.tool_use import ToolUse
from tui_sessions.errors import ReadOnlySession, SessionNotFound, SessionsError, StoreError
from tui_sessions.model.changes import Change
from tui_sessions.model.spent import with_spent
from tui_sessions.model.surrogates import storable
from tui_sessions.model.unknown_keys import with_unknown_keys
from tui_sessions.stores.encoding import encode_changes

log = logging.getLogger(__name__)

TRY_AGAIN_S = 5.0
"""Seconds until what could not be saved is tried again; twice as many after each failure."""
LONGEST_PAUSE_S = 60.0


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
        documents, pause = self._engine.documents, TRY_AGAIN_S
        try:
            while documents.waits(session_id):
                await asyncio.sleep(pause)
                if await self._is_saved(session_id):
                    return
                pause = min(2 * pause, LONGEST_PAUSE_S)
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

    async def _keep_aside(self, session_id: str, error: Exception) -> Exception:
        """Keep elsewhere what the end could not save; gives the error to tell."""
        aside, waiting = self._engine.unsaved, self._engine.documents.pending(session_id)
        if aside is None or not waiting:
            return error
        try:
            path = await asyncio.to_thread(aside.put, session_id, waiting)
        except (SessionsError, OSError):
            return error
        why = str(error).rstrip(".")
        return StoreError(f"{why}. What was not saved is in {path} until the next start.")

    async def _take_in_kept_aside(self) -> None:
        """Save what an earlier end had to keep elsewhere; what cannot be saved yet stays there."""
        aside = self._engine.unsaved
        for session_id in await asyncio.to_thread(aside.sessions) if aside else ():
            try:
                await self._save_kept_aside(session_id)
            except (SessionsError, OSError) as error:
                log.warning("What was kept of session %s cannot be saved: %s", session_id, error)

    async def _save_kept_aside(self, session_id: str) -> None:
        documents, aside = self._engine.documents, self._engine.unsaved
        if aside is None:
            return
        async with documents.edit(session_id) as document:
            if document.read_only:
                raise ReadOnlySession(session_id, "what was not saved of it waits.")
            with aside.taken(session_id) as changes:
                if changes:
                    await documents.commit(session_id, changes)
                    await documents.save(session_id)
            if changes:
                self._saved(await documents.read(session_id))

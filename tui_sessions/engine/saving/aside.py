"""Keeping elsewhere what the store did not take, as a program ends one day or is killed."""

from __future__ import annotations

import asyncio
import contextlib

from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.errors import SessionsError, StoreError
from tui_sessions.stores.unsaved_changes import UnsavedChanges


class Aside:
    """Keeps what waits of a session in another folder, where there is one."""

    def __init__(self, documents: OpenDocuments, unsaved: UnsavedChanges | None = None) -> None:
        self._documents = documents
        self._unsaved = unsaved
        self._held: set[str] = set()

    async def hold(self, session_id: str) -> None:
        """Keep what waits until it is saved: this program may be killed before."""
        waiting = self._documents.pending(session_id)
        if self._unsaved is not None and waiting:
            self._held.add(session_id)
            with contextlib.suppress(SessionsError, OSError):  # what waits is in memory still
                await asyncio.to_thread(self._unsaved.hold, session_id, waiting)

    async def release(self, session_id: str) -> None:
        """Forget what was held of a session, unless some of it waits still."""
        held = session_id in self._held and not self._documents.waits(session_id)
        if self._unsaved is not None and held:
            self._held.discard(session_id)
            await asyncio.to_thread(self._unsaved.release, session_id)

    async def keep(self, session_id: str, error: Exception) -> Exception:
        """Keep what the end could not save until the next start; gives the error to tell."""
        waiting = self._documents.pending(session_id)
        if self._unsaved is None or not waiting:
            return error
        try:
            path = await asyncio.to_thread(self._unsaved.put, session_id, waiting)
        except (SessionsError, OSError):
            return error
        self._held.discard(session_id)
        why = str(error).rstrip(".")
        return StoreError(f"{why}. What was not saved is in {path} until the next start.")

    async def drop(self, session_id: str) -> None:
        """Forget what was kept of a session that is gone for good."""
        if self._unsaved is not None:
            self._held.discard(session_id)
            await asyncio.to_thread(self._unsaved.drop, session_id)

"""What the disk did not take when it came: kept in memory, and saved once the disk has room."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tui_sessions.engine.documents.chats import chosen_chat
from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.engine.saving.aside import Aside
from tui_sessions.engine.saving.saving import Saving
from tui_sessions.errors import ReadOnlySession, SessionNotFound
from tui_sessions.model.changes import Change
from tui_sessions.model.spent import with_spent
from tui_sessions.model.surrogates import storable
from tui_sessions.model.unknown_keys import with_unknown_keys
from tui_sessions.stores.encoding import encode_changes

TRY_AGAIN_S = 5.0
"""Seconds until what could not be saved is tried again; twice as many after each failure."""
LONGEST_PAUSE_S = 60.0


class LateSaves:
    """Saving later what could not be saved when it came."""

    def __init__(self, documents: OpenDocuments, saving: Saving, aside: Aside) -> None:
        self._documents = documents
        self._saving = saving
        self._aside = aside
        self._waiting: dict[str, asyncio.Task[None]] = {}
        """What tries again to save a session that the disk did not take, by its id."""

    async def keep_reply(self, session_id: str, chat_id: str, changes: Sequence[Change]) -> None:
        """Keep a reply in memory that could not be saved, unless it never can be."""
        documents = self._documents
        try:
            async with documents.edit(session_id) as document:
                chosen_chat(document, chat_id)
                if document.read_only:
                    return
                changes = with_spent(document, with_unknown_keys(document, changes))
                changes = storable(changes)
                encode_changes(changes)
                await documents.keep_for_later(session_id, changes)
        except Exception:
            return  # the failure of the save was told
        await self._aside.hold(session_id)
        if session_id not in self._waiting:
            task = asyncio.create_task(self._save_late(session_id), name="sessions-late-save")
            self._waiting[session_id] = task

    def waits_for(self, session_id: str) -> bool:
        """Whether it is tried again and again to save a session."""
        return session_id in self._waiting

    def stop(self) -> None:
        """Try no more."""
        for late in list(self._waiting.values()):
            late.cancel()

    async def _save_late(self, session_id: str) -> None:
        """Try to save what waits of a session until that is done, by this or by another save."""
        documents, pause = self._documents, TRY_AGAIN_S
        try:
            while documents.waits(session_id):
                await asyncio.sleep(pause)
                if await self._is_saved(session_id):
                    return
                pause = min(2 * pause, LONGEST_PAUSE_S)
        finally:
            self._waiting.pop(session_id, None)
            await self._aside.release(session_id)

    async def _is_saved(self, session_id: str) -> bool:
        """Whether what waited is saved now, or cannot be any more."""
        try:
            async with self._documents.held(session_id):
                await self._saving.save_waiting(session_id)
        except (SessionNotFound, ReadOnlySession):
            self._documents.forget(session_id)
            return True
        except Exception:
            return False  # that was told when it failed first
        return True

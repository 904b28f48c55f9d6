"""What an earlier end could not save, and kept elsewhere: saved now."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.engine.saving.late_saves import LONGEST_PAUSE_S, TRY_AGAIN_S
from tui_sessions.engine.saving.saving import Saving
from tui_sessions.errors import CorruptSession, ReadOnlySession, SessionsError, StoreError
from tui_sessions.stores.base import Store
from tui_sessions.stores.unsaved_changes import UnsavedChanges

log = logging.getLogger(__name__)

AT_START_S = 0.25
"""Seconds that a start waits at most."""
_FOR_GOOD = (CorruptSession, ReadOnlySession)
"""What no later try changes."""


class LeftOver:
    """Saves what an earlier program left in the folder of what was not saved."""

    def __init__(
        self, store: Store, documents: OpenDocuments, saving: Saving, unsaved: UnsavedChanges
    ) -> None:
        self._store = store
        self._documents = documents
        self._saving = saving
        self._unsaved = unsaved
        self._taking_in: asyncio.Future[list[None]] | None = None

    async def take_in(self) -> None:
        """Save what an earlier end had to keep elsewhere.

        What cannot be saved at once, as another program holds the session, is saved in the
        background; until then it stays where it is.
        """
        kept = await asyncio.to_thread(self._unsaved.sessions)
        if not kept:
            return
        taking = asyncio.gather(*(self._take_in_late(session_id) for session_id in kept))
        self._taking_in = taking
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AT_START_S):
                await asyncio.shield(taking)

    async def leave(self) -> None:
        """Take nothing more in of what was kept elsewhere."""
        if self._taking_in is not None:
            self._taking_in.cancel()
            await asyncio.gather(self._taking_in, return_exceptions=True)

    async def _take_in_late(self, session_id: str) -> None:
        """Try to save what was kept of a session until that is done, or never can be."""
        pause = TRY_AGAIN_S
        while True:
            try:
                await self._save_patiently(session_id)
                return
            except (SessionsError, OSError) as error:
                log.warning("What was kept of session %s cannot be saved: %s", session_id, error)
                if not isinstance(error, (StoreError, OSError)) or isinstance(error, _FOR_GOOD):
                    return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _save_patiently(self, session_id: str) -> None:
        # It takes as long as another program holds the session, and may be given up at any moment.
        await self._store.load(session_id)
        saving = asyncio.ensure_future(self._save(session_id))
        try:
            await asyncio.shield(saving)
        except asyncio.CancelledError:
            # What is saved and yet stays there would be saved again the next time.
            await asyncio.gather(saving, return_exceptions=True)
            raise

    async def _save(self, session_id: str) -> None:
        documents = self._documents
        async with documents.edit(session_id) as document:
            if document.read_only:
                raise ReadOnlySession(session_id, "what was not saved of it waits.")
            with self._unsaved.taken(session_id) as changes:
                if changes:
                    await documents.commit(session_id, changes)
                    await documents.save(session_id)
            if changes:
                self._saving.saved(await documents.read(session_id))

"""Long sessions that are changed without ever being held as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tui_sessions.engine.documents.documents_in_memory import DocumentsInMemory
from tui_sessions.engine.kept_files import keep_changed
from tui_sessions.model.changes import Change, JournalEntry
from tui_sessions.model.clock import format_time, now
from tui_sessions.model.surrogates import storable
from tui_sessions.stores.base import CheckingStore, Skimming, Stored


class SkimmedDocuments(DocumentsInMemory):
    """Goes through documents that nobody has open, and commits changes to them."""

    async def skim(
        self, session_id: str, see: Callable[[str, dict[str, Any]], None]
    ) -> Stored | None:
        """Go through a long session that nobody has open; None for one that is to be read.

        Args:
            session_id: which.
            see: is given the id of a chat and the JSON of a message, in another thread.

        Returns:
            The session, most messages of which hold nothing but their id.
        """
        if not self._autosave or session_id in self._open:
            return None
        if not isinstance(self._store, Skimming):
            return None
        return await self._store.skim(session_id, see)

    async def commit_skimmed(
        self, skimmed: Stored, changes: Sequence[Change], *, anew: bool
    ) -> Stored | None:
        """Make changes of a session that was gone through durable; the caller holds its lock.

        Args:
            skimmed: as it was then.
            changes: what is to happen to it.
            anew: write it anew, with what was appended before; else append to it.

        Returns:
            The session after them; None where nothing was done, as it is another one now.
        """
        document, store = skimmed.document, self._store
        if not isinstance(store, Skimming) or not isinstance(store, CheckingStore):
            return None
        await self.keep_files(document.id, changes)
        changes, moment = storable(changes), now()
        work = store.rewrite_if if anew else store.append_if
        appended = await work(document.id, skimmed.version, changes, moment)
        if appended is None:
            return None
        document.apply_entry(entry_of(appended.revision, changes, moment))
        return Stored(document=document, version=appended.after)

    async def keep_files(self, session_id: str, changes: Sequence[Change]) -> None:
        """Put the data of pictures in changes into files, unless the changes wait in memory."""
        if self._autosave:
            await keep_changed(self._store, session_id, changes)


def entry_of(revision: int, changes: Sequence[Change], moment: datetime) -> JournalEntry:
    """Changes as one entry of a journal."""
    return JournalEntry(revision=revision, at=format_time(moment), changes=tuple(changes))

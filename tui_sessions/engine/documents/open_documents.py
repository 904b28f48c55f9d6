"""The documents in use: read once, kept current with the store, changed one at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tui_sessions.engine.documents.skimmed_documents import SkimmedDocuments, entry_of
from tui_sessions.engine.kept_files import keep_changed, keep_new
from tui_sessions.errors import ReadOnlySession, SessionNotFound
from tui_sessions.model.changes import Change, JournalEntry
from tui_sessions.model.clock import now
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.surrogates import storable
from tui_sessions.stores.base import Appended


class OpenDocuments(SkimmedDocuments):
    """Gives out current documents and commits changes to them.

    What another process changed is noticed by the store's version before every use. With `autosave`
    off, changes stay in memory until `save`; else what could not be saved goes with the next save.
    """

    async def read(self, session_id: str) -> SessionDocument:
        """The document as it is now; the caller does not change it.

        Raises:
            SessionNotFound: there is none.
            CorruptSession: it cannot be read.
        """
        version = await self._store.version(session_id)
        if version is None:
            self.forget(session_id)
            raise SessionNotFound(session_id)
        kept = self._open.get(session_id)
        if kept is not None and kept[1] == version:
            self._open.move_to_end(session_id)
            return kept[0]
        return await self._load(session_id)

    @asynccontextmanager
    async def edit(self, session_id: str) -> AsyncIterator[SessionDocument]:
        """Hold a document, current and for oneself, to look at it and then `commit` changes."""
        async with self.held(session_id):
            yield await self.read(session_id)

    async def commit(self, session_id: str, changes: Sequence[Change]) -> SessionDocument:
        """Make changes durable and apply them; the caller holds the session's lock.

        The data of pictures in them goes into files first, where the store keeps such.

        Returns:
            The document after them.
        """
        kept = self._open.get(session_id)
        if kept is not None and kept[0].read_only:
            raise ReadOnlySession(session_id)
        await self.keep_files(session_id, changes)
        changes = storable(changes)
        if not self._autosave:
            return await self.keep_for_later(session_id, changes)
        moment = now()
        waiting = await self._waiting(session_id)
        appended = await self._store.append(session_id, [*waiting, *changes], moment)
        self._pending.pop(session_id, None)
        if waiting or kept is None or kept[1] != appended.before:
            return await self._load(session_id)
        entry = entry_of(appended.revision, changes, moment)
        return self._take_in(kept[0], entry, appended)

    async def commit_if_current(
        self, document: SessionDocument, changes: Sequence[Change]
    ) -> SessionDocument | None:
        """Do the same in one go with the check whether what they were decided by is still current.

        Args:
            document: by which they were decided.
            changes: what is to happen to it.

        Returns:
            The document after the changes; None where nothing was done, as it has to be read first.
        """
        session_id = document.id
        kept, version = self._open.get(session_id, (None, ""))
        if self._checking is None or kept is not document or document.read_only:
            return None
        moment = now()
        await self.keep_files(session_id, changes)
        changes = storable(changes)
        try:
            waiting = await self._waiting(session_id)
            together = [*waiting, *changes]
            appended = await self._checking.append_if(session_id, version, together, moment)
        except SessionNotFound:
            self.forget(session_id)
            return None
        if appended is None:
            return None
        self._pending.pop(session_id, None)
        if waiting or appended.revision != document.revision + 1:
            return await self._load(session_id)
        return self._take_in(document, entry_of(appended.revision, changes, moment), appended)

    async def add(self, document: SessionDocument, files_of: str | None = None) -> None:
        """Save a new session; the document belongs to this object from now on.

        Args:
            document: the session.
            files_of: the session that has the files which its messages name.

        Raises:
            SessionExists: its id is taken.
        """
        await keep_new(self._store, document, files_of)
        version = await self._store.save(document, create=True)
        self._keep(document, version)

    async def save(self, session_id: str) -> None:
        """Write what waits in memory; the caller holds the session's lock."""
        changes = self._pending.get(session_id)
        if not changes:
            return
        await keep_changed(self._store, session_id, changes)
        await self._store.append(session_id, changes, now())
        self.forget(session_id)

    async def _load(self, session_id: str) -> SessionDocument:
        if session_id not in self._open:
            self._make_room()
        stored = await self._store.load(session_id)
        document = stored.document
        if pending := self._pending.get(session_id):
            _apply_unsaved(document, pending)
        self._keep(document, stored.version)
        return document

    async def keep_for_later(self, session_id: str, changes: Sequence[Change]) -> SessionDocument:
        """Apply changes in memory only, for a later save; the caller holds the session's lock."""
        document = await self.read(session_id)
        self._pending.setdefault(session_id, []).extend(changes)
        _apply_unsaved(document, changes)
        return document

    async def _waiting(self, session_id: str) -> Sequence[Change]:
        """What waits in memory and goes with the next save, ready for it."""
        waiting = self._pending.get(session_id, ())
        if waiting:
            await self.keep_files(session_id, waiting)
        return waiting

    def _take_in(
        self, document: SessionDocument, entry: JournalEntry, appended: Appended
    ) -> SessionDocument:
        document.apply_entry(entry)
        self.texts.note(document.id, entry.changes, appended.before, appended.after)
        self._open[document.id] = (document, appended.after)
        self._open.move_to_end(document.id)
        return document


def _apply_unsaved(document: SessionDocument, changes: Sequence[Change]) -> None:
    document.apply_entry(entry_of(document.revision + 1, changes, now()))

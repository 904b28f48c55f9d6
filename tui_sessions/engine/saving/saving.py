"""Making changes of sessions durable, and telling the catalog and whoever listens of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tui_sessions.engine.bus import EventBus
from tui_sessions.engine.documents.journal_pace import JournalPace
from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.engine.failure_reports import FailureReports
from tui_sessions.engine.full_text.indexing import Indexer
from tui_sessions.engine.saving.aside import Aside
from tui_sessions.index.catalog import Catalog
from tui_sessions.model.changes import Change
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import Deleted, Saved
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Store


class Saving:
    """Saves what was decided of sessions that are held, whatever workspace they are in."""

    def __init__(
        self,
        store: Store,
        documents: OpenDocuments,
        *,
        journals: JournalPace,
        catalog: Catalog,
        indexer: Indexer,
        bus: EventBus,
        reports: FailureReports,
        aside: Aside,
    ) -> None:
        self._store = store
        self._documents = documents
        self._journals = journals
        self._catalog = catalog
        self._indexer = indexer
        self._bus = bus
        self._reports = reports
        self._aside = aside

    async def commit(self, session_id: str, changes: Sequence[Change]) -> Session:
        """Make changes of a held session durable, and tell that it is saved."""
        with self._reports.telling(session_id, "save"):
            document = await self._documents.commit(session_id, changes)
        await self._left_in_journal(session_id)
        return self.saved(document)

    async def commit_if_current(self, document: SessionDocument, changes: Sequence[Change]) -> bool:
        """Do the same unless a session has changed since; False where nothing was done."""
        with self._reports.telling(document.id, "save"):
            committed = await self._documents.commit_if_current(document, changes)
        if committed is not None:
            await self._left_in_journal(document.id)
            self.note(committed)
        return committed is not None

    async def save_waiting(self, session_id: str) -> None:
        """Write what waits; the caller holds the session."""
        if self._documents.waits(session_id):
            await self.write_waiting(session_id)
            self.saved(await self._documents.read(session_id))

    async def write_waiting(self, session_id: str) -> None:
        """Do the same, and tell nobody of it."""
        await self._documents.save(session_id)
        await self._aside.release(session_id)

    def saved(self, document: SessionDocument) -> Session:
        """Note how a session is now, and tell of it unless that still waits in memory."""
        if not self._documents.waits(document.id):
            self.note(document)
        return document.session()

    def note(self, document: SessionDocument, version: str | None = None) -> None:
        """Tell the catalog and whoever listens how a session is in this version."""
        head = document.head
        known = self._documents.version(head.id) if version is None else version
        alike = self._documents.texts.found_alike(head.id, known)
        self._catalog.put(head, known, alike)
        if self._bus.hears("saved"):
            session = document.session()
            self._bus.emit(
                Saved(session_id=head.id, workspace_id=head.workspace_id, session=session)
            )

    def forget(
        self, session_id: str, workspace_id: str | None, *, purged: bool, tell: bool = True
    ) -> None:
        """Note that a session is gone, and tell of it.

        Args:
            session_id: the session's.
            workspace_id: where it was, as far as the catalog does not know.
            purged: it is gone for good.
            tell: somebody may have met it.
        """
        known = self._catalog.get(session_id)
        self._documents.forget(session_id)
        self._catalog.remove(session_id)
        if tell:
            place = known.workspace_id if known else workspace_id or ""
            self._bus.emit(Deleted(session_id=session_id, workspace_id=place, purged=purged))

    async def fold(self, session_id: str) -> None:
        """Bring a journal that was left into its document; a failure is only reported."""
        journals = self._journals
        try:
            async with self._documents.lock(session_id):
                with journals.writing(session_id):
                    await self.fold_held(session_id)
        except Exception as error:
            self._reports.report(session_id, error, "fold")

    async def fold_held(self, session_id: str) -> None:
        """Fold a session that is held; it is another version then, but the same session."""
        folded = await self._store.fold(session_id)
        if folded is None:
            return
        self._documents.texts.note(session_id, (), folded.before, folded.after)
        session, version = await asyncio.to_thread(self._catalog.versioned, session_id) or (
            None,
            "",
        )
        if session is not None and version == folded.before:
            alike = self._documents.texts.found_alike(session_id, folded.after)
            self._catalog.put(session, folded.after, alike)
            self._indexer.note()

    async def _left_in_journal(self, session_id: str) -> None:
        """Note that changes of a session are in its journal, and need no other place any more."""
        self._journals.leave(session_id)
        await self._aside.release(session_id)

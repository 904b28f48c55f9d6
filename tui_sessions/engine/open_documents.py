"""The documents in use: read once, kept current with the store, changed one at a time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from tui_sessions.engine.kept_files import keep_changed, keep_new
from tui_sessions.engine.text_versions import TextVersions
from tui_sessions.errors import ReadOnlySession, SessionNotFound
from tui_sessions.model.changes import Change, JournalEntry
from tui_sessions.model.clock import format_time, now
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.surrogates import storable
from tui_sessions.stores.base import Appended, CheckingStore, Skimming, Store, Stored

KEPT_DOCUMENTS, KEPT_MESSAGES = 12, 1_000
"""How many documents stay in memory once nobody uses them, and how many messages in all."""
_ALWAYS_KEPT = 2
"""Of the documents used last so many stay, however long: one goes to and fro between them."""


class OpenDocuments:
    """Gives out current documents and commits changes to them.

    What another process changed is noticed by the store's version before every use. With `autosave`
    off, changes stay in memory until `save`.
    """

    def __init__(
        self,
        store: Store,
        *,
        autosave: bool = True,
        turns: Collection[tuple[str, str]] = (),
    ) -> None:
        """Begin with none.

        Args:
            store: where they are read and changed.
            autosave: whether changes are made durable at once.
            turns: the sessions and chats in which a reply is on its way, as they come and go:
                each piece of it that is saved needs the document.
        """
        self._store = store
        self._turns = turns
        self._checking = store if autosave and isinstance(store, CheckingStore) else None
        self._autosave = autosave
        self._open: OrderedDict[str, tuple[SessionDocument, str]] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._pending: dict[str, list[Change]] = {}
        self.texts = TextVersions()
        """Which of the versions that were made here hold the same messages."""

    @property
    def checks(self) -> bool:
        """Whether `commit_if_current` can do anything."""
        return self._checking is not None

    def lock(self, session_id: str) -> asyncio.Lock:
        """What serialises all work on one session; it lives as long as somebody holds on to it."""
        lock = self._locks.get(session_id)
        if lock is None:
            lock = self._locks[session_id] = asyncio.Lock()
        return lock

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

    def peek(self, session_id: str) -> tuple[SessionDocument, str] | None:
        """A document that is in memory, and its version, which may not be the store's any more."""
        return self._open.get(session_id)

    def version(self, session_id: str) -> str:
        """The version of the document that was read or changed last."""
        kept = self._open.get(session_id)
        return kept[1] if kept else ""

    @asynccontextmanager
    async def edit(self, session_id: str) -> AsyncIterator[SessionDocument]:
        """Hold a document, current and for oneself, to look at it and then `commit` changes."""
        async with self.held(session_id):
            yield await self.read(session_id)

    def held(self, session_id: str) -> AbstractAsyncContextManager[None]:
        """Hold a session for oneself."""
        return _Held(self.lock(session_id), self._trim)

    async def commit(self, session_id: str, changes: Sequence[Change]) -> SessionDocument:
        """Make changes durable and apply them; the caller holds the session's lock.

        The data of pictures in them goes into files first, where the store keeps such.

        Returns:
            The document after them.
        """
        kept = self._open.get(session_id)
        if kept is not None and kept[0].read_only:
            raise ReadOnlySession(session_id, "its format is newer than this version writes.")
        await self.keep_files(session_id, changes)
        changes = storable(changes)
        if not self._autosave:
            return await self._keep_for_later(session_id, changes)
        moment = now()
        appended = await self._store.append(session_id, changes, moment)
        if kept is None or kept[1] != appended.before:
            return await self._load(session_id)
        entry = _entry(appended.revision, changes, moment)
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
        try:
            await self.keep_files(session_id, changes)
            entry = _entry(document.revision + 1, storable(changes), moment)
            ahead = partial(_take_in_ahead, document, entry)
            appended = await self._checking.append_if(
                session_id, version, entry.changes, moment, meanwhile=ahead
            )
        except BaseException as error:
            self.forget(session_id)  # it may hold what has not reached the disk
            if isinstance(error, SessionNotFound):
                return None
            raise
        if appended is None:
            return None
        if appended.revision != entry.revision:
            return await self._load(session_id)
        return self._take_in(document, entry, appended)

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
        document.apply_entry(_entry(appended.revision, changes, moment))
        return Stored(document=document, version=appended.after)

    async def keep_files(self, session_id: str, changes: Sequence[Change]) -> None:
        """Put the data of pictures in changes into files, unless the changes wait in memory."""
        if self._autosave:
            await keep_changed(self._store, session_id, changes)

    async def add(self, document: SessionDocument) -> None:
        """Save a new session; the document belongs to this object from now on.

        Raises:
            SessionExists: its id is taken.
        """
        await keep_new(self._store, document)
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

    def unsaved(self) -> list[str]:
        """The sessions whose changes wait in memory."""
        return list(self._pending)

    def waits(self, session_id: str) -> bool:
        """Whether changes of a session wait in memory."""
        return session_id in self._pending

    def workspace_of(self, session_id: str) -> str | None:
        """The workspace of a session in memory."""
        kept = self._open.get(session_id)
        return kept[0].workspace_id if kept else None

    def opened(self) -> list[str]:
        """The sessions in memory."""
        return list(self._open)

    def forget(self, session_id: str) -> None:
        """Let go of a document and of what was not saved of it."""
        self._open.pop(session_id, None)
        self._pending.pop(session_id, None)

    def release(self, session_id: str) -> None:
        """Keep a document no longer than it is held or not saved."""
        lock = self._locks.get(session_id)
        if session_id not in self._pending and not (lock is not None and lock.locked()):
            self._open.pop(session_id, None)

    async def _load(self, session_id: str) -> SessionDocument:
        stored = await self._store.load(session_id)
        document = stored.document
        if pending := self._pending.get(session_id):
            _apply_unsaved(document, pending)
        self._keep(document, stored.version)
        return document

    async def _keep_for_later(self, session_id: str, changes: Sequence[Change]) -> SessionDocument:
        document = await self.read(session_id)
        self._pending.setdefault(session_id, []).extend(changes)
        _apply_unsaved(document, changes)
        return document

    def _take_in(
        self, document: SessionDocument, entry: JournalEntry, appended: Appended
    ) -> SessionDocument:
        document.apply_entry(entry)
        self.texts.note(document.id, entry.changes, appended.before, appended.after)
        self._open[document.id] = (document, appended.after)
        self._open.move_to_end(document.id)
        return document

    def _keep(self, document: SessionDocument, version: str) -> None:
        self._open[document.id] = (document, version)
        self._open.move_to_end(document.id)
        self._trim()

    def _trim(self) -> None:
        """Let go of what was not used for longest, unless it is in use or not saved."""
        if len(self._open) <= _ALWAYS_KEPT:
            return
        messages = sum(document.length for document, _ in self._open.values())
        answering = {session_id for session_id, _ in self._turns}
        for session_id in list(self._open)[:-_ALWAYS_KEPT]:
            if len(self._open) <= KEPT_DOCUMENTS and messages <= KEPT_MESSAGES:
                break
            if session_id not in answering:
                messages -= self._open[session_id][0].length
                self.release(session_id)


class _Held:
    """A lock that is held, and what is done once it is let go of."""

    __slots__ = ("_afterwards", "_lock")

    def __init__(self, lock: asyncio.Lock, afterwards: Callable[[], None]) -> None:
        self._lock = lock
        self._afterwards = afterwards

    async def __aenter__(self) -> None:
        await self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
        self._afterwards()


def _apply_unsaved(document: SessionDocument, changes: Sequence[Change]) -> None:
    document.apply_entry(_entry(document.revision + 1, changes, now()))


def _entry(revision: int, changes: Sequence[Change], moment: datetime) -> JournalEntry:
    return JournalEntry(revision=revision, at=format_time(moment), changes=tuple(changes))


def _take_in_ahead(document: SessionDocument, entry: JournalEntry) -> None:
    """Apply what is on its way to the disk: to wait for the disk takes as long anyway."""
    # What does not fit is said by who applies it once it has arrived.
    with suppress(Exception):
        document.apply_entry(entry)
        _ = document.head

"""The documents that stay in memory for a while, and the locks of those who use them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from weakref import WeakValueDictionary

from tui_sessions.engine.documents.text_versions import TextVersions
from tui_sessions.model.changes import Change
from tui_sessions.model.document import SessionDocument
from tui_sessions.stores.base import CheckingStore, Store

KEPT_DOCUMENTS, KEPT_MESSAGES = 12, 1_000
"""How many documents stay in memory once nobody uses them, and how many messages in all."""
_ALWAYS_KEPT = 2
"""Of the documents used last so many stay, however long: one goes to and fro between them."""


class DocumentsInMemory:
    """Keeps documents, each with the version it was read in, and what was not saved of them."""

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

    def held(self, session_id: str) -> AbstractAsyncContextManager[None]:
        """Hold a session for oneself."""
        return _Held(self.lock(session_id), self._trim)

    def peek(self, session_id: str) -> tuple[SessionDocument, str] | None:
        """A document that is in memory, and its version, which may not be the store's any more."""
        return self._open.get(session_id)

    def version(self, session_id: str) -> str:
        """The version of the document that was read or changed last."""
        kept = self._open.get(session_id)
        return kept[1] if kept else ""

    def unsaved(self) -> list[str]:
        """The sessions whose changes wait in memory."""
        return list(self._pending)

    def waits(self, session_id: str) -> bool:
        """Whether changes of a session wait in memory."""
        return session_id in self._pending

    def pending(self, session_id: str) -> Sequence[Change]:
        """The changes of a session that wait in memory."""
        return tuple(self._pending.get(session_id, ()))

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

    def _keep(self, document: SessionDocument, version: str) -> None:
        self._open[document.id] = (document, version)
        self._open.move_to_end(document.id)
        self._trim()

    def _make_room(self) -> None:
        """Let go now of what will go with the next document, which is not read beside it then."""
        self._trim(_ALWAYS_KEPT - 1)

    def _trim(self, always_kept: int = _ALWAYS_KEPT) -> None:
        """Let go of what was not used for longest, unless it is in use or not saved."""
        if len(self._open) <= always_kept:
            return
        messages = sum(document.length for document, _ in self._open.values())
        answering = {session_id for session_id, _ in self._turns}
        for session_id in list(self._open)[:-always_kept]:
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

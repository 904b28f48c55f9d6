"""Reading sessions for the full-text index: whole from memory, or packed from the store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.errors import SessionNotFound, StoreError
from tui_sessions.index.base import ChatText
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.packed_messages import PackedMessages
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Skimming, Store, Stored

_DECODED_AT_ONCE = 200
"""Messages that may be decoded on the way without being felt."""


class ReadSession(NamedTuple):
    """A session that was read."""

    session: Session
    version: str
    document: SessionDocument | None = None
    """None of a long one, which is never held as a whole."""
    live: bool = False
    """Others use the document as well."""
    chats: Sequence[ChatText] = ()
    """The messages, where there is no document."""

    def texts(self) -> Sequence[ChatText]:
        """The messages of all chats, as they are at this moment."""
        if self.document is None:
            return self.chats
        return [
            ChatText(chat_id=chat["id"], messages=list(self.document.messages(chat["id"])))
            for chat in self.document.data["chats"]
        ]


class SessionReading:
    """Reads from memory what is open, else from the store, and long sessions packed."""

    def __init__(self, store: Store, documents: OpenDocuments) -> None:
        self._store = store
        self._skimming = store if isinstance(store, Skimming) else None
        self._documents = documents

    async def read(self, session_id: str) -> ReadSession | None:
        """A session as it is, from memory or from the store; None: it cannot be read."""
        try:
            opened = self._documents.peek(session_id)
            usable = opened and not self._documents.waits(session_id) and _is_decoded(opened[0])
            current = await self._store.version(session_id) if usable else None
            # One that a failed save has left behind may hold more than the store.
            if opened and current == opened[1] and self._documents.peek(session_id) == opened:
                return ReadSession(opened[0].session(), opened[1], opened[0], live=True)
            if opened is None and (packed := await self._packed(session_id)):
                return packed
            stored = await self._store.load(session_id)
        except (SessionNotFound, StoreError):
            return None
        return ReadSession(stored.document.session(), stored.version, stored.document)

    async def _packed(self, session_id: str) -> ReadSession | None:
        """A long session; None where it has to be loaded."""
        if self._skimming is None:
            return None
        packing = _Packing()
        skimmed = await self._skimming.skim(session_id, packing.see)
        return await asyncio.to_thread(packing.read, skimmed) if skimmed else None


class _Packing:
    """Takes the messages of a long session, packed."""

    def __init__(self) -> None:
        self._messages: dict[str, PackedMessages] = {}
        self._ids: dict[str, list[str]] = {}

    def see(self, chat_id: str, message: dict[str, Any]) -> None:
        """Take the JSON of a message."""
        self._messages.setdefault(chat_id, PackedMessages()).add(message)
        self._ids.setdefault(chat_id, []).append(message["id"])

    def read(self, skimmed: Stored) -> ReadSession | None:
        """The session; None where its journal has the messages in another order."""
        document = skimmed.document
        chats = []
        for chat in document.data["chats"]:
            there = [message["id"] for message in chat["messages"]]
            if there != self._ids.get(chat["id"], []):
                return None
            messages = self._messages.get(chat["id"], ())
            chats.append(ChatText(chat_id=chat["id"], messages=messages))
        return ReadSession(document.session(), skimmed.version, chats=chats)


def _is_decoded(document: SessionDocument) -> bool:
    return all(
        document.is_decoded(chat["id"]) or len(chat["messages"]) <= _DECODED_AT_ONCE
        for chat in document.data["chats"]
    )

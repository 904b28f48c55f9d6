"""Writing sessions into a tantivy index: only what differs from what is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from time import monotonic

import msgspec
import tantivy

from tui_sessions.giving_way import give_way
from tui_sessions.index.base import ChatText, IndexLost, SessionText
from tui_sessions.index.comparing import digests_of
from tui_sessions.index.inherited import Title, inherited_of
from tui_sessions.index.passages import passage_of, whole
from tui_sessions.index.schema import (
    KEY,
    OWNER,
    Marks,
    document_of,
    hash_of,
    key_of,
    shortened,
)
from tui_sessions.model.message import Message

_SMALL_HEAP, _LARGE_HEAP = 15_000_000, 40_000_000
"""Bytes; the smaller one is the least that tantivy takes."""
_MANY = 500
"""So many messages are worth the larger heap."""
_LOOK_S = 0.1
"""Seconds between two looks at whether to come to an end."""
_FOUND_AFTER, _FOUND_AFTER_S = 20_000, 5.0
"""Messages, and seconds, after which those that were put in can be found: nothing else can be put
in meanwhile, and what was found as one need not be merged."""

_encoder = msgspec.msgpack.Encoder()


class IndexWriting:
    """Puts sessions in, some after the others; what was put in is found from time to time."""

    def __init__(self, index: tantivy.Index, stopped: Callable[[], bool], messages: int) -> None:
        """Begin to write.

        Args:
            index: where to.
            stopped: whether to come to an end early; what was not written is told of as stale
                later.
            messages: how many come first: after many, more are likely.
        """
        self._index = index
        self._stopped = stopped
        index.reload()
        self._searcher = index.searcher()
        self._writer = index.writer(_LARGE_HEAP if messages > _MANY else _SMALL_HEAP, num_threads=1)
        self._unseen: set[str] = set()
        """Sessions that were put in or dropped without the searcher knowing of it."""
        self._differs = False
        """Something was put in or dropped since it was last made to be found."""
        self._messages = 0
        """How many were put in with them."""
        self._found_at = -_FOUND_AFTER_S
        """When they were made to be found last, by the monotonic clock; the first are so early."""

    def add(self, sessions: Sequence[SessionText], gone: Collection[str]) -> set[str]:
        """Put sessions in and drop others; gives those in which messages changed or went."""
        changed = set[str]()
        for session_id in gone:
            self._drop(session_id)
        for session in sessions:
            if self._stopped():
                break
            if session.session_id in self._unseen:
                self._commit()
            self._unseen.add(session.session_id)
            writer = _SessionWriter(self._writer, self._searcher, self._index.schema, session)
            writer.write()
            self._differs |= writer.wrote
            if writer.changed:
                changed.add(session.session_id)
            self._messages += session.message_count
        if self._messages >= _FOUND_AFTER and monotonic() - self._found_at >= _FOUND_AFTER_S:
            self._commit()
        return changed

    def _drop(self, session_id: str) -> None:
        owner, schema = key_of(session_id), self._index.schema
        if session_id in self._unseen or digests_of(self._searcher, schema, OWNER, owner):
            self._writer.delete_documents_by_term(OWNER, owner)
            self._unseen.add(session_id)
            self._differs = True

    def finish(self) -> None:
        """Have everything found, and small segments merged into larger ones."""
        try:
            self._commit()
        finally:
            self._let_merge()
        self._index.reload()

    def _commit(self) -> None:
        if self._differs:  # else others would take it for another index
            self._writer.commit()
        self._differs = False
        self._index.reload()
        self._searcher = self._index.searcher()
        self._unseen.clear()
        self._messages, self._found_at = 0, monotonic()

    def _let_merge(self) -> None:
        """Wait for what is being merged; it is given up at the end."""
        merging = threading.Thread(target=self._writer.wait_merging_threads, daemon=True)
        merging.start()
        while merging.is_alive() and not self._stopped():
            merging.join(_LOOK_S)


class _SessionWriter:
    """Writes one session."""

    def __init__(
        self,
        writer: tantivy.IndexWriter,
        searcher: tantivy.Searcher,
        schema: tantivy.Schema,
        session: SessionText,
    ) -> None:
        self._writer = writer
        self._searcher = searcher
        self._schema = schema
        self._session = session
        self._owner = key_of(session.session_id)
        self.changed = False
        """A message that was in is another now, or there no more."""
        self.wrote = False
        """Something of it was not in as it is."""

    def write(self) -> None:
        """Write what differs, and the session itself."""
        session = self._session
        stamp = key_of(session.stamp)
        if session.messages_as:
            self._write_title_of(session.messages_as, stamp)
            return
        written = _by_id(session.written or ())
        same = 0
        if written:
            same = sum(written.get((chat, each.id)) is each for chat, each in self._messages())
        by_memory = 2 * same > len(written)
        there = self._there(KEY if by_memory else OWNER)
        if there.pop(self._owner, None) == stamp:
            return  # another process was here before
        if by_memory:
            self._write_since(written)
        else:
            self._write_differing(there)
        self._write_title(stamp)

    def _write_title_of(self, stamps: Sequence[str], stamp: int) -> None:
        """Write what the session is called; its messages are in with one of some stamps.

        Raises:
            IndexLost: they are not any more.
        """
        there = self._there(KEY).get(self._owner)
        if there == stamp:
            return
        if there not in {key_of(each) for each in stamps}:
            raise IndexLost("Another process has written the same session.")
        self._write_title(stamp)

    def _write_title(self, stamp: int) -> None:
        self.wrote = True
        session, owner = self._session, self._owner
        title = Title(
            session_id=session.session_id,
            workspace_id=session.workspace_id,
            time=session.time.timestamp(),
            text=whole(session.title),
            inherited=inherited_of(session),
        )
        lender = key_of(session.parent_id) if session.parent_id else None
        marks = Marks(owner, owner, stamp, lender)
        self._writer.delete_documents_by_term(KEY, owner)
        self._writer.add_document(document_of(self._schema, title, marks, _encoder.encode(title)))

    def _there(self, field: str) -> dict[int, int]:
        """The digests, by key, of what the index holds with the session's number in a field."""
        return digests_of(self._searcher, self._schema, field, self._owner)

    def _write_differing(self, there: dict[int, int]) -> None:
        """Compare with what the index holds."""
        for chat_id, message in self._messages():
            self._put(chat_id, message, there)
        for key in there:
            self._remove(key)

    def _write_since(self, written: dict[tuple[str, str], Message]) -> None:
        """Compare with what was written last, which is much faster."""
        for chat_id, message in self._messages():
            before = written.pop((chat_id, message.id), None)
            if before is not message:
                self.changed |= before is not None
                self._put(chat_id, message, None)
        for chat_id, message_id in written:
            self._remove(self._key(chat_id, message_id))

    def _put(self, chat_id: str, message: Message, there: dict[int, int] | None) -> None:
        """Put a message in; what is there of it already is taken out of `there`."""
        give_way()
        session = self._session
        key = self._key(chat_id, message.id)
        passage = passage_of(
            message, session.session_id, session.workspace_id, chat_id, session.time
        )
        encoded = _encoder.encode(passage)
        digest = hash_of(encoded)
        before = None if there is None else there.pop(key, None)
        if before == digest:
            return
        if before is not None:
            self._remove(key)
        elif there is None:
            self._writer.delete_documents_by_term(KEY, key)
        kept = shortened(passage.text)
        if len(kept) < len(passage.text):
            encoded = _encoder.encode(msgspec.structs.replace(passage, text=kept))
        self._writer.add_document(
            document_of(self._schema, passage, Marks(self._owner, key, digest), encoded)
        )

    def _remove(self, key: int) -> None:
        self.changed = True
        self._writer.delete_documents_by_term(KEY, key)

    def _messages(self) -> Iterator[tuple[str, Message]]:
        for chat in self._session.chats:
            for message in chat.messages:
                yield chat.chat_id, message

    def _key(self, chat_id: str, message_id: str) -> int:
        return key_of(self._session.session_id, chat_id, message_id)


def _by_id(chats: Sequence[ChatText]) -> dict[tuple[str, str], Message]:
    return {(chat.chat_id, message.id): message for chat in chats for message in chat.messages}

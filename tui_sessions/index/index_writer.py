"""Writing sessions into a tantivy index: only what differs from what is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec
import tantivy

from tui_sessions.index.base import ChatText, Passage, SessionText
from tui_sessions.index.passages import passage_of, whole
from tui_sessions.index.schema import (
    DIGEST,
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
_LOOK_S = 0.1
_MANY = 2_000
"""So many messages are worth the larger heap."""
_MOST_IN_A_SESSION = 10_000_000

_encoder = msgspec.msgpack.Encoder()


def write_sessions(
    index: tantivy.Index,
    sessions: Sequence[SessionText],
    gone: Collection[str],
    stopped: Callable[[], bool],
) -> None:
    """Put sessions in and drop others.

    Args:
        index: where to.
        sessions: what is to be found.
        gone: the ids of what is not to be found any more.
        stopped: whether to come to an end early; what was not written is told of as stale later.
    """
    messages = sum(len(chat.messages) for session in sessions for chat in session.chats)
    heap = _LARGE_HEAP if messages > _MANY else _SMALL_HEAP
    index.reload()
    searcher = index.searcher()
    writer = index.writer(heap, num_threads=1)
    try:
        for session_id in gone:
            writer.delete_documents_by_term(OWNER, key_of(session_id))
        for session in sessions:
            if stopped():
                break
            _SessionWriter(writer, searcher, index.schema, session).write()
        writer.commit()
        index.reload()
    finally:
        _let_merge(writer, stopped)
    index.reload()


def _let_merge(writer: tantivy.IndexWriter, stopped: Callable[[], bool]) -> None:
    """Wait until small segments are merged into larger ones; it is given up at the end."""
    merging = threading.Thread(target=writer.wait_merging_threads, daemon=True)
    merging.start()
    while merging.is_alive() and not stopped():
        merging.join(_LOOK_S)


def digests_of(
    searcher: tantivy.Searcher, schema: tantivy.Schema, field: str, value: object, limit: int
) -> dict[int, int]:
    """The digests by key of all documents with that value."""
    query = tantivy.Query.const_score_query(
        tantivy.Query.term_query(schema, field, value, index_option="basic"), 1.0
    )
    found = searcher.search(query, limit=max(min(limit, searcher.num_docs), 1), count=False)
    places = [place for _, place in found.hits]
    if not places:
        return {}
    keys = searcher.fast_field_values(KEY, places)
    digests = searcher.fast_field_values(DIGEST, places)
    return {int(key or 0): int(digest or 0) for key, digest in zip(keys, digests, strict=True)}


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

    def write(self) -> None:
        """Write what differs, and the session itself."""
        session = self._session
        owner = self._owner
        stamp = key_of(session.stamp)
        if digests_of(self._searcher, self._schema, KEY, owner, 1).get(owner) == stamp:
            return  # another process was here before
        written = _by_id(session.written or ())
        same = sum(written.get((chat, each.id)) is each for chat, each in self._messages())
        if 2 * same > len(written):
            self._write_since(written)
        else:
            self._write_differing()
        title = Passage(
            session_id=session.session_id,
            workspace_id=session.workspace_id,
            time=session.time.timestamp(),
            text=whole(session.title),
        )
        self._writer.delete_documents_by_term(KEY, owner)
        self._writer.add_document(
            document_of(self._schema, title, Marks(owner, owner, stamp), _encoder.encode(title))
        )

    def _write_differing(self) -> None:
        """Compare with what the index holds."""
        there = digests_of(self._searcher, self._schema, OWNER, self._owner, _MOST_IN_A_SESSION)
        for chat_id, message in self._messages():
            self._put(chat_id, message, there)
        for key in there.keys() - {self._owner}:
            self._writer.delete_documents_by_term(KEY, key)

    def _write_since(self, written: dict[tuple[str, str], Message]) -> None:
        """Compare with what was written last, which is much faster."""
        for chat_id, message in self._messages():
            before = written.pop((chat_id, message.id), None)
            if before is not message:
                self._put(chat_id, message, None)
        for chat_id, message_id in written:
            self._writer.delete_documents_by_term(KEY, self._key(chat_id, message_id))

    def _put(self, chat_id: str, message: Message, there: dict[int, int] | None) -> None:
        """Put a message in; what is there of it already is taken out of `there`."""
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
        if there is None or before is not None:
            self._writer.delete_documents_by_term(KEY, key)
        kept = shortened(passage.text)
        if len(kept) < len(passage.text):
            encoded = _encoder.encode(msgspec.structs.replace(passage, text=kept))
        self._writer.add_document(
            document_of(self._schema, passage, Marks(self._owner, key, digest), encoded)
        )

    def _messages(self) -> Iterator[tuple[str, Message]]:
        for chat in self._session.chats:
            for message in chat.messages:
                yield chat.chat_id, message

    def _key(self, chat_id: str, message_id: str) -> int:
        return key_of(self._session.session_id, chat_id, message_id)


def _by_id(chats: Sequence[ChatText]) -> dict[tuple[str, str], Message]:
    return {(chat.chat_id, message.id): message for chat in chats for message in chat.messages}

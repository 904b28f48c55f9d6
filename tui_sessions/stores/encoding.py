"""The JSON text of sessions and of the changes to them, in both directions.

A document is laid out for people: a field a line, a message a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from tui_sessions.errors import StoreError
from tui_sessions.model.changes import Change, JournalEntry
from tui_sessions.model.clock import format_time
from tui_sessions.model.collecting import collector_paused
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.format import DocumentError, check_head
from tui_sessions.model.identifiers import is_id
from tui_sessions.model.surrogates import (
    json_with_halves,
    may_hold_halves,
    without_surrogates,
)
from tui_sessions.stores.slicing import decoded

MAX_DEPTH = 100
"""How deep the values of a change may nest: what is stored must be readable again."""
_BIG = 256 * 1024
BETWEEN_MESSAGES = b",\n    "
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MESSAGES_AT_ONCE = 256
Piece = bytes | memoryview
Text = Iterable[Piece]
"""A text in pieces, put together once at the end: a long one would be copied again and again."""
TextOfMessages = Callable[[Sequence[Any]], Text]
_encoder = msgspec.json.Encoder()
_entry_decoder = msgspec.json.Decoder(JournalEntry)


class UnreadableText(Exception):
    """Text that is not what was looked for; the message is a reason for a person."""


def encode_members(
    data: Mapping[str, Any], messages: TextOfMessages | None = None
) -> dict[str, Text]:
    """The text of each field of a document as it is now.

    That of the messages is made when it is gone through: they may take much memory.

    Args:
        data: the document's JSON.
        messages: what makes the text of a chat's messages; by default they are encoded.

    Raises:
        StoreError: one holds a value that JSON has no words for; for messages, then.
    """
    with _telling():
        return {key: _text_of(key, value, messages or Messages) for key, value in data.items()}


def join_members(members: Mapping[str, Text]) -> bytes:
    """The text of a document from the text of its fields."""
    return b"".join(member_pieces(members))


def member_pieces(members: Mapping[str, Text]) -> Iterator[Piece]:
    """The same in pieces, each of which is made when it is asked for."""
    yield from _joined(members, b"\n ")
    yield b"\n"


def encode_changes(changes: Sequence[Change]) -> bytes:
    """The text of changes.

    Raises:
        StoreError: one holds a value that JSON has no words for, or one nested too deep.
    """
    try:
        try:
            text = _encoder.encode(changes)
        except UnicodeEncodeError:
            text = _encoder.encode(without_surrogates(msgspec.to_builtins(changes)))
        _check_depth(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"the change cannot be written as JSON: {error}") from error
    return text


def entry_line(changes: bytes, revision: int, at: datetime) -> bytes:
    """A journal line, with its line end, from the text of its changes."""
    return b'{"revision":%d,"at":"%s","changes":%s}\n' % (
        revision,
        format_time(at).encode(),
        changes,
    )


def decode_json(text: bytes) -> Any:
    """The JSON value of a text; some editors put a byte order mark before it.

    Some programs cut texts amid a character; such halves become U+FFFD.

    Raises:
        UnreadableText: it is not JSON, not UTF-8, or nested too deep.
    """
    if not text[:_BIG].strip() and not text.strip():
        raise UnreadableText("the file is empty")
    try:
        with collector_paused(len(text) > _BIG):
            return _decoded_with_halves(text.removeprefix(BYTE_ORDER_MARK))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise UnreadableText(_reason(text, error)) from error


def _decoded_with_halves(text: bytes) -> Any:
    """The JSON value of a text in which halves of characters may stand; msgspec takes none."""
    try:
        return decoded(text)
    except msgspec.DecodeError:
        if not may_hold_halves(text):
            raise
        return json_with_halves(text)


def _entry_with_halves(line: bytes) -> JournalEntry:
    """The same for a line of a journal."""
    try:
        return _entry_decoder.decode(line)
    except msgspec.DecodeError:
        if not may_hold_halves(line):
            raise
        return msgspec.convert(json_with_halves(line), JournalEntry)


def decode_document(text: bytes, session_id: str, workspace_id: str) -> SessionDocument:
    """The session that a text stands for; its place gives it its id and its workspace.

    Raises:
        UnreadableText: it is not a session.
    """
    return document_in(decode_json(text), session_id, workspace_id)


def document_in(data: Any, session_id: str, workspace_id: str) -> SessionDocument:
    """The session that a JSON value stands for, which belongs to it from now on.

    Raises:
        UnreadableText: it is not a session.
    """
    if isinstance(data, dict):
        if is_id(data.get("id")):
            data["id"] = session_id
        data["workspace_id"] = workspace_id
    try:
        return SessionDocument(data)
    except (DocumentError, RecursionError) as error:
        raise UnreadableText(str(error)) from error


def decode_entry(line: bytes) -> JournalEntry:
    """The changes that a journal line stands for.

    Raises:
        UnreadableText: it is not a journal line.
    """
    try:
        return _entry_with_halves(line)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise UnreadableText(_reason(line, error)) from error


def apply_entries(document: SessionDocument, entries: Iterable[JournalEntry]) -> None:
    """Bring changes into a document.

    Raises:
        UnreadableText: they do not fit it.
    """
    session_id, begun = document.id, document.revision
    try:
        changed = [document.apply_entry(entry, begun) for entry in entries]
        if any(changed):
            check_head(document.data, session_id)
            document.session()
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise UnreadableText(f"a change does not fit the session: {error!r:.200}") from error


def lines_of(messages: Sequence[Any]) -> Piece:
    """The text of messages as it stands between the brackets of their list.

    Raises:
        StoreError: one holds a value that JSON has no words for.
    """
    with _telling():
        return memoryview(_lines(messages))[: -len(BETWEEN_MESSAGES)]


def _text_of(key: str, value: Any, messages: TextOfMessages) -> Text:
    return _Chats(value, messages) if key == "chats" else _value_text(value)


class _Chats:
    """The text of chats."""

    def __init__(self, chats: Sequence[Mapping[str, Any]], messages: TextOfMessages) -> None:
        self._chats = [
            {key: messages(v) if key == "messages" else _value_text(v) for key, v in chat.items()}
            for chat in chats
        ]

    def __iter__(self) -> Iterator[Piece]:
        begin = b"[\n  "
        for chat in self._chats:
            yield begin
            yield from _joined(chat, b"\n   ")
            begin = b",\n  "
        yield b"\n ]" if self._chats else b"[]"


class Messages:
    """The text of messages; whoever changes one puts another one in its place."""

    def __init__(self, messages: Sequence[Any]) -> None:
        self._messages = list(messages)

    def __iter__(self) -> Iterator[Piece]:
        begin = b"[\n    "
        for start in range(0, len(self._messages), _MESSAGES_AT_ONCE):
            lines = lines_of(self._messages[start : start + _MESSAGES_AT_ONCE])
            yield begin
            yield lines
            begin = BETWEEN_MESSAGES
        yield b"\n   ]" if self._messages else b"[]"


def _lines(messages: Sequence[Any]) -> bytes:
    try:
        lines = _encoder.encode_lines(messages)
    except UnicodeEncodeError:
        lines = _encoder.encode_lines(without_surrogates(messages))
    return lines.replace(b"\n", BETWEEN_MESSAGES)


def _value_text(value: Any) -> Text:
    try:
        return (_encoder.encode(value),)
    except UnicodeEncodeError:
        return (_encoder.encode(without_surrogates(value)),)


def _joined(members: Mapping[str, Text], indent: bytes) -> Iterator[Piece]:
    begin = b"{"
    for key, member in members.items():
        yield begin
        yield b"%s%s: " % (indent, *_value_text(key))
        yield from member
        begin = b","
    yield b"%s}" % indent[:-1]


@contextmanager
def _telling() -> Iterator[None]:
    """What cannot be encoded becomes an error that says so."""
    try:
        yield
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise StoreError(f"it cannot be written as JSON: {error}") from error


def _check_depth(line: bytes) -> None:
    if line.count(b"{") + line.count(b"[") <= MAX_DEPTH:
        return
    level: list[Any] = [msgspec.json.decode(line)]
    for _ in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise ValueError(f"a value nests deeper than {MAX_DEPTH} levels")


def _children(value: Any) -> Iterable[Any]:
    children = value.values() if isinstance(value, dict) else value
    return [child for child in children if isinstance(child, (dict, list))]


def _reason(text: bytes, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "it is UTF-16 text; save it as UTF-8"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return f"it is not what it should be: {error}"

"""A long document gone through message by message, while most of its text stays in its file.

That goes for documents as `encoding` lays them out, a message a line; any other has to be read as a
whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from tui_sessions.stores.encoding import BETWEEN_MESSAGES, Piece, lines_of
from tui_sessions.stores.single_files import read_from

See = Callable[[str, dict[str, Any]], None]
"""Is shown each message: the id of its chat, and its JSON."""
_LARGEST_REST = 4 * 1024 * 1024
"""Bytes that may lie outside of messages: with more it is some other layout."""
_BLOCK = 1024 * 1024
_AT_ONCE = 256
_MESSAGES = b'   "messages": [\n'
_MESSAGE = b"    {"
_CHAT = b"  {\n"
_CHAT_ID = b'   "id": '
_any = msgspec.json.Decoder()


class Unusual(Exception):
    """A document that is not laid out in lines, or damaged."""


class InPlace(dict[str, Any]):
    """A message of which only the id is held; its text stands in the file from start to end.

    If the messages are shown, it is held of it as well whether it is hidden.
    """

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int, **known: Any) -> None:
        super().__init__(known)
        self.start, self.end = start, end


class _Identity(msgspec.Struct, gc=False):
    id: str


_identity = msgspec.json.Decoder(_Identity)


def outlined(lines: Iterable[bytes], keep: Collection[str], see: See | None) -> Any:
    """The JSON of a document, most messages of which are in place.

    Args:
        lines: all of the document's text.
        keep: the ids of messages that are held whole, and not shown.
        see: is shown all others. The last of a chat that is not hidden is held whole then.

    Raises:
        Unusual: it has to be read as a whole.
    """
    outline = _Outline(keep, see)
    try:
        for line in lines:
            outline.take(line)
        return outline.value()
    except (msgspec.MsgspecError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise Unusual from error


class _Outline:
    """Takes the lines of a document; a number stands for each message until the end."""

    def __init__(self, keep: Collection[str], see: See | None) -> None:
        self._keep = keep
        self._see = see
        self._at = 0
        self._rest: list[bytes] = []
        self._rest_size = 0
        self._messages: list[dict[str, Any]] = []
        self._inside = False
        self._chat_id: str | None = None
        self._shown: tuple[int, dict[str, Any]] | None = None
        """The last message of the chat that is not hidden, and its number."""

    def take(self, line: bytes) -> None:
        start, self._at = self._at, self._at + len(line)
        if self._inside and line.startswith(_MESSAGE):
            self._take_message(line, start + len(_MESSAGE) - 1)
            return
        self._end_messages()
        self._rest.append(line)
        self._rest_size += len(line)
        if self._rest_size > _LARGEST_REST:
            raise Unusual
        if line == _MESSAGES:
            self._inside = True
        elif line == _CHAT:
            self._chat_id = None
        elif line.startswith(_CHAT_ID):
            self._chat_id = _any.decode(line.removeprefix(_CHAT_ID).rstrip(b",\n"))

    def value(self) -> Any:
        data = _any.decode(b"".join(self._rest))
        numbers: list[int] = []
        for chat in data["chats"]:
            numbers += chat["messages"]
            chat["messages"] = [self._messages[number] for number in chat["messages"]]
        if numbers != list(range(len(self._messages))):
            raise Unusual
        if len({message["id"] for message in self._messages}) < len(numbers):
            raise Unusual
        return data

    def _take_message(self, line: bytes, start: int) -> None:
        text = line[len(_MESSAGE) - 1 :].removesuffix(b"\n")
        whole = text.removesuffix(b",")
        number = len(self._messages)
        self._rest.append(b"%d%s" % (number, text[len(whole) :]))
        self._messages.append(self._message(whole, start, number))

    def _message(self, text: bytes, start: int, number: int) -> dict[str, Any]:
        message: dict[str, Any]
        if self._see is None:
            message_id = _identity.decode(text).id
            if message_id in self._keep:
                message = _any.decode(text)
                return message
            return InPlace(start, start + len(text), id=message_id)
        message = _any.decode(text)
        message_id, hidden = message["id"], message.get("hidden")
        if self._chat_id is None or not isinstance(message_id, str):
            raise Unusual
        if not hidden:
            self._shown = number, message
        if message_id in self._keep:
            return message
        self._see(self._chat_id, message)
        return InPlace(start, start + len(text), id=message_id, hidden=hidden)

    def _end_messages(self) -> None:
        self._inside = False
        if self._shown is not None:
            number, message = self._shown
            self._messages[number] = message
            self._shown = None


class PlacedMessages:
    """The text of messages, as much of it as is in place copied from the file."""

    def __init__(self, handle: int, messages: Sequence[dict[str, Any]]) -> None:
        self._handle = handle
        self._messages = messages

    def __iter__(self) -> Iterator[Piece]:
        begin = b"[\n    "
        for run in _runs(self._messages):
            yield begin
            first, last = run[0], run[-1]
            if isinstance(first, InPlace) and isinstance(last, InPlace):
                yield from self._copied(first.start, last.end)
            else:
                yield lines_of(run)
            begin = BETWEEN_MESSAGES
        yield b"\n   ]" if self._messages else b"[]"

    def _copied(self, start: int, end: int) -> Iterator[bytes]:
        while start < end:
            block = read_from(self._handle, start, min(start + _BLOCK, end))
            if not block:
                raise OSError("the file was cut while it was being read")
            yield block
            start += len(block)


def _runs(messages: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Messages that follow upon each other in the file, or that are all held whole."""
    run: list[dict[str, Any]] = []
    for message in messages:
        if run and not _follows(run, message):
            yield run
            run = []
        run.append(message)
    if run:
        yield run


def _follows(run: Sequence[dict[str, Any]], message: dict[str, Any]) -> bool:
    last = run[-1]
    if isinstance(last, InPlace) and isinstance(message, InPlace):
        return message.start == last.end + len(BETWEEN_MESSAGES)
    return type(last) is type(message) and len(run) < _AT_ONCE

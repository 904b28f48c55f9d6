"""The text of a fork's messages, copied from its parent's file instead of being made again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import msgspec

from tui_sessions.errors import CorruptSession
from tui_sessions.model.document import SessionDocument
from tui_sessions.stores.encoding import Messages, Piece, TextOfMessages
from tui_sessions.stores.known_sessions import version_of
from tui_sessions.stores.layout import Layout
from tui_sessions.stores.places import Places
from tui_sessions.stores.single_files import Signature, opened_file, read_from

_FEW = 50
"""So many messages are encoded sooner than a file is opened."""
_HEAD = _TAIL = 16 * 1024
"""Bytes before and after the messages, at most."""
_LONGEST = 16 * 1024 * 1024
"""Bytes that are held in memory for it, at most."""
_KEY = b'\n   "messages": '
_BEGIN, _END = b"[\n    {", b"}\n   ]"


def copied_messages(
    layout: Layout, places: Places, document: SessionDocument
) -> TextOfMessages | None:
    """What makes the text of the messages of a new document; None where they are to be encoded.

    Args:
        layout: where the parent's file may be.
        places: which workspace it is in.
        document: the new one.
    """
    twin, chats = document.twin, document.data["chats"]
    if twin is None or len(chats) != 1 or len(chats[0]["messages"]) < _FEW:
        return None
    keys = chats[0].keys() - {"inherited"}
    return lambda messages: _Copied(layout, places, twin, keys, messages)


class _Copied:
    """The text of messages as it stands in the file of another session, if it is that version."""

    def __init__(
        self,
        layout: Layout,
        places: Places,
        twin: tuple[str, str],
        keys: set[str],
        messages: Sequence[Any],
    ) -> None:
        self._layout = layout
        self._places = places
        self._session_id, self._version = twin
        self._keys = keys
        self._encoded = Messages(messages)

    def __iter__(self) -> Iterator[Piece]:
        copied = self._copied()
        return iter(self._encoded) if copied is None else iter((copied,))

    def _copied(self) -> bytes | None:
        """The text, if the file was that version from the beginning to the end."""
        file = self._opened()
        if file is None:
            return None
        with file:
            place = self._place(file.fileno())
            copied = None if place is None else read_from(file.fileno(), *place)
            return None if self._differs(file.fileno()) else copied

    def _opened(self) -> BinaryIO | None:
        try:
            workspace_id = self._places.recall(self._session_id)
            if workspace_id is None:
                return None
            return opened_file(self._layout.document(workspace_id, self._session_id))
        except (OSError, CorruptSession):
            return None

    def _differs(self, handle: int) -> bool:
        return version_of(Signature.of(os.fstat(handle)), None) != self._version

    def _place(self, handle: int) -> tuple[int, int] | None:
        """Where the messages stand in the file; None where that is not quite clear."""
        if self._differs(handle):
            return None
        size = os.fstat(handle).st_size
        if size > _LONGEST:
            return None
        head = read_from(handle, 0, min(_HEAD, size))
        tail_at = max(size - _TAIL, 0)
        tail = read_from(handle, tail_at, size)
        key, end = head.find(_KEY + _BEGIN), tail.rfind(_END)
        if key < 0 or end < 0:
            return None
        start, end = key + len(_KEY), end + len(_END)
        rest = b"%s0%s" % (head[:start], tail[end:])
        return (start, tail_at + end) if _holds(rest, self._keys) else None


def _holds(rest: bytes, keys: set[str]) -> bool:
    """Whether a document with a 0 for the messages of its chat has all else that this one has.

    What was taken for the messages is not more than these then, and not less.
    """
    try:
        data = msgspec.json.decode(rest)
        [chat] = data["chats"]
        return bool(chat["messages"] == 0) and isinstance(chat, Mapping) and keys <= chat.keys()
    except (msgspec.MsgspecError, ValueError, LookupError, TypeError, RecursionError):
        return False

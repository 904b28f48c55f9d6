"""What lists show of sessions, read from their documents without decoding their messages."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.errors import CorruptSession
from tui_sessions.model.collecting import collector_paused
from tui_sessions.model.format import DocumentError, check_document
from tui_sessions.model.heads import chat_head, session_of_heads
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Stamp
from tui_sessions.stores.glancing_at_once import Unusual, session_at_once
from tui_sessions.stores.known_sessions import version_of
from tui_sessions.stores.layout import DOCUMENT_SUFFIX, Layout
from tui_sessions.stores.single_files import read_file

_document = msgspec.json.Decoder(dict[str, msgspec.Raw])
_chats = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_messages = msgspec.json.Decoder(list[msgspec.Raw])
_any = msgspec.json.Decoder()


def glance(layout: Layout, stamps: Sequence[Stamp]) -> list[Session | None]:
    """Sessions as their documents have them; None for each that has to be loaded.

    That is so where it has changed since, has a journal, or is damaged or unusual in any way: what
    is wrong with it is then said by who loads it.
    """
    places = {stamp.workspace_id for stamp in stamps}
    folders = {place: str(layout.sessions(place)) for place in places}
    with collector_paused():
        return [_glance(folders[stamp.workspace_id], stamp) for stamp in stamps]


def _glance(folder: str, stamp: Stamp) -> Session | None:
    try:
        text, signature = read_file(f"{folder}{os.sep}{stamp.session_id}{DOCUMENT_SUFFIX}")
        if version_of(signature, None) != stamp.version:
            return None
        try:
            return session_at_once(text, stamp)
        except Unusual:
            return _session(text, stamp)
    except (OSError, CorruptSession, DocumentError, msgspec.MsgspecError, ValueError, KeyError):
        return None
    except (TypeError, AttributeError, RecursionError):
        return None


def _session(text: bytes, stamp: Stamp) -> Session:
    raw = _document.decode(text)
    chats = _chats.decode(raw.pop("chats"))
    data: dict[str, Any] = {key: _any.decode(value) for key, value in raw.items()}
    heads = [_head(chat) for chat in chats]
    check_document({**data, "chats": [{**head, "messages": []} for head in heads]})
    data |= {"id": stamp.session_id, "workspace_id": stamp.workspace_id}
    return session_of_heads(data, heads)


def _head(chat: dict[str, msgspec.Raw]) -> dict[str, Any]:
    messages = _RawMessages(_messages.decode(chat.pop("messages")))
    return chat_head({key: _any.decode(value) for key, value in chat.items()}, messages)


class _RawMessages(Sequence[Mapping[str, Any]]):
    """Messages that are decoded when they are looked at, which only the last ones are."""

    def __init__(self, raw: Sequence[msgspec.Raw]) -> None:
        if not all(bytes(memoryview(message)[:1]) == b"{" for message in raw):
            raise DocumentError("one of its messages is not an object")
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw)

    def __getitem__(self, place: Any) -> Any:
        return _any.decode(self._raw[place])

    def __reversed__(self) -> Iterator[Mapping[str, Any]]:
        return (_any.decode(message) for message in reversed(self._raw))

"""The last messages of a chat, read from the end of its document without reading the rest.

Where the end of a document may mean something else than the last messages of its active chat,
nothing is given: then the document has to be loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.errors import CorruptSession
from tui_sessions.model.changes import AddTo, MergeField, RemoveFrom, SetFields
from tui_sessions.model.document import preview_of
from tui_sessions.model.session import Chat, Session
from tui_sessions.stores.documents import Signature, read_end
from tui_sessions.stores.encoding import UnreadableText
from tui_sessions.stores.journal import entries_in
from tui_sessions.stores.layout import Layout
from tui_sessions.stores.session_reader import version_of

_LENGTHS = (64 * 1024, 1024 * 1024)
"""How many bytes are read, and how many where those hold too few messages."""
_ENOUGH = 16
"""Messages that are likely to fill a screen."""
_TRIES = 40
"""Places from which the end is read in vain before that is given up."""
_BEFORE = b'{"chats":[{"messages":['
"""What stands open where a message begins, whatever else was there."""
_BESIDE = SetFields | MergeField | AddTo | RemoveFrom
"""Changes that leave all messages as they are."""
_object = re.compile(rb"(?<=[\[,\s])\{(?=\s*\"id\")")
"""Where an object begins: within a text no word in quotes could follow the brace."""


def read_ending(layout: Layout, session: Session, version: str) -> list[dict[str, Any]] | None:
    """The JSON of the last messages of a session's active chat, from a prompt on.

    Args:
        layout: where the session's files are.
        session: as it is known in this version.
        version: the version that its files must have. With a journal in which messages or chats
            changed, it has to be loaded.
    """
    path = layout.document(session.workspace_id, session.id)
    try:
        journal, unchanged = _journal(layout.journal(session.workspace_id, session.id))
        if not unchanged:
            return None
        for length in _LENGTHS:
            text, signature = read_end(path, length)
            if version_of(signature, journal) != version or signature.size <= length:
                return None
            messages = _last_messages(text, session)
            if messages is not None and len(messages) >= _ENOUGH:
                return messages
    except (OSError, CorruptSession, UnreadableText):
        return None
    return None


def _journal(path: Path) -> tuple[Signature | None, bool]:
    """The signature of a journal, and whether the messages are still those of the document."""
    try:
        text, signature = read_end(path, _LENGTHS[0])
    except FileNotFoundError:
        return None, True
    if len(text) < signature.size:
        return signature, False
    part = entries_in(text, 0, signature.size)
    changes = (change for entry in part.entries for change in entry.changes)
    return signature, not part.torn and all(isinstance(one, _BESIDE) for one in changes)


def _last_messages(text: bytes, session: Session) -> list[dict[str, Any]] | None:
    """The messages of the active chat that the end of a document holds, from a prompt on."""
    for chats in _readings(text):
        messages = _of_active(chats, session)
        if messages is not None:
            return messages
    return None


def _readings(text: bytes) -> Iterator[list[Any]]:
    """The end of a document's chats, read from each place where a message may begin.

    Only from where one does begin, all that stands open is closed just at the end.
    """
    for number, place in enumerate(_object.finditer(text)):
        if number == _TRIES:
            return
        try:
            data = msgspec.json.decode(_BEFORE + text[place.start() :])
        except (msgspec.DecodeError, ValueError, RecursionError):
            continue
        if isinstance(data, dict) and isinstance(data.get("chats"), list):
            yield data["chats"]


def _of_active(chats: Sequence[Any], session: Session) -> list[dict[str, Any]] | None:
    first = len(session.chats) - len(chats)
    ids = [chat.id for chat in session.chats]
    if first < 0 or session.active_chat_id not in ids[first:]:
        return None
    place = ids.index(session.active_chat_id)
    for known, chat in zip(ids[first:], chats, strict=True):
        if not isinstance(chat, dict) or chat.get("id", known if chat is chats[0] else "") != known:
            return None
    found = chats[place - first].get("messages")
    return _checked(found, session.chats[place]) if isinstance(found, list) else None


def _checked(messages: list[Any], chat: Chat) -> list[dict[str, Any]] | None:
    """The messages from a prompt on, if they are those that the chat is known to end with."""
    if not all(isinstance(one, dict) and isinstance(one.get("id"), str) for one in messages):
        return None
    if len(messages) >= chat.message_count or preview_of(reversed(messages)) != chat.preview:
        return None
    prompts = (place for place, message in enumerate(messages) if _is_prompt(message))
    start = next(prompts, None)
    return None if start is None else messages[start:]


def _is_prompt(message: Mapping[str, Any]) -> bool:
    return message.get("role") == "user" and not message.get("hidden")

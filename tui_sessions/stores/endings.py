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
from tui_sessions.model.changes import (
    AddTo,
    ExtendMessage,
    JournalEntry,
    MergeField,
    PutMessage,
    RemoveFrom,
    SetFields,
    SetMessage,
)
from tui_sessions.model.heads import preview_of
from tui_sessions.model.session import Chat, Session
from tui_sessions.stores.encoding import UnreadableText
from tui_sessions.stores.ending_changes import changed_ending, revision_in
from tui_sessions.stores.journal import entries_in
from tui_sessions.stores.known_sessions import version_of
from tui_sessions.stores.layout import Layout
from tui_sessions.stores.single_files import Signature, read_end

_LENGTHS = (64 * 1024, 1024 * 1024)
"""How many bytes are read, and how many where those hold too few messages."""
_HEAD = 16 * 1024
"""Bytes at the beginning of a document that tell its revision."""
_ENOUGH = 16
"""Messages that are likely to fill a screen."""
_TRIES = 40
"""Places from which the end is read in vain before that is given up."""
_BEFORE = b'{"chats":[{"messages":['
"""What stands open where a message begins, whatever else was there."""
_BESIDE = SetFields | MergeField | AddTo | RemoveFrom
"""Changes that leave all messages as they are."""
_OF_MESSAGES = PutMessage | ExtendMessage | SetMessage
"""Changes that leave the messages in their places."""
_OUR_LINE = b'\n    {"'
"""What messages begin with in our own layout, each in one line, and no other object does."""
_object = re.compile(rb"(?<=[\[,\s])\{(?=\s*\"id\")")
"""Where an object begins: within a text no word in quotes could follow the brace."""


def read_ending(layout: Layout, session: Session, version: str) -> list[dict[str, Any]] | None:
    """The JSON of the last messages of a session's active chat, from a prompt on.

    Args:
        layout: where the session's files are.
        session: as it is known in this version.
        version: the version that its files must have. With a journal in which messages or chats
            went away, it has to be loaded.
    """
    path = layout.document(session.workspace_id, session.id)
    try:
        journal, entries = _journal(layout.journal(session.workspace_id, session.id))
        if entries is None or (entries and not _are_new(path, entries)):
            return None
        for length in _LENGTHS:
            text, signature = read_end(path, length)
            if version_of(signature, journal) != version or signature.size <= length:
                return None
            messages = _last_messages(text, session, entries)
            if messages is not None and len(messages) >= _ENOUGH:
                return messages
    except (OSError, CorruptSession, UnreadableText):
        return None
    return None


def _journal(path: Path) -> tuple[Signature | None, Sequence[JournalEntry] | None]:
    """The signature of a journal, and its entries, if any is about messages.

    No entries at all where they do more to messages than to add and to change them.
    """
    try:
        text, signature = read_end(path, _LENGTHS[1])
    except FileNotFoundError:
        return None, ()
    if len(text) < signature.size:
        return signature, None
    part = entries_in(text, 0, signature.size)
    changes = [change for entry in part.entries for change in entry.changes]
    if part.torn or not all(isinstance(one, _BESIDE | _OF_MESSAGES) for one in changes):
        return signature, None
    return signature, part.entries if any(isinstance(c, _OF_MESSAGES) for c in changes) else ()


def _are_new(path: Path, entries: Sequence[JournalEntry]) -> bool:
    """Whether a document surely holds none of these entries: after a crash it may hold them all."""
    with open(path, "rb") as file:
        revision = revision_in(file.read(_HEAD))
    return revision is not None and all(entry.revision > revision for entry in entries)


def _last_messages(
    text: bytes, session: Session, entries: Sequence[JournalEntry]
) -> list[dict[str, Any]] | None:
    """The messages of the active chat that the end of a document holds, from a prompt on."""
    for chats in _readings(text, ours=bool(entries)):
        messages = _of_active(chats, session, entries)
        if messages is not None:
            return messages
    return None


def _readings(text: bytes, *, ours: bool) -> Iterator[list[Any]]:
    """The end of a document's chats, read from each place where a message may begin.

    Only from where one does begin, all that stands open is closed just at the end. With `ours`,
    only what can be nothing else in our own layout is taken for a message.
    """
    places = (
        place for place in _object.finditer(text) if not ours or _is_our_line(text, place.start())
    )
    for number, place in enumerate(places):
        if number == _TRIES:
            return
        try:
            data = msgspec.json.decode(_BEFORE + text[place.start() :])
        except (msgspec.DecodeError, ValueError, RecursionError):
            continue
        if isinstance(data, dict) and isinstance(data.get("chats"), list):
            yield data["chats"]


def _is_our_line(text: bytes, place: int) -> bool:
    """Whether an object begins as messages do in our own layout, and nothing else does there."""
    return text.startswith(_OUR_LINE, place - _OUR_LINE.index(b"{"))


def _of_active(
    chats: Sequence[Any], session: Session, entries: Sequence[JournalEntry]
) -> list[dict[str, Any]] | None:
    first = len(session.chats) - len(chats)
    ids = [chat.id for chat in session.chats]
    if first < 0 or session.active_chat_id not in ids[first:]:
        return None
    place = ids.index(session.active_chat_id)
    for known, chat in zip(ids[first:], chats, strict=True):
        if not isinstance(chat, dict) or chat.get("id", known if chat is chats[0] else "") != known:
            return None
    found = chats[place - first].get("messages")
    if not isinstance(found, list) or not all(map(_is_message, found)):
        return None
    chat = session.chats[place]
    messages = changed_ending(found, chat.id, entries) if entries else found
    return None if messages is None else _checked(messages, chat)


def _is_message(data: object) -> bool:
    return isinstance(data, dict) and isinstance(data.get("id"), str)


def _checked(messages: list[Any], chat: Chat) -> list[dict[str, Any]] | None:
    """The messages from a prompt on, if they are those that the chat is known to end with."""
    if len(messages) >= chat.message_count or preview_of(reversed(messages)) != chat.preview:
        return None
    prompts = (place for place, message in enumerate(messages) if _is_prompt(message))
    start = next(prompts, None)
    return None if start is None else messages[start:]


def _is_prompt(message: Mapping[str, Any]) -> bool:
    return message.get("role") == "user" and not message.get("hidden")

"""What a journal makes of the last messages of a chat, where the others are not read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tui_sessions.model.changes import (
    Change,
    ExtendMessage,
    JournalEntry,
    PutMessage,
    SetMessage,
)
from tui_sessions.model.clock import parse_time
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.format import FORMAT

_revision = re.compile(rb'\n "revision": (\d+)')
"""In our own layout nothing else begins a line with one space and this key."""


def revision_in(head: bytes) -> int | None:
    """The revision of a document in our own layout, by its beginning; None where it is not seen."""
    found = _revision.search(head)
    return int(found[1]) if found else None


def changed_ending(
    messages: Sequence[dict[str, Any]], chat_id: str, entries: Sequence[JournalEntry]
) -> list[dict[str, Any]] | None:
    """The last messages of a chat after the entries of its session's journal.

    None where a change may concern a message that is not among them, or takes any away.
    """
    chat: dict[str, Any] = {"id": chat_id, "messages": list(messages)}
    data: dict[str, Any] = {
        "format": FORMAT,
        "id": "ending",
        "created_at": "1970-01-01T00:00:00Z",
        "chats": [chat],
    }
    document = SessionDocument(data)
    for entry in entries:
        ours = [one for one in entry.changes if _concerns_messages(one, chat_id)]
        for change in ours:
            if not _can_be_made(document, chat_id, change):
                return None
            document.apply_entry(
                JournalEntry(revision=document.revision + 1, at=entry.at, changes=(change,))
            )
    return [*chat["messages"]]


def _concerns_messages(change: Change, chat_id: str) -> bool:
    growing = isinstance(change, PutMessage | ExtendMessage | SetMessage)
    return growing and getattr(change, "chat", None) == chat_id


def _can_be_made(document: SessionDocument, chat_id: str, change: Change) -> bool:
    """Whether a change does the same to the last messages as to all of them."""
    if isinstance(change, SetMessage):
        return True  # of one further up, nothing is to be seen here
    if isinstance(change, ExtendMessage):
        return document.place_of(chat_id, change.message) is not None
    if not isinstance(change, PutMessage) or not isinstance(change.value.get("id"), str):
        return False
    if document.place_of(chat_id, change.value["id"]) is not None:
        return True
    # One that was written before the last may stand further up, and change there.
    messages = (document.chat_data(chat_id) or {})["messages"]
    at, last = (parse_time(one.get("created_at")) for one in (change.value, messages[-1]))
    return at is not None and last is not None and at > last

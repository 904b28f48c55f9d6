"""What can happen to a session's document: the lines of its journal."""

from __future__ import annotations

from typing import Any

import msgspec


class _Change(msgspec.Struct, frozen=True, kw_only=True, tag_field="op"):
    """What all changes have in common: the key `op` tells them apart in a journal."""


class SetFields(_Change, frozen=True, kw_only=True, tag="set"):
    """Fields of the session get new values; of the chat instead, where one is named."""

    fields: dict[str, Any]
    chat: str | None = None


class MergeField(_Change, frozen=True, kw_only=True, tag="merge"):
    """An object field takes keys over, and loses those under `remove`; its other keys stay."""

    field: str
    values: dict[str, Any] = {}
    remove: tuple[str, ...] = ()
    chat: str | None = None


class AddTo(_Change, frozen=True, kw_only=True, tag="add_to"):
    """A list field of the session gains a value at its end, unless it has it already."""

    field: str
    value: str


class RemoveFrom(_Change, frozen=True, kw_only=True, tag="remove_from"):
    """A list field of the session loses a value."""

    field: str
    value: str


class AddChat(_Change, frozen=True, kw_only=True, tag="add_chat"):
    """A chat is added, with the messages it may bring along."""

    value: dict[str, Any]


class RemoveChat(_Change, frozen=True, kw_only=True, tag="remove_chat"):
    """A chat goes; if it was active, the first that remains becomes active."""

    chat: str


class PutMessage(_Change, frozen=True, kw_only=True, tag="put_message"):
    """A message is added at the end, or takes the place of the one with its id."""

    chat: str
    value: dict[str, Any]


class ExtendMessage(_Change, frozen=True, kw_only=True, tag="extend_message"):
    """A message that is still arriving grows; text that follows text of its kind joins it."""

    chat: str
    message: str
    content: list[dict[str, Any]]


class SetMessage(_Change, frozen=True, kw_only=True, tag="set_message"):
    """Fields of a message get new values."""

    chat: str
    message: str
    fields: dict[str, Any]


class RemoveMessage(_Change, frozen=True, kw_only=True, tag="remove_message"):
    """A message goes; with `following`, all after it go too."""

    chat: str
    message: str
    following: bool = False


class ClearChat(_Change, frozen=True, kw_only=True, tag="clear"):
    """All messages of a chat go."""

    chat: str


MessageChange = PutMessage | ExtendMessage | SetMessage | RemoveMessage | ClearChat
"""What happens to the messages of a chat."""
Change = SetFields | MergeField | AddTo | RemoveFrom | AddChat | RemoveChat | MessageChange


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Changes that happen together or not at all, as one line of a journal.

    A document that holds the entry already has a `revision` of at least the entry's.
    """

    revision: int
    at: str
    changes: tuple[Change, ...]

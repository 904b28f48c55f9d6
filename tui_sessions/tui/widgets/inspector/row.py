"""What a row of the inspector says, and what can be done with it."""

from __future__ import annotations

import msgspec
from textual.content import Content


class Jump(msgspec.Struct, frozen=True):
    """The row leads to another session."""

    session_id: str
    chat_id: str | None = None
    message_id: str | None = None


class Edit(msgspec.Struct, frozen=True):
    """The row holds a value that can be changed."""

    field: str
    key: str | None = None
    """Which one, where the field holds several by name."""
    text: str = ""
    """The value as it is typed."""


class Act(msgspec.Struct, frozen=True):
    """The row is the way to something that is done elsewhere."""

    action: str
    """What the screen is asked to do, by the name of its action."""


class Copy(msgspec.Struct, frozen=True):
    """The row holds something worth copying."""


class Row(msgspec.Struct, frozen=True):
    """A name and a value."""

    id: str
    """Unique among the rows, and the same when the value changes."""
    name: str
    value: Content
    text: str = ""
    """What copying it gives."""
    action: Jump | Edit | Act | Copy | None = None


class Section(msgspec.Struct, frozen=True):
    """Rows under a heading."""

    title: str
    rows: tuple[Row, ...]

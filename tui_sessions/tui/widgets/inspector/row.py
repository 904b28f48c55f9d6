"""What a row of the inspector says, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content


@dataclass(frozen=True)
class Jump:
    """The row leads to another session."""

    session_id: str
    chat_id: str | None = None
    message_id: str | None = None


@dataclass(frozen=True)
class Edit:
    """The row holds a value that can be changed."""

    field: str
    key: str | None = None
    """Which one, where the field holds several by name."""
    text: str = ""
    """The value as it is typed."""


@dataclass(frozen=True)
class Copy:
    """The row holds something worth copying."""


@dataclass(frozen=True)
class Row:
    """A name and a value."""

    id: str
    """Unique among the rows, and the same when the value changes."""
    name: str
    value: Content
    text: str = ""
    """What copying it gives."""
    action: Jump | Edit | Copy | None = None


@dataclass(frozen=True)
class Section:
    """Rows under a heading."""

    title: str
    rows: tuple[Row, ...]

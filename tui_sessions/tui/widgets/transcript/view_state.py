"""Where a person was in a chat, to come back to."""

from __future__ import annotations

import msgspec


class ViewState(msgspec.Struct, frozen=True):
    """The cursor, the line at the top, the open folds, and whether the end was followed."""

    cursor: str | None = None
    top: str | None = None
    offset: int = 0
    following: bool = True
    opened: dict[str, frozenset[str]] = msgspec.field(default_factory=dict)

"""What a row of the tree stands for."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["workspace", "session", "chat", "archive", "problem"]


class Target(msgspec.Struct, frozen=True):
    """What the cursor is on, and what a message is about."""

    kind: Kind
    """`archive` is the row that a workspace's archived sessions are folded under."""
    workspace_id: str
    session_id: str | None = None
    chat_id: str | None = None
    path: str | None = None
    """The damaged file of a `problem`."""


class ProblemRow(msgspec.Struct, frozen=True):
    """A file that could not be read, to be listed at the end of its workspace."""

    path: str
    reason: str
    workspace_id: str
    session_id: str | None = None

"""What a row of the tree stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["workspace", "session", "chat", "archive", "problem"]


@dataclass(frozen=True, slots=True)
class Target:
    """What the cursor is on, and what a message is about."""

    kind: Kind
    """`archive` is the row that a workspace's archived sessions are folded under."""
    workspace_id: str
    session_id: str | None = None
    chat_id: str | None = None
    path: str | None = None
    """The damaged file of a `problem`."""


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A file that could not be read, to be listed at the end of its workspace."""

    path: str
    reason: str
    workspace_id: str
    session_id: str | None = None

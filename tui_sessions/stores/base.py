"""The protocol of a store: what the engine asks of whatever keeps the sessions.

A store keeps one JSON document a session (`SessionDocument`) and takes changes to it. It is safe to
use from several tasks at once; the engine does not call it for one session in parallel, but other
processes may. Every method checks ids before anything is made of them and raises `InvalidId`.
What cannot be done raises `StoreError` and leaves what was there before.

What a store may offer besides is in the protocols of `looking`, `changing`, `file_keeping` and
`sharing`; all their names are here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tui_sessions.model.changes import Change
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Workspace
from tui_sessions.stores.changing import CheckingStore, Skimming
from tui_sessions.stores.file_keeping import FileKeeping, SweepingStore
from tui_sessions.stores.looking import EndReading, Look, QuickStore
from tui_sessions.stores.sharing import ClaimingStore, CountingStore, ResolvingStore
from tui_sessions.stores.values import Appended, Problem, Stamp, Stored, Trashed

__all__ = [
    "Appended",
    "CheckingStore",
    "ClaimingStore",
    "CountingStore",
    "EndReading",
    "FileKeeping",
    "Look",
    "Problem",
    "QuickStore",
    "ResolvingStore",
    "Skimming",
    "Stamp",
    "Store",
    "Stored",
    "SweepingStore",
    "Trashed",
]


class Store(Protocol):
    """What persists sessions."""

    async def scan(self) -> list[Stamp]:
        """Every session there is, in any order, without reading them."""

    async def version(self, session_id: str) -> str | None:
        """The version there is now; None when there is no such session."""

    async def load(self, session_id: str) -> Stored:
        """Read a session; the document is the caller's own.

        Raises:
            SessionNotFound: there is none with that id.
            CorruptSession: there is one, but it cannot be read.
        """

    async def save(self, document: SessionDocument, *, create: bool = False) -> str:
        """Put a whole document in place, durably and all at once.

        Args:
            document: the session; it is not kept or changed.
            create: refuse when there is one with this id, be it damaged or in the trash.

        Returns:
            The version it has now.

        Raises:
            SessionExists: `create` was given and the id is taken.
            SessionNotFound: without `create`, when there is none (it may have been deleted).
            ReadOnlySession: what is there has a newer format.
        """

    async def append(self, session_id: str, changes: Sequence[Change], at: datetime) -> Appended:
        """Apply changes, durably and all or nothing, at a cost that does not grow with the chat.

        Raises:
            SessionNotFound: there is none (it may have been deleted meanwhile).
            ReadOnlySession: it has a newer format.
            CorruptSession: it cannot be read.
        """

    async def fold(self, session_id: str) -> Appended | None:
        """Bring what was appended into the document; nothing to do is no error.

        Returns:
            The version before and the one that this made, with nothing else changed; None where it
            stayed, or where that is not known.
        """

    async def move(self, session_id: str, workspace_id: str) -> None:
        """Give a session to another workspace."""

    async def delete(self, session_id: str) -> bool:
        """Put a session into the trash.

        Returns:
            Whether there was one.
        """

    async def undelete(self, session_id: str) -> None:
        """Bring a session back from the trash.

        Raises:
            SessionNotFound: it is not in the trash.
            SessionExists: another one has taken its id.
        """

    async def purge(self, session_id: str) -> bool:
        """Delete a session for good, from the trash or from its place.

        Returns:
            Whether there was one.
        """

    async def trash(self) -> list[Trashed]:
        """What can be brought back, the latest first."""

    async def problems(self) -> list[Problem]:
        """The files that could not be read when they were last looked at."""

    async def workspaces(self) -> list[Workspace]:
        """Every workspace, by name."""

    async def save_workspace(self, workspace: Workspace) -> None:
        """Create or change a workspace."""

    async def close(self) -> None:
        """Let go of everything; called twice is fine."""

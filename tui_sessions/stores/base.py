"""The protocol of a store: what the engine asks of whatever keeps the sessions.

A store keeps one JSON document a session (`SessionDocument`) and takes changes to it. It is safe to
use from several tasks at once; the engine does not call it for one session in parallel, but other
processes may. Every method checks ids before anything is made of them and raises `InvalidId`.
What cannot be done raises `StoreError` and leaves what was there before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import msgspec

from tui_sessions.model.changes import Change
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Session, Workspace


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """A session that a store holds, and the version of it that is there now."""

    session_id: str
    workspace_id: str
    version: str
    """Differs whenever the content differs; made without reading the content."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A document as it was read."""

    document: SessionDocument
    version: str


class Appended(msgspec.Struct, frozen=True, kw_only=True):
    """What a store says of changes that it took."""

    before: str
    """The version that the changes were applied to; another than the one known to the caller
    when somebody else changed the session meanwhile."""
    after: str
    revision: int
    """The revision that the changes made."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is damaged, foreign or in the way; it was left as it is."""

    path: str
    reason: str
    session_id: str | None = None
    workspace_id: str | None = None


class Trashed(msgspec.Struct, frozen=True, kw_only=True):
    """A deleted session that can be brought back."""

    session_id: str
    workspace_id: str
    label: str
    deleted_at: datetime


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the workspaces that may have changed has shown."""

    stamps: Sequence[Stamp]
    """The sessions of those that were looked through."""
    marks: dict[str, str]
    """Every workspace there is, each with what tells whether it has to be looked through again."""
    unchanged: frozenset[str] = frozenset()
    """Those that were passed over: their mark still held, or they were not asked for."""
    left: frozenset[str] = frozenset()
    """Those among them that are still to be looked through, as enough was seen before."""


@runtime_checkable
class QuickStore(Protocol):
    """A store that need not look at every session to find those that have changed.

    Without this, the engine scans the whole store and loads whole sessions for its lists.
    """

    async def look(
        self,
        marks: Mapping[str, str],
        *,
        only: Collection[str] | None = None,
        enough: int | None = None,
    ) -> Look:
        """Look through the workspaces that differ from their marks; through all without any.

        What is changed within a document, without its file being replaced, may be missed as long
        as the mark is given.

        Args:
            marks: what was told of the workspaces before.
            only: look through no others than these.
            enough: leave the rest for another look after so many sessions; what has changed last
                comes first.
        """

    async def glance(self, stamps: Sequence[Stamp]) -> list[Session | None]:
        """What lists show of these sessions; None for each that has to be loaded for it."""


@runtime_checkable
class FileKeeping(Protocol):
    """A store that keeps pictures and files beside a session's document instead of in it.

    Without this, or where `put_file` says no, their data stays in the messages. The names are those
    of `model.kept_files.file_name`, any other is refused; a file lasts as long as its session, and
    goes wherever that goes.
    """

    async def put_file(
        self, session_id: str, name: str, data: bytes, *, new: SessionDocument | None = None
    ) -> bool:
        """Keep a file durably, unless there is one of that name already.

        Args:
            session_id: whose it is.
            name: made from the data.
            data: what is in it.
            new: the session, where it is about to be saved for the first time.

        Returns:
            False: files of this session are not kept.

        Raises:
            SessionNotFound: there is no such session.
            SessionExists: with `new`, when the id is taken.
        """

    async def read_file(self, session_id: str, name: str) -> bytes:
        """What is in a file.

        Raises:
            SessionNotFound: there is no such session.
            FileNotKept: it has no such file.
        """

    async def list_files(self, session_id: str) -> list[str]:
        """The names of a session's files, in any order."""

    async def copy_files(self, source_id: str, new: SessionDocument, names: Sequence[str]) -> None:
        """Give a session that is about to be saved files of another one; missing ones are left out.

        Raises:
            SessionNotFound: there is no such source.
        """


@runtime_checkable
class SweepingStore(Protocol):
    """A store whose files may outlast the messages that named them."""

    async def sweep_files(self, workspace_id: str) -> list[str]:
        """Remove the files that nothing in their sessions names any more.

        Those of sessions that were changed within a day stay: a message may be brought back.

        Returns:
            The paths they had.
        """


@runtime_checkable
class CheckingStore(Protocol):
    """A store that tells by the way whether a session is still as its caller knows it.

    Without this, the engine asks for the version before every change.
    """

    async def append_if(
        self,
        session_id: str,
        version: str,
        changes: Sequence[Change],
        at: datetime,
        *,
        meanwhile: Callable[[], None] | None = None,
    ) -> Appended | None:
        """Apply changes as `append` does, but to this version only.

        Args:
            session_id: which.
            version: the only one that they are meant for.
            changes: what is to happen to it.
            at: when that is.
            meanwhile: may be called, in the caller's thread and before the answer, once the changes
                are on their way to the disk; they may still fail to arrive there.

        Returns:
            None where there is another version; then nothing was done.
        """


@runtime_checkable
class Skimming(Protocol):
    """A store that can go through a long session, and add to it, without ever holding all of it.

    Without this, a session is loaded to compare it with another.
    """

    async def skim(
        self, session_id: str, see: Callable[[str, dict[str, Any]], None]
    ) -> Stored | None:
        """Show the messages of a long session, one after the other.

        Args:
            session_id: which.
            see: is given the id of a chat and the JSON of a message, each message once, in another
                thread.

        Returns:
            The session, most messages of which hold nothing but their id; None for one that has to
            be loaded, be it that it is short. Then nothing that was shown counts.

        Raises:
            SessionNotFound: there is none with that id.
        """

    async def rewrite_if(
        self, session_id: str, version: str, changes: Sequence[Change], at: datetime
    ) -> Appended | None:
        """Apply changes to this version, and bring what was appended before into the document.

        Returns:
            None where there is another version, or where `skim` would give none; then nothing was
            done.
        """


@runtime_checkable
class EndReading(Protocol):
    """A store that can read the end of a long chat without the rest.

    Without this, a chat is shown once all of its session is loaded.
    """

    async def ending(self, session: Session, version: str) -> list[dict[str, Any]] | None:
        """The JSON of the last messages of a session's active chat, from a prompt on.

        Args:
            session: as it is known in this version.
            version: of the session.

        Returns:
            None where there is another version, or where the session has to be loaded to tell.
        """


@runtime_checkable
class CountingStore(Protocol):
    """A store that several processes may use, and that lets one of them create at a time.

    Without this, limits on the number of sessions hold within one manager.
    """

    def creating(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from creating sessions, or making them active, meanwhile.

        Raises:
            StoreError: another process does not let go.
        """


@runtime_checkable
class ClaimingStore(Protocol):
    """A store that several processes may use, and that lets one of them answer in a chat at a time.

    Without this, one turn at a time in a chat holds within one manager. What is taken is let go of
    when its process ends, however that comes: a chat must never stay taken by nobody.
    """

    async def claim_turn(self, session_id: str, chat_id: str) -> bool | None:
        """Take a chat for a turn, until `release_turn` or the end of the process.

        Returns:
            False: it is taken. None: it cannot be taken where the session is, as on a disk without
            locks; the turn goes on without.
        """

    def release_turn(self, session_id: str, chat_id: str) -> None:
        """Let go of a chat that was taken through this store; does not wait for a disk."""

    async def claimed_turns(self) -> list[tuple[str, str]]:
        """The chats that are taken, whoever has them, as pairs of session and chat id."""

    async def ask_to_stop(self, session_id: str, chat_id: str) -> None:
        """Have whoever has taken a chat stop its turn; does nothing where nobody has."""

    async def asked_to_stop(self, session_id: str, chat_id: str) -> bool:
        """Whether that was asked of a chat that is taken through this store."""


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

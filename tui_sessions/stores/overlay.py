"""A store with a second, forgetful one over it for temporary sessions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from typing import Any, cast

import msgspec

from tui_sessions.errors import FileNotKept, SessionExists
from tui_sessions.model.changes import Change, SetFields
from tui_sessions.model.codec import own_workspace
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Session, Workspace
from tui_sessions.stores.base import (
    Appended,
    CheckingStore,
    ClaimingStore,
    CountingStore,
    EndReading,
    FileKeeping,
    Look,
    Problem,
    QuickStore,
    ResolvingStore,
    Skimming,
    Stamp,
    Store,
    Stored,
    SweepingStore,
    Trashed,
)
from tui_sessions.stores.memory import MemoryStore


class OverlayStore:
    """Keeps temporary sessions in memory and all others, and the workspaces, in the store below.

    A session that is made permanent, or temporary, changes its store.
    """

    def __init__(self, below: Store, memory: MemoryStore | None = None) -> None:
        self._below = below
        self._checking = below if isinstance(below, CheckingStore) else None
        self._claiming = below if isinstance(below, ClaimingStore) else None
        self._skimming = below if isinstance(below, Skimming) else None
        self._memory = memory or MemoryStore()

    async def scan(self) -> list[Stamp]:
        """Every session of both stores."""
        return [*await self._memory.scan(), *await self._below.scan()]

    async def look(
        self,
        marks: Mapping[str, str],
        *,
        only: Collection[str] | None = None,
        enough: int | None = None,
    ) -> Look:
        """Look through what differs from its mark, as far as the store below can tell."""
        temporary = await self._memory.scan()
        if not isinstance(self._below, QuickStore):
            return Look(stamps=[*temporary, *await self._below.scan()], marks={})
        look = await self._below.look(marks, only=only, enough=enough)
        seen = [stamp for stamp in temporary if stamp.workspace_id not in look.unchanged]
        return msgspec.structs.replace(look, stamps=[*seen, *look.stamps])

    async def glance(self, stamps: Sequence[Stamp]) -> list[Session | None]:
        """What lists show of sessions, as far as the store below can tell at a glance."""
        if not isinstance(self._below, QuickStore):
            return [None] * len(stamps)
        return await self._below.glance(stamps)

    async def ending(self, session: Session, version: str) -> list[dict[str, Any]] | None:
        """The last messages of a session that is not temporary, where the store below can tell."""
        if session.temporary or not isinstance(self._below, EndReading):
            return None
        return await self._below.ending(session, version)

    def creating(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from creating sessions, where the store below can."""
        below = self._below
        return below.creating() if isinstance(below, CountingStore) else nullcontext()

    def resolving(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from making a session to go on with, where the store below can."""
        below = self._below
        return below.resolving() if isinstance(below, ResolvingStore) else nullcontext()

    async def version(self, session_id: str) -> str | None:
        """The version there is now; None when there is no such session."""
        return await (await self._home(session_id)).version(session_id)

    async def load(self, session_id: str) -> Stored:
        """Read a session; the document is the caller's own."""
        return await (await self._home(session_id)).load(session_id)

    async def save(self, document: SessionDocument, *, create: bool = False) -> str:
        """Put a whole document in place, in memory if it is temporary."""
        wanted = self._store_for(document)
        if not create:
            return await self._save_again(document, wanted)
        other: Store = self._below if wanted is self._memory else self._memory
        if await _holds(other, document.id):
            raise SessionExists(document.id)
        return await wanted.save(document, create=True)

    async def append(self, session_id: str, changes: Sequence[Change], at: datetime) -> Appended:
        """Apply changes where the session is."""
        home = await self._home(session_id)
        appended = await home.append(session_id, changes, at)
        if not _moves(changes):
            return appended
        document = (await home.load(session_id)).document
        after = await self._save_again(document, self._store_for(document))
        return Appended(before=appended.before, after=after, revision=appended.revision)

    async def append_if(
        self, session_id: str, version: str, changes: Sequence[Change], at: datetime
    ) -> Appended | None:
        """Apply changes where the session is, unless it has another version; None where it has."""
        home = await self._home(session_id)
        if home is self._checking and not _moves(changes):
            return await self._checking.append_if(session_id, version, changes, at)
        if await home.version(session_id) != version:
            return None
        return await self.append(session_id, changes, at)

    async def skim(
        self, session_id: str, see: Callable[[str, dict[str, Any]], None]
    ) -> Stored | None:
        """Show the messages of a long session one by one, where its store can."""
        if self._skimming is None or await self._home(session_id) is not self._skimming:
            return None
        return await self._skimming.skim(session_id, see)

    async def rewrite_if(
        self, session_id: str, version: str, changes: Sequence[Change], at: datetime
    ) -> Appended | None:
        """Write a long session anew with changes, where its store can."""
        home = await self._home(session_id)
        if not isinstance(home, Skimming) or _moves(changes):
            return None
        return await home.rewrite_if(session_id, version, changes, at)

    async def fold(self, session_id: str) -> Appended | None:
        """Bring what was appended into the document."""
        return await (await self._home(session_id)).fold(session_id)

    async def move(self, session_id: str, workspace_id: str) -> None:
        """Give a session to another workspace."""
        await (await self._home(session_id)).move(session_id, workspace_id)

    async def delete(self, session_id: str) -> bool:
        """Put a session into the trash of its store."""
        return await (await self._home(session_id)).delete(session_id)

    async def undelete(self, session_id: str) -> None:
        """Bring a session back from the trash."""
        await (await self._grave(session_id)).undelete(session_id)

    async def purge(self, session_id: str) -> bool:
        """Delete a session for good, from the trash or from its place."""
        return await (await self._grave(session_id)).purge(session_id)

    async def put_file(
        self, session_id: str, name: str, data: bytes, *, new: SessionDocument | None = None
    ) -> bool:
        """Keep a picture or file where the session is, if the store below keeps any."""
        if not isinstance(self._below, FileKeeping):
            return False
        home = await self._home(session_id) if new is None else self._store_for(new)
        return await _keeper(home).put_file(session_id, name, data, new=new)

    async def read_file(self, session_id: str, name: str) -> bytes:
        """What is in a file of a session."""
        home = await self._home(session_id)
        if not isinstance(home, FileKeeping):
            raise FileNotKept(session_id, name)
        return await home.read_file(session_id, name)

    async def list_files(self, session_id: str) -> list[str]:
        """The names of a session's files."""
        home = await self._home(session_id)
        return await home.list_files(session_id) if isinstance(home, FileKeeping) else []

    async def copy_files(self, source_id: str, new: SessionDocument, names: Sequence[str]) -> None:
        """Give a session that is about to be saved files of another one, whichever store has it."""
        home, target = await self._home(source_id), self._store_for(new)
        if not isinstance(self._below, FileKeeping):
            return
        if home is target:
            await _keeper(home).copy_files(source_id, new, names)
            return
        known = await _keeper(home).list_files(source_id)
        for name in filter(set(names).__contains__, known):
            data = await _keeper(home).read_file(source_id, name)
            await _keeper(target).put_file(new.id, name, data, new=new)

    async def sweep_files(self, workspace_id: str) -> list[str]:
        """Remove files that nothing refers to, where the store below can tell."""
        below = self._below
        return await below.sweep_files(workspace_id) if isinstance(below, SweepingStore) else []

    async def claim_turn(self, session_id: str, chat_id: str) -> bool | None:
        """Take a chat of the store below; a temporary session is nobody else's."""
        if self._claiming is None or await self._home(session_id) is self._memory:
            return None
        return await self._claiming.claim_turn(session_id, chat_id)

    def release_turn(self, session_id: str, chat_id: str) -> None:
        """Let go of a chat, also where the session has become temporary meanwhile."""
        if self._claiming is not None:
            self._claiming.release_turn(session_id, chat_id)

    async def claimed_turns(self) -> list[tuple[str, str]]:
        """The chats of the store below that are taken."""
        return [] if self._claiming is None else await self._claiming.claimed_turns()

    async def ask_to_stop(self, session_id: str, chat_id: str) -> None:
        """Have the turn in a chat of the store below stopped."""
        if self._claiming is not None:
            await self._claiming.ask_to_stop(session_id, chat_id)

    async def asked_to_stop(self, session_id: str, chat_id: str) -> bool:
        """Whether that was asked of a chat that was taken here."""
        return self._claiming is not None and await self._claiming.asked_to_stop(
            session_id, chat_id
        )

    async def trash(self) -> list[Trashed]:
        """What can be brought back from both stores, the latest first."""
        found = [*await self._memory.trash(), *await self._below.trash()]
        return sorted(found, key=lambda trashed: trashed.deleted_at, reverse=True)

    async def problems(self) -> list[Problem]:
        """What could not be read in the store below."""
        return await self._below.problems()

    async def workspaces(self) -> list[Workspace]:
        """Every workspace, by name; those that only temporary sessions are in as well."""
        found = {workspace.id: workspace for workspace in await self._memory.workspaces()}
        # A store of somebody else's may hand out what it keeps.
        below = map(own_workspace, await self._below.workspaces())
        found |= {workspace.id: workspace for workspace in below}
        return sorted(found.values(), key=lambda each: (each.name.casefold(), each.id))

    async def save_workspace(self, workspace: Workspace) -> None:
        """Create or change a workspace of the store below."""
        await self._below.save_workspace(workspace)

    async def close(self) -> None:
        """Let go of both stores."""
        await self._memory.close()
        await self._below.close()

    def _store_for(self, document: SessionDocument) -> Store:
        return self._memory if document.data.get("temporary") is True else self._below

    async def _home(self, session_id: str) -> Store:
        there = await self._memory.version(session_id) is not None
        return self._memory if there else self._below

    async def _grave(self, session_id: str) -> Store:
        """The store that has the session in its trash, or else in its place."""
        if any(trashed.session_id == session_id for trashed in await self._memory.trash()):
            return self._memory
        return await self._home(session_id)

    async def _save_again(self, document: SessionDocument, wanted: Store) -> str:
        """Save a session that is there, changing its store if it has to."""
        home = await self._home(document.id)
        if home is wanted:
            return await wanted.save(document)
        await home.save(document)
        if isinstance(self._below, FileKeeping):
            for name in await self.list_files(document.id):
                data = await self.read_file(document.id, name)
                await _keeper(wanted).put_file(document.id, name, data, new=document)
        version = await wanted.save(document, create=True)
        await home.purge(document.id)
        return version


def _keeper(store: Store) -> FileKeeping:
    """One of the two stores, where both keep files."""
    return cast(FileKeeping, store)


def _moves(changes: Sequence[Change]) -> bool:
    """Whether changes may give a session to the other store."""
    return any(isinstance(c, SetFields) and "temporary" in c.fields for c in changes)


async def _holds(store: Store, session_id: str) -> bool:
    if await store.version(session_id) is not None:
        return True
    return any(trashed.session_id == session_id for trashed in await store.trash())

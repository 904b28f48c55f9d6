"""Sessions as JSON files that belong to the person: the default store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tui_sessions.errors import StoreError
from tui_sessions.model.changes import Change
from tui_sessions.model.collecting import collector_paused
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.session import Session, Workspace
from tui_sessions.stores import locking
from tui_sessions.stores.base import Appended, Look, Problem, Stamp, Stored, Trashed
from tui_sessions.stores.copied_messages import copied_messages
from tui_sessions.stores.encoded_document import EncodedDocument
from tui_sessions.stores.encoding import encode_changes
from tui_sessions.stores.endings import read_ending
from tui_sessions.stores.glancing import glance
from tui_sessions.stores.inventory import Inventory
from tui_sessions.stores.kept_files import KeptFiles
from tui_sessions.stores.lasting_folder import LastingFolder
from tui_sessions.stores.layout import Layout
from tui_sessions.stores.locking import HeldElsewhere, locked
from tui_sessions.stores.patient_lanes import PatientLanes
from tui_sessions.stores.places import Places
from tui_sessions.stores.problems import ProblemList
from tui_sessions.stores.session_files import SessionFiles
from tui_sessions.stores.single_files import explain
from tui_sessions.stores.trash_files import TrashFiles
from tui_sessions.stores.turn_locks import TurnLocks
from tui_sessions.stores.unreferenced_files import UnreferencedFiles
from tui_sessions.stores.workspace_files import WorkspaceFiles

_FOLD_PATIENCE_S = 1.0
"""Seconds that a journal is tried to be folded: nobody who quits waits for a suspended program."""


class FileStore:
    """Keeps sessions in a folder that holds `workspaces/` and `trash/`, made when first needed."""

    def __init__(self, directory: Path) -> None:
        self.directory = Path(directory).absolute()
        self._layout = Layout(self.directory)
        self._folder = LastingFolder(self._layout.workspaces)
        self._places = Places(self._layout)
        self._problems = ProblemList()
        self._sessions = SessionFiles(self._layout, self._places, self._problems)
        self._trash = TrashFiles(self._layout, self._places, self._sessions)
        self._files = KeptFiles(self._layout, self._places, self._sessions)
        self._unreferenced = UnreferencedFiles(self._layout, self._sessions)
        self._workspaces = WorkspaceFiles(self._layout, self._problems)
        # Beside the workspaces: a session that is moved meanwhile stays taken.
        self._turns = TurnLocks(self.directory / ".turns")
        self._lanes = PatientLanes()

    async def scan(self) -> list[Stamp]:
        """Every session there is, in any order, without reading them."""
        return await self._lanes.run(None, self._scan)

    async def look(
        self,
        marks: Mapping[str, str],
        *,
        only: Collection[str] | None = None,
        enough: int | None = None,
    ) -> Look:
        """Look through the workspaces that differ from their marks."""
        return await self._lanes.run(None, lambda: self._look(marks, only, enough))

    async def glance(self, stamps: Sequence[Stamp]) -> list[Session | None]:
        """What lists show of sessions, read from their documents; None where that is not enough."""
        return await self._lanes.run(None, lambda: glance(self._layout, stamps))

    async def ending(self, session: Session, version: str) -> list[dict[str, Any]] | None:
        """The last messages of the active chat, read from the end of the document."""
        return await self._lanes.run(
            session.id, lambda: read_ending(self._layout, session, version)
        )

    async def version(self, session_id: str) -> str | None:
        """The version there is now; None when there is no such session."""
        return await self._lanes.run(session_id, lambda: self._sessions.version(session_id))

    async def load(self, session_id: str) -> Stored:
        """Read a session; the document is the caller's own."""
        return await self._lanes.run(session_id, lambda: self._sessions.load(session_id))

    async def save(self, document: SessionDocument, *, create: bool = False) -> str:
        """Put a whole document in place, durably and all at once."""
        work = self._create if create else self._sessions.save
        copied = copied_messages(self._layout, self._places, document) if create else None
        encoded = EncodedDocument.of(document, copied)
        return await self._lanes.run(document.id, lambda: work(encoded))

    async def append(self, session_id: str, changes: Sequence[Change], at: datetime) -> Appended:
        """Write changes as one line, durably and all or nothing."""
        text = encode_changes(changes)
        return await self._lanes.run(
            session_id, lambda: self._sessions.append(session_id, text, at)
        )

    async def append_if(
        self, session_id: str, version: str, changes: Sequence[Change], at: datetime
    ) -> Appended | None:
        """Write changes as one line, unless the session has another version; None where it has."""
        text = encode_changes(changes)
        work = partial(self._sessions.append_if, session_id, version, text, at)
        return await self._lanes.run_answering(session_id, work)

    async def skim(
        self, session_id: str, see: Callable[[str, dict[str, Any]], None]
    ) -> Stored | None:
        """Show the messages of a long session one by one; None where it has to be loaded."""
        return await self._lanes.run(session_id, lambda: self._sessions.skim(session_id, see))

    async def rewrite_if(
        self, session_id: str, version: str, changes: Sequence[Change], at: datetime
    ) -> Appended | None:
        """Copy a long session with changes into a new document, its journal folded in."""
        work = partial(self._sessions.rewrite_if, session_id, version, changes, at)
        return await self._lanes.run(session_id, work)

    async def fold(self, session_id: str) -> Appended | None:
        """Bring the journal into the document, unless another process holds the session."""
        # It is as safe in the journal, and whoever closes the session last folds it.
        with suppress(HeldElsewhere):
            fold = partial(self._sessions.fold, session_id)
            return await self._lanes.run(session_id, fold, patience_s=_FOLD_PATIENCE_S)
        return None

    async def move(self, session_id: str, workspace_id: str) -> None:
        """Give a session to another workspace."""
        check_id(workspace_id, "workspace id")
        await self._lanes.run(session_id, lambda: self._sessions.move(session_id, workspace_id))

    async def delete(self, session_id: str) -> bool:
        """Put a session into the trash, readable or not."""
        return await self._lanes.run(session_id, lambda: self._trash.delete(session_id))

    async def undelete(self, session_id: str) -> None:
        """Bring a session back from the trash."""
        await self._lanes.run(session_id, lambda: self._trash.undelete(session_id))

    async def purge(self, session_id: str) -> bool:
        """Delete a session for good, from the trash or from its place."""
        return await self._lanes.run(session_id, lambda: self._trash.purge(session_id))

    async def put_file(
        self, session_id: str, name: str, data: bytes, *, new: SessionDocument | None = None
    ) -> bool:
        """Write a picture or file into the folder beside the session's document."""
        place = new.workspace_id if new else None
        await self._lanes.run(session_id, lambda: self._files.put(session_id, name, data, place))
        return True

    async def read_file(self, session_id: str, name: str) -> bytes:
        """What is in a file beside a session."""
        return await self._lanes.run(session_id, lambda: self._files.read(session_id, name))

    async def list_files(self, session_id: str) -> list[str]:
        """The names of the files beside a session."""
        return await self._lanes.run(session_id, lambda: self._files.names(session_id))

    async def copy_files(self, source_id: str, new: SessionDocument, names: Sequence[str]) -> None:
        """Link files of a session into the folder of one that is about to be saved."""
        check_id(source_id, "session id")
        place = new.workspace_id
        await self._lanes.run(new.id, lambda: self._files.copy(source_id, new.id, place, names))

    async def sweep_files(self, workspace_id: str) -> list[str]:
        """Remove the files of a workspace that no message has named for a day."""
        check_id(workspace_id, "workspace id")
        return await self._lanes.run(None, lambda: self._unreferenced.sweep(workspace_id))

    async def trash(self) -> list[Trashed]:
        """What can be brought back, the latest first."""
        return await self._lanes.run(None, self._trash.list)

    async def problems(self) -> list[Problem]:
        """The files that could not be read when they were last looked at."""
        return await self._lanes.run(None, self._problems.all)

    async def workspaces(self) -> list[Workspace]:
        """Every workspace, by name."""
        return await self._lanes.run(None, self._workspaces.list)

    async def save_workspace(self, workspace: Workspace) -> None:
        """Create or change a workspace."""
        check_id(workspace.id, "workspace id")
        await self._lanes.run(None, lambda: self._save_workspace(workspace))

    def creating(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from creating sessions meanwhile, by a lock on a file."""
        return self._alone(".creating")

    def resolving(self) -> AbstractAsyncContextManager[None]:
        """Keep other processes from making a session to go on with, by another such lock."""
        return self._alone(".resolving")

    @asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        """Hold a lock on a file of that name."""
        with ExitStack() as held:
            taking = asyncio.ensure_future(asyncio.to_thread(self._take, held, name))
            try:
                await asyncio.shield(taking)
                yield
            finally:
                # A lock that is taken after all has to be let go of as well.
                await asyncio.wait([taking])

    async def claim_turn(self, session_id: str, chat_id: str) -> bool | None:
        """Take a chat for a turn by a lock on a file; None where that cannot be made or locked."""
        return await self._lanes.run(session_id, lambda: self._turns.take(session_id, chat_id))

    def release_turn(self, session_id: str, chat_id: str) -> None:
        """Let go of a chat, in its turn among what is done with its session."""
        self._turns.leave(session_id, chat_id)
        self._lanes.put(session_id, lambda: self._turns.release(session_id, chat_id))

    async def claimed_turns(self) -> list[tuple[str, str]]:
        """The chats with a locked file; those of processes that have died are none."""
        return await asyncio.to_thread(self._turns.taken)

    async def ask_to_stop(self, session_id: str, chat_id: str) -> None:
        """Leave word in a chat's locked file."""
        await asyncio.to_thread(self._turns.ask_to_stop, session_id, chat_id)

    async def asked_to_stop(self, session_id: str, chat_id: str) -> bool:
        """Whether somebody left word in a chat's file that is locked here."""
        asked = self._turns.is_asked_to_stop
        return await self._lanes.run(session_id, lambda: asked(session_id, chat_id))

    async def close(self) -> None:
        """Finish what was asked for, let go of all chats and end the threads."""
        await self._lanes.run(None, self._turns.release_all)
        await self._lanes.close()

    def _take(self, held: ExitStack, name: str) -> None:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            patience_s = locking.PATIENCE_S
            held.enter_context(locked(self.directory / name, patience_s=patience_s))
        except OSError as error:
            raise StoreError(explain(error), error.filename) from error

    def _create(self, document: EncodedDocument) -> str:
        self._folder.check()
        return self._sessions.create(document)

    def _save_workspace(self, workspace: Workspace) -> None:
        self._folder.check()
        self._workspaces.save(workspace)

    def _scan(self) -> list[Stamp]:
        return [*self._look({}).stamps]

    def _look(
        self,
        marks: Mapping[str, str],
        only: Collection[str] | None = None,
        enough: int | None = None,
    ) -> Look:
        self._folder.check()
        with collector_paused():
            inventory = Inventory(self._layout, marks, only=only, enough=enough)
        stamps = inventory.stamps
        self._problems.scanned(inventory.problems, inventory.unchanged)
        self._places.update(stamps)
        return Look(
            stamps=stamps,
            marks=inventory.marks,
            unchanged=frozenset(inventory.unchanged),
            left=frozenset(inventory.left),
        )

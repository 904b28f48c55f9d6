"""Sessions that live as long as the program."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from tui_sessions.errors import (
    CorruptSession,
    FileNotKept,
    ReadOnlySession,
    SessionExists,
    SessionNotFound,
)
from tui_sessions.model.changes import Change
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.kept_files import is_file_name
from tui_sessions.model.session import Workspace
from tui_sessions.stores.base import Appended, Problem, Stamp, Stored, Trashed
from tui_sessions.stores.encoding import (
    UnreadableText,
    apply_entries,
    decode_document,
    decode_entry,
    encode_changes,
    encode_members,
    entry_line,
    join_members,
)
from tui_sessions.stores.turns_in_memory import TurnsInMemory

NEWER = "it has a newer format than this version writes"
_FOLD_ABOVE = 1000
"""So many changes are applied to a document before it is read the next time."""


class _Record(msgspec.Struct):
    """A session as text, so that nobody else holds a part of it."""

    workspace_id: str
    text: bytes
    revision: int
    read_only: bool
    serial: int
    lines: list[bytes] = msgspec.field(default_factory=list)
    deleted_at: datetime | None = None


class MemoryStore(TurnsInMemory):
    """Keeps sessions in memory; they are lost when the program ends."""

    def __init__(self) -> None:
        super().__init__()
        self._records: dict[str, _Record] = {}
        self._trash: dict[str, _Record] = {}
        self._workspaces: dict[str, Workspace] = {}
        self._files: dict[str, dict[str, bytes]] = {}
        """By session id, also of those in the trash."""
        self._serial = 0

    def size(self) -> int:
        """How many sessions there are, the deleted ones left out."""
        return len(self._records)

    async def clear(self) -> None:
        """Forget everything, workspaces and trash too."""
        self._records.clear()
        self._trash.clear()
        self._workspaces.clear()
        self._files.clear()

    async def scan(self) -> list[Stamp]:
        """Every session there is, in any order."""
        return [
            Stamp(session_id=key, workspace_id=record.workspace_id, version=str(record.serial))
            for key, record in self._records.items()
        ]

    async def version(self, session_id: str) -> str | None:
        """The version there is now; None when there is no such session."""
        record = self._records.get(check_id(session_id, "session id"))
        return None if record is None else str(record.serial)

    async def load(self, session_id: str) -> Stored:
        """Read a session; the document is the caller's own."""
        record = self._record(session_id)
        return Stored(document=_read(session_id, record), version=str(record.serial))

    async def save(self, document: SessionDocument, *, create: bool = False) -> str:
        """Put a whole document in place."""
        session_id = document.id
        revision = document.revision
        check_id(document.workspace_id, "workspace id")
        if create and (session_id in self._records or session_id in self._trash):
            raise SessionExists(session_id)
        if not create:
            revision = max(revision, self._writable(session_id).revision)
        if document.read_only:
            raise ReadOnlySession(session_id, NEWER)
        text = join_members(encode_members(document.data))
        workspace_id = document.workspace_id if create else self._records[session_id].workspace_id
        record = _Record(workspace_id, text, revision, read_only=False, serial=self._next())
        self._records[session_id] = record
        return str(record.serial)

    async def append(self, session_id: str, changes: Sequence[Change], at: datetime) -> Appended:
        """Keep changes, to be applied when the session is read."""
        record = self._writable(session_id)
        line = entry_line(encode_changes(changes), record.revision + 1, at)
        before, record.serial = record.serial, self._next()
        record.revision += 1
        record.lines.append(line)
        if len(record.lines) > _FOLD_ABOVE:
            await self.fold(session_id)
        return Appended(before=str(before), after=str(record.serial), revision=record.revision)

    async def fold(self, session_id: str) -> None:
        """Bring what was appended into the document; the version stays."""
        record = self._records.get(check_id(session_id, "session id"))
        if record is not None and record.lines:
            record.text = join_members(encode_members(_read(session_id, record).data))
            record.lines = []

    async def move(self, session_id: str, workspace_id: str) -> None:
        """Give a session to another workspace."""
        record = self._record(session_id)
        record.workspace_id = check_id(workspace_id, "workspace id")
        record.serial = self._next()

    async def delete(self, session_id: str) -> bool:
        """Put a session into the trash."""
        record = self._records.pop(check_id(session_id, "session id"), None)
        if record is None:
            return False
        record.deleted_at = datetime.now(UTC)
        self._trash[session_id] = record
        return True

    async def undelete(self, session_id: str) -> None:
        """Bring a session back from the trash."""
        record = self._trash.get(check_id(session_id, "session id"))
        if record is None:
            raise SessionNotFound(session_id)
        self._records[session_id] = self._trash.pop(session_id)
        record.serial = self._next()

    async def purge(self, session_id: str) -> bool:
        """Forget a session for good, from the trash or from its place."""
        check_id(session_id, "session id")
        place = self._trash if session_id in self._trash else self._records
        if not (session_id in self._trash and session_id in self._records):
            self._files.pop(session_id, None)
        return place.pop(session_id, None) is not None

    async def put_file(
        self, session_id: str, name: str, data: bytes, *, new: SessionDocument | None = None
    ) -> bool:
        """Keep a picture or file of a session."""
        self._check_file(session_id, name, new)
        self._files.setdefault(session_id, {}).setdefault(name, data)
        return True

    async def read_file(self, session_id: str, name: str) -> bytes:
        """What is in a file of a session."""
        self._check_file(session_id, name, None)
        try:
            return self._files[session_id][name]
        except KeyError:
            raise FileNotKept(session_id, name) from None

    async def list_files(self, session_id: str) -> list[str]:
        """The names of a session's files."""
        self._record(session_id)
        return list(self._files.get(session_id, {}))

    async def copy_files(self, source_id: str, new: SessionDocument, names: Sequence[str]) -> None:
        """Give a session that is about to be saved files of another one."""
        self._record(source_id)
        known = self._files.get(source_id, {})
        for name in names:
            if name in known:
                await self.put_file(new.id, name, known[name], new=new)

    async def trash(self) -> list[Trashed]:
        """What can be brought back, the latest first."""
        found = [
            Trashed(
                session_id=key,
                workspace_id=record.workspace_id,
                label=_read(key, record).session().label,
                deleted_at=record.deleted_at or datetime.now(UTC),
            )
            for key, record in reversed(self._trash.items())
        ]
        return sorted(found, key=lambda trashed: trashed.deleted_at, reverse=True)

    async def problems(self) -> list[Problem]:
        """None: there are no files."""
        return []

    async def workspaces(self) -> list[Workspace]:
        """Every workspace, by name; one that was only named by a session has its id for a name."""
        named = {record.workspace_id for record in self._records.values()}
        made = {key: Workspace(id=key, name=key) for key in named} | self._workspaces
        found = copy.deepcopy(list(made.values()))
        return sorted(found, key=lambda workspace: (workspace.name.casefold(), workspace.id))

    async def save_workspace(self, workspace: Workspace) -> None:
        """Create or change a workspace."""
        check_id(workspace.id, "workspace id")
        self._workspaces[workspace.id] = copy.deepcopy(workspace)

    async def close(self) -> None:
        """Nothing has to be let go of."""

    def _record(self, session_id: str) -> _Record:
        record = self._records.get(check_id(session_id, "session id"))
        if record is None:
            raise SessionNotFound(session_id)
        return record

    def _check_file(self, session_id: str, name: str, new: SessionDocument | None) -> None:
        if not is_file_name(name):
            raise FileNotKept(session_id, name)
        if new is None:
            self._record(session_id)
        elif session_id in self._records or session_id in self._trash:
            raise SessionExists(session_id)

    def _writable(self, session_id: str) -> _Record:
        record = self._record(session_id)
        if record.read_only:
            raise ReadOnlySession(session_id, NEWER)
        return record

    def _next(self) -> int:
        self._serial += 1
        return self._serial


def _read(session_id: str, record: _Record) -> SessionDocument:
    try:
        document = decode_document(record.text, session_id, record.workspace_id)
        apply_entries(document, map(decode_entry, record.lines))
    except UnreadableText as error:
        raise CorruptSession(f"memory:{session_id}", str(error)) from error
    return document

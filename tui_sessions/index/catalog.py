"""What the tree, the lists and affinity need of every session, without reading the sessions."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tui_sessions.index.catalog_database import CatalogDatabase, CatalogLost
from tui_sessions.index.catalog_rows import Row, Traits, Wanted, newest_first, session_of
from tui_sessions.index.catalog_writing import LookedThrough, last_write, write
from tui_sessions.model.codec import own_session
from tui_sessions.model.collecting import collector_paused
from tui_sessions.model.session import Session

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MANY = 500
"""More rows than this are decoded with the collector off: it would look at them for nothing."""
_NOT_YET = 1 << 62


class WorkspaceCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many sessions a workspace has, and when one of them was last used."""

    workspace_id: str
    sessions: int
    newest: datetime


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """What has changed since a mark, be it by this process or by another."""

    mark: int
    sessions: Sequence[Session]
    removed: Sequence[str]


class Known(NamedTuple):
    """What is known of a session without its snapshot."""

    version: str
    workspace_id: str
    sequence: int
    """The number of the write that brought it; higher than any for what is not written yet."""


class _Put(NamedTuple):
    """A snapshot on its way into the database, or one that never gets there."""

    version: str
    session: Session


class CatalogState(msgspec.Struct, frozen=True, kw_only=True):
    """How the catalog stands at a moment."""

    sequence: int
    """The number of the last write."""
    sessions: int
    """How many there are, as far as was counted."""
    folders: dict[str, str]
    """The marks of the store's workspaces when they were last looked through."""


class Catalog:
    """Snapshots of all sessions, each with the version it was taken from.

    Kept in a database; what was just changed waits in memory until `flush`. All but `put`, `remove`
    and their like may wait for the disk and are meant for a thread.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Use the database at a path; in memory without one."""
        self._database = CatalogDatabase(path)
        self._waiting: dict[str, _Put | None] = {}
        self._writing: dict[str, _Put | None] = {}
        self._unkept: dict[str, _Put] = {}
        self._unreadable: dict[str, tuple[str, str]] = {}
        self._counted: tuple[object, list[tuple[str, int, int]]] = (None, [])
        """The workspaces' counts, and after which write they were taken."""
        self._own: set[int] = set()
        """The numbers of what was written from here since the last look."""
        self._told = self._told_before = self._times_lost = 0
        """The newest mark that was given, that of the databases that were lost, and how many."""

    def put(self, session: Session, version: str) -> None:
        """Take a snapshot in; one that may not, or cannot, be kept stays in memory.

        Nothing in it may be changed any more. Its row is made when it is written: whoever has just
        saved a message waits for this, and the next one may follow at once.
        """
        self._unreadable.pop(session.id, None)
        put = _Put(version, session)
        if session.temporary:
            self._waiting[session.id] = None
            self._unkept[session.id] = put
        else:
            self._waiting[session.id] = put
            self._unkept.pop(session.id, None)

    def put_unreadable(self, session_id: str, workspace_id: str, version: str) -> None:
        """Do not ask for this session again while it has this version."""
        self._drop(session_id)
        self._unreadable[session_id] = (version, workspace_id)

    def remove(self, session_id: str) -> None:
        """Forget a session."""
        # The row of one that could not be read is gone; another process may have made a new one.
        if self._unreadable.pop(session_id, None) is None:
            self._drop(session_id)

    def get(self, session_id: str) -> Session | None:
        """The snapshot of one session."""
        recent = self._recent(session_id)
        if recent is not None:
            return recent[0]
        select = "SELECT snapshot FROM sessions WHERE id = ?"
        try:
            row = self._database.run(lambda db: db.execute(select, [session_id]).fetchone())
            return session_of(row[0]) if row else None
        except (CatalogLost, msgspec.MsgspecError):
            return None

    def versioned(self, session_id: str) -> tuple[Session, str] | None:
        """The snapshot of one session, and the version it was taken from."""
        for puts in (self._unkept, self._waiting, self._writing):
            if session_id in puts:
                put = puts[session_id]
                return (own_session(put.session), put.version) if put else None
        select = "SELECT snapshot, version FROM sessions WHERE id = ?"
        try:
            row = self._database.run(lambda db: db.execute(select, [session_id]).fetchone())
            return (session_of(row[0]), row[1]) if row else None
        except (CatalogLost, msgspec.MsgspecError):
            return None

    def find(self, wanted: Wanted, limit: int | None = None) -> list[Session]:
        """The sessions that are wanted, newest activity first.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        recent = self._all_recent()
        # What is in memory is newer than its row: as many rows more may have to be left out.
        room = None if limit is None else limit + len(recent)

        def read(db: sqlite3.Connection) -> list[Session]:
            with collector_paused(room is None or room > _MANY):
                if room is None:
                    return _all_sessions(db, wanted, recent)
                rows = _first_rows(db, wanted, room)
                return [session_of(row[-1]) for row in rows if row[-2] not in recent]

        found = self._database.run(read)
        found += [s for s in recent.values() if s is not None and wanted.fits(s)]
        if recent:
            found.sort(key=newest_first, reverse=True)
        return found[:limit]

    def count(self, wanted: Wanted) -> int:
        """How many sessions are wanted.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        if recent := self._all_recent():
            statement, values = wanted.statement("id")
            rows = self._database.run(lambda db: db.execute(statement, values).fetchall())
            stored = sum(row[0] not in recent for row in rows)
            return stored + sum(s is not None and wanted.fits(s) for s in recent.values())
        statement, values = wanted.statement("count(*)")
        return int(self._database.run(lambda db: db.execute(statement, values).fetchone())[0])

    def split(self, fits: Callable[[Traits], bool]) -> tuple[list[str], list[str]]:
        """The ids of the sessions whose traits fit, and those of all others.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        select = "SELECT user_id, state, tags, id FROM sessions"
        recent = self._all_recent()
        rows = self._database.run(lambda db: db.execute(select).fetchall())
        fitting: list[str] = []
        others: list[str] = []
        known: dict[tuple[str, str, str], bool] = {}
        for *traits, session_id in rows:
            key = (traits[0], traits[1], traits[2])
            if key not in known:
                known[key] = fits(Traits.of_columns(*key))
            if session_id not in recent:
                (fitting if known[key] else others).append(session_id)
        for session in recent.values():
            if session is not None:
                (fitting if fits(Traits.of(session)) else others).append(session.id)
        return fitting, others

    def workspaces(self, *, lasting: bool = False) -> list[WorkspaceCount]:
        """The workspaces that have sessions, in no particular order.

        Args:
            lasting: leave the temporary sessions out.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        self.flush()
        rows = self._database.run(self._counts)
        counted = {row[0]: (row[1], _EPOCH + timedelta(microseconds=row[2])) for row in rows}
        for _, session in self._unkept.values():
            if lasting and session.temporary:
                continue
            number, newest = counted.get(session.workspace_id, (0, session.last_active_at))
            counted[session.workspace_id] = (number + 1, max(newest, session.last_active_at))
        return [
            WorkspaceCount(workspace_id=workspace_id, sessions=number, newest=newest)
            for workspace_id, (number, newest) in counted.items()
        ]

    def _counts(self, db: sqlite3.Connection) -> list[tuple[str, int, int]]:
        """How many sessions each workspace has; counted again after a write only."""
        at = (id(db), last_write(db))
        if self._counted[0] != at:
            select = (
                "SELECT workspace_id, count(*), max(active) FROM sessions GROUP BY workspace_id"
            )
            self._counted = (at, db.execute(select).fetchall())
        return self._counted[1]

    def differences(self, mark: int) -> Differences:
        """What has changed in the database since a mark; since 0, only the mark itself.

        Marks never go back: in a database that took the place of another all is new.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        self.flush()

        def read(db: sqlite3.Connection) -> Differences:
            if self._times_lost != self._database.times_lost:
                self._times_lost, self._told_before = self._database.times_lost, self._told
            self._told = newest = self._told_before + last_write(db)
            if not mark or newest <= mark:
                return Differences(mark=newest, sessions=(), removed=())
            after, since = "WHERE sequence > ?", [max(mark - self._told_before, 0)]
            rows = db.execute(f"SELECT snapshot FROM sessions {after}", since).fetchall()  # noqa: S608
            gone = db.execute(f"SELECT id FROM removed {after}", since).fetchall()  # noqa: S608
            with collector_paused(len(rows) > _MANY):
                sessions = [session_of(row[0]) for row in rows]
            return Differences(mark=newest, sessions=sessions, removed=[row[0] for row in gone])

        return self._database.run(read)

    def state(self, count_up_to: int) -> CatalogState:
        """How things stand before the store is looked at.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        self.flush()

        def read(db: sqlite3.Connection) -> CatalogState:
            some = "SELECT count(*) FROM (SELECT 1 FROM sessions LIMIT ?)"
            return CatalogState(
                sequence=last_write(db),
                sessions=db.execute(some, [count_up_to]).fetchone()[0],
                folders=dict(db.execute("SELECT workspace_id, mark FROM folders").fetchall()),
            )

        return self._database.run(read)

    def versions(self, workspaces: Collection[str] | None = None) -> dict[str, Known]:
        """What is known of the sessions of some workspaces, or of all.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        select = "SELECT id, version, workspace_id, sequence FROM sessions"

        def read(db: sqlite3.Connection) -> list[tuple[str, str, str, int]]:
            if workspaces is None:
                return db.execute(select).fetchall()
            one = f"{select} WHERE workspace_id = ?"
            found = (db.execute(one, [place]).fetchall() for place in workspaces)
            return list(itertools.chain.from_iterable(found))

        known = {row[0]: Known(*row[1:]) for row in self._database.run(read)}
        for session_id, put in {**self._writing, **self._waiting}.items():
            known.pop(session_id, None)
            if put is not None:
                known[session_id] = Known(put.version, put.session.workspace_id, _NOT_YET)
        for session_id, (version, session) in self._unkept.items():
            known[session_id] = Known(version, session.workspace_id, _NOT_YET)
        known |= {key: Known(*entry, 0) for key, entry in self._unreadable.items()}
        if workspaces is None:
            return known
        return {key: entry for key, entry in known.items() if entry.workspace_id in workspaces}

    def has_any(self, session_ids: Collection[str]) -> bool:
        """Whether there is a snapshot of one of these sessions, of any workspace.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        one = "SELECT 1 FROM sessions WHERE id = ?"
        recent = {key: self._recent(key) for key in session_ids}
        if any(found and found[0] for found in recent.values()):
            return True
        stored = [key for key, found in recent.items() if found is None]
        return self._database.run(
            lambda db: any(db.execute(one, [key]).fetchone() for key in stored)
        )

    def flush(self, looked: LookedThrough | None = None) -> None:
        """Write what waits, and what a look at the folders has shown if there was one."""
        if not self._waiting and looked is None:
            return
        waiting, self._waiting = self._waiting, {}
        self._writing = waiting
        try:
            rows = {session_id: self._row(put) for session_id, put in waiting.items()}
            number = self._database.run(lambda db: write(db, rows, looked, self._own), later=True)
            self._own = {number} if looked else {*self._own, number}
        except (CatalogLost, TimeoutError) as error:
            self._waiting = waiting | self._waiting
            if isinstance(error, CatalogLost):
                self._own = set()
        finally:
            self._writing = {}

    def unkept(self) -> list[Session]:
        """The sessions that are in memory only and never reach the database."""
        return [session for _, session in self._unkept.values()]

    def close(self) -> None:
        """Write what waits and let go of the file."""
        self.flush()
        self._database.close()

    def _row(self, put: _Put | None) -> Row | None:
        """The row of what was put in; None where it cannot have one, and then it stays here."""
        if put is None:
            return None
        version, session = put
        try:
            return Row.of(session, version)
        except (UnicodeEncodeError, OverflowError):
            if session.id not in self._waiting:  # it has not been put in or removed again
                self._unkept[session.id] = put
            return None

    def _drop(self, session_id: str) -> None:
        self._unkept.pop(session_id, None)
        self._waiting[session_id] = None

    def _recent(self, session_id: str) -> tuple[Session | None] | None:
        """A session that is in memory, or None in its place where it was removed."""
        for puts in (self._unkept, self._waiting, self._writing):
            if session_id in puts:
                put = puts[session_id]
                return (own_session(put.session) if put else None,)
        return None

    def _all_recent(self) -> dict[str, Session | None]:
        """All that is in memory only."""
        puts = {**self._writing, **self._waiting, **self._unkept}
        return {key: own_session(put.session) if put else None for key, put in puts.items()}


def _all_sessions(db: sqlite3.Connection, wanted: Wanted, but: Collection[str]) -> list[Session]:
    """The sessions but some, newest first; to sort them here is quicker than by way of an index.

    Each row is decoded as it comes: to have all snapshots in memory first takes half as long again.
    """
    rows = db.execute(*wanted.statement("active, snapshot"))
    found = [(active, session_of(snapshot)) for active, snapshot in rows]
    found.sort(key=itemgetter(0), reverse=True)
    sessions = [session for _, session in found]
    if len({active for active, _ in found}) < len(found):
        sessions.sort(key=newest_first, reverse=True)
    return [session for session in sessions if session.id not in but] if but else sessions


def _first_rows(db: sqlite3.Connection, wanted: Wanted, limit: int) -> list[tuple[Any, ...]]:
    statement, values = wanted.statement("id, snapshot", ordered=True)
    return db.execute(f"{statement} LIMIT ?", [*values, limit]).fetchall()

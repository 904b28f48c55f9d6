"""What the tree, the lists and affinity need of every session, without reading the sessions."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from tui_sessions.index.catalog_answers import CatalogState, Differences, WorkspaceCount
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.index.catalog_finding import MANY, CatalogFinding
from tui_sessions.index.catalog_reading import (
    WorkspaceCounts,
    has_more_since,
    read_changes,
    read_name_of_write,
    read_number_of_write,
    read_state,
)
from tui_sessions.index.catalog_recent import Put
from tui_sessions.index.catalog_rows import Row
from tui_sessions.index.catalog_snapshots import session_of
from tui_sessions.index.catalog_writing import LookedThrough, last_write, write
from tui_sessions.model.collecting import collector_paused
from tui_sessions.model.session import Session

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Catalog(CatalogFinding):
    """Snapshots of all sessions, each with the version it was taken from.

    Kept in a database; what was just changed waits in memory until `flush`. All but `put`, `remove`
    and their like may wait for the disk and are meant for a thread.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Use the database at a path; in memory without one."""
        super().__init__(path)
        self._flushing = threading.Lock()
        self._counts = WorkspaceCounts()
        self._own: set[int] = set()
        """The numbers of what was written from here since the last look."""
        self._told = self._told_before = self._times_lost = 0
        """The newest mark that was given, that of the databases that were lost, and how many."""

    def put(self, session: Session, version: str, alike: Sequence[str] = ()) -> None:
        """Take a snapshot in; one that may not, or cannot, be kept stays in memory.

        Nothing in it may be changed any more. Its row is made when it is written: whoever has just
        saved a message waits for this, and the next one may follow at once.

        Args:
            session: the snapshot.
            version: the one it was taken from.
            alike: versions before it of which the very same is found.
        """
        self._recent.put(session, version, alike)

    def put_unreadable(self, session_id: str, workspace_id: str, version: str) -> None:
        """Do not ask for this session again while it has this version."""
        self._recent.put_unreadable(session_id, workspace_id, version)

    def remove(self, session_id: str) -> None:
        """Forget a session."""
        self._recent.remove(session_id)

    def looked_through(self, looked: LookedThrough) -> None:
        """Note what a look at the folders has shown, once all that it found new was put in."""
        self._recent.looked_through(looked)

    @property
    def waiting(self) -> int:
        """How much is to be written with the next `flush`."""
        return self._recent.waiting

    def workspaces(self, *, lasting: bool = False) -> list[WorkspaceCount]:
        """The workspaces that have sessions, in no particular order.

        Args:
            lasting: leave the temporary sessions out.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        self.flush()
        rows = self._database.run(self._counts.read)
        counted = {row[0]: (row[1], _EPOCH + timedelta(microseconds=row[2])) for row in rows}
        for session in self._recent.unkept():
            if lasting and session.temporary:
                continue
            number, newest = counted.get(session.workspace_id, (0, session.last_active_at))
            counted[session.workspace_id] = (number + 1, max(newest, session.last_active_at))
        return [
            WorkspaceCount(workspace_id=workspace_id, sessions=number, newest=newest)
            for workspace_id, (number, newest) in counted.items()
        ]

    def differences(self, mark: int) -> Differences:
        """What has changed in the database since a mark; since 0, only the mark itself.

        Marks never go back: in a database that took the place of another all is new.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        self.flush()

        def read(db: sqlite3.Connection) -> Differences:
            before = self._before_this_database()
            self._told = newest = before + last_write(db)
            if not mark or newest <= mark:
                return Differences(mark=newest)
            since = max(mark - before, 0)
            rows, gone = read_changes(db, since)
            with collector_paused(len(rows) > MANY):
                sessions = [session_of(snapshot) for snapshot, _ in rows]
            same = {s.id for s, row in zip(sessions, rows, strict=True) if row[1] <= since}
            return Differences(mark=newest, sessions=sessions, removed=gone, found_as_before=same)

        return self._database.run(read)

    def name_of(self, mark: int) -> str:
        """What other processes, now and later, know a mark by; empty where there is no name.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        return self._database.run(
            lambda db: read_name_of_write(db, mark - self._before_this_database())
        )

    def mark_of(self, name: str, most: int) -> int:
        """The mark that has a name, where it can be told what has changed since; else 0.

        Args:
            name: perhaps one of another database.
            most: with more changed sessions than this, it is not told.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """

        def read(db: sqlite3.Connection) -> int:
            number = read_number_of_write(db, name)
            if not number or has_more_since(db, number, most):
                return 0
            return self._before_this_database() + number

        return self._database.run(read)

    def state(self, count_up_to: int) -> CatalogState:
        """How things stand in the database before the store is looked at.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        return self._database.run(lambda db: read_state(db, count_up_to))

    def flush(self) -> None:
        """Write what waits."""
        with self._flushing, contextlib.suppress(CatalogLost, TimeoutError):
            if self._recent.waiting:
                with self._recent.writing() as (puts, looked):
                    self._write({key: self._row(put) for key, put in puts.items()}, looked)

    def unkept(self) -> list[Session]:
        """The sessions that are in memory only and never reach the database."""
        return self._recent.unkept()

    def close(self) -> None:
        """Write what waits and let go of the file."""
        self.flush()
        self._database.close()

    def _before_this_database(self) -> int:
        """The newest mark that was given before this database; while it is in use."""
        if self._times_lost != self._database.times_lost:
            self._times_lost, self._told_before = self._database.times_lost, self._told
        return self._told_before

    def _write(self, rows: dict[str, Row | None], looked: LookedThrough | None) -> None:
        try:
            number = self._database.run(lambda db: write(db, rows, looked, self._own), later=True)
        except CatalogLost:
            self._own = set()
            raise
        self._own = {number} if looked else {*self._own, number}

    def _row(self, put: Put | None) -> Row | None:
        """The row of what was put in; None where it cannot have one, and then it stays here."""
        if put is None:
            return None
        try:
            row = Row.of(put.session, put.version)
            return row._replace(alike=put.alike) if put.alike else row
        except (TypeError, ValueError, OverflowError, RecursionError, msgspec.ValidationError):
            self._recent.stay(put)
            return None

"""Finding sessions in the catalog, in its database and among what is not in there yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from tui_sessions.index.catalog_answers import Known
from tui_sessions.index.catalog_database import CatalogDatabase, CatalogLost
from tui_sessions.index.catalog_reading import read_first, read_sessions, read_versions
from tui_sessions.index.catalog_recent import Recent
from tui_sessions.index.catalog_rows import Traits, Wanted, newest_first
from tui_sessions.index.catalog_snapshots import session_of
from tui_sessions.index.catalog_writing import rows_of
from tui_sessions.model.codec import own_session
from tui_sessions.model.collecting import collector_paused
from tui_sessions.model.session import Session

MANY = 500
"""More rows than this are decoded with the collector off: it would look at them for nothing."""


class CatalogFinding:
    """What is asked of the catalog about its sessions; it may wait for the disk."""

    def __init__(self, path: Path | None) -> None:
        self._database = CatalogDatabase(path)
        self._recent = Recent()

    def get(self, session_id: str) -> Session | None:
        """The snapshot of one session."""
        found = self.versioned(session_id)
        return found[0] if found else None

    def versioned(self, session_id: str) -> tuple[Session, str] | None:
        """The snapshot of one session, and the version it was taken from."""
        recent = self._recent.get(session_id)
        if recent is not None:
            put = recent[0]
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
        recent = self._recent.sessions()
        # What is in memory is newer than its row: as many rows more may have to be left out.
        room = None if limit is None else limit + len(recent)

        def read(db: sqlite3.Connection) -> list[Session]:
            with collector_paused(room is None or room > MANY):
                if room is not None:
                    return read_first(db, wanted, room, recent)
                found = read_sessions(db, wanted)
                return [each for each in found if each.id not in recent] if recent else found

        found = self._database.run(read)
        if not recent:
            return found[:limit]
        with collector_paused(len(recent) > MANY):
            found += [s for s in recent.values() if s is not None and wanted.fits(s)]
            found.sort(key=newest_first, reverse=True)
            return [own_session(s) if s.id in recent else s for s in found[:limit]]

    def count(self, wanted: Wanted) -> int:
        """How many sessions are wanted.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        if recent := self._recent.sessions():
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
        recent = self._recent.sessions()
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

    def versions(self, workspaces: Collection[str] | None = None) -> dict[str, Known]:
        """What is known of the sessions of some workspaces, or of all.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        recent = self._recent.versions()
        known: dict[str, Known | None]
        known = dict(self._database.run(lambda db: read_versions(db, workspaces)))
        return {
            key: entry
            for key, entry in (known | recent).items()
            if entry is not None and (workspaces is None or entry.workspace_id in workspaces)
        }

    def rest(self) -> None:
        """Let go of what was read, as nothing is asked for a while."""
        self._database.rest()

    def has_any(self, session_ids: Collection[str]) -> bool:
        """Whether there is a snapshot of one of these sessions, of any workspace.

        Raises:
            CatalogLost: the database was lost; fill it again.
        """
        recent = self._recent.sessions()
        if any(recent.get(key) is not None for key in session_ids):
            return True
        stored = [key for key in session_ids if key not in recent]
        return self._database.run(lambda db: any(rows_of(db, "1", stored)))

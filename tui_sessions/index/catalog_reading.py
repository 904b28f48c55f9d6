"""Reading the catalog's tables."""

from __future__ import annotations

import itertools
import sqlite3
import sys
from collections.abc import Collection

from tui_sessions.index.catalog_answers import CatalogState, Known
from tui_sessions.index.catalog_database import CACHE_KB
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.index.catalog_snapshots import session_of, sessions_of
from tui_sessions.index.catalog_writing import last_write
from tui_sessions.model.session import Session

_LIST_CACHE_KB = 100
"""Of a list each page is read once: to put each into memory of its own would take longer."""


def read_sessions(db: sqlite3.Connection, wanted: Wanted) -> list[Session]:
    """The sessions that are wanted, newest first."""
    db.execute(f"PRAGMA cache_size=-{_LIST_CACHE_KB}")
    try:
        return sessions_of(db.execute(*wanted.statement("snapshot", ordered=True)))
    finally:
        db.execute(f"PRAGMA cache_size=-{CACHE_KB}")


def read_first(
    db: sqlite3.Connection, wanted: Wanted, limit: int, but: Collection[str]
) -> list[Session]:
    """The first of them, but for some."""
    statement, values = wanted.statement("id, snapshot", ordered=True)
    rows = db.execute(f"{statement} LIMIT ?", [*values, min(limit, sys.maxsize)]).fetchall()
    return [session_of(snapshot) for session_id, snapshot in rows if session_id not in but]


def read_versions(
    db: sqlite3.Connection, workspaces: Collection[str] | None
) -> list[tuple[str, Known]]:
    """What is known of the sessions of some workspaces, or of all."""
    select = "SELECT id, version, workspace_id, sequence FROM sessions"
    if workspaces is None:
        rows = db.execute(select).fetchall()
    else:
        one = f"{select} WHERE workspace_id = ?"
        found = (db.execute(one, [place]).fetchall() for place in workspaces)
        rows = list(itertools.chain.from_iterable(found))
    return [(row[0], Known(*row[1:])) for row in rows]


def read_state(db: sqlite3.Connection, count_up_to: int) -> CatalogState:
    """How things stand; the sessions are not counted any further than told."""
    some = "SELECT count(*) FROM (SELECT 1 FROM sessions LIMIT ?)"
    return CatalogState(
        sequence=last_write(db),
        sessions=db.execute(some, [count_up_to]).fetchone()[0],
        folders=dict(db.execute("SELECT workspace_id, mark FROM folders").fetchall()),
    )


def read_changes(db: sqlite3.Connection, since: int) -> tuple[list[tuple[bytes, int]], list[str]]:
    """The snapshots that came after a write, and the ids of what was removed after it.

    Each snapshot with the number of the last write with which anything of it was found otherwise.
    """
    after = "WHERE sequence > ?"
    rows = db.execute(f"SELECT snapshot, found FROM sessions {after}", [since]).fetchall()  # noqa: S608
    gone = db.execute(f"SELECT id FROM removed {after}", [since]).fetchall()  # noqa: S608
    return rows, [row[0] for row in gone]


def read_name_of_write(db: sqlite3.Connection, number: int) -> str:
    """The name of a write by its number; empty where it is not known, or not any more."""
    row = db.execute("SELECT name FROM writes WHERE number = ?", [number]).fetchone()
    return row[0] if row else ""


def read_number_of_write(db: sqlite3.Connection, name: str) -> int:
    """The number of a write by its name; 0 where it is not known, or not any more."""
    row = db.execute("SELECT number FROM writes WHERE name = ?", [name]).fetchone()
    return row[0] if row else 0


def has_more_since(db: sqlite3.Connection, number: int, most: int) -> bool:
    """Whether more sessions than that were changed after a write."""
    one_more = "SELECT 1 FROM sessions WHERE sequence > ? LIMIT 1 OFFSET ?"
    return db.execute(one_more, [number, most]).fetchone() is not None


class WorkspaceCounts:
    """How many sessions each workspace has; counted again after a write only."""

    def __init__(self) -> None:
        self._counted: tuple[object, list[tuple[str, int, int]]] = (None, [])
        """The counts, and after which write they were taken."""

    def read(self, db: sqlite3.Connection) -> list[tuple[str, int, int]]:
        """The ids of the workspaces, their numbers, and the microsecond of the latest activity."""
        at = (id(db), last_write(db))
        if self._counted[0] != at:
            select = (
                "SELECT workspace_id, count(*), max(active) FROM sessions GROUP BY workspace_id"
            )
            self._counted = (at, db.execute(select).fetchall())
        return self._counted[1]

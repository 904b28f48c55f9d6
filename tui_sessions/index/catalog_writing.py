"""Writing to the catalog's tables, so that no mark says more than the rows hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from tui_sessions.index.catalog_rows import PUT, Row
from tui_sessions.model.identifiers import new_id

KEPT_REMOVALS = 10_000
"""After so many more writes it is not known any more what was removed by one."""
_place_of = attrgetter("active", "created", "id")
"""Where a row lies in the table: neighbours share a page, which is best written once."""
_ASKED_AT_ONCE = 500
"""Fewer than the parameters that any SQLite takes."""


class LookedThrough(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the store's folders has shown of them."""

    marks: Mapping[str, str]
    """Of the workspaces that were looked through."""
    gone: Collection[str]
    """Workspaces that are not there any more."""
    since: int
    """The number of the last write before the look."""

    def then(self, later: LookedThrough) -> LookedThrough:
        """Both in one: this look, and one after it."""
        return LookedThrough(
            marks={**self.marks, **later.marks},
            gone={*self.gone, *later.gone} - later.marks.keys(),
            since=min(self.since, later.since),
        )


def write(
    db: sqlite3.Connection,
    waiting: Mapping[str, Row | None],
    looked: LookedThrough | None,
    own: Collection[int],
) -> int:
    """Write in one go; gives the number of the write."""
    db.execute("BEGIN IMMEDIATE")
    number = last_write(db) + 1
    rows = [row for row in waiting.values() if row is not None]
    rows.sort(key=_place_of)
    gone = [(session_id, number) for session_id, row in waiting.items() if row is None]
    _write_marks(db, _doubtful(db, waiting, looked), looked, own)
    db.executemany(PUT, [row.numbered(number, _found(db, row) or number) for row in rows])
    if db.execute("SELECT 1 FROM removed LIMIT 1").fetchone():
        db.executemany("DELETE FROM removed WHERE id = ?", [(row.id,) for row in rows])
    db.executemany("DELETE FROM sessions WHERE id = ?", [(key,) for key, _ in gone])
    db.executemany("REPLACE INTO removed VALUES (?, ?)", gone)
    db.execute("DELETE FROM removed WHERE sequence < ?", [number - KEPT_REMOVALS])
    if rows or gone:
        # A number comes again in a database that is made anew, restored, or had its last writes
        # lost with the power; a name never does.
        db.execute("REPLACE INTO writes VALUES (?, ?)", [number, new_id()])
        db.execute("DELETE FROM writes WHERE number < ?", [number - KEPT_REMOVALS])
    return number


def _found(db: sqlite3.Connection, row: Row) -> int:
    """The number of the last write with which anything of a session was found otherwise.

    0 where that is this one, or not known: only of a few it is told which versions are alike.
    """
    if not row.alike:
        return 0
    select = "SELECT found, version FROM sessions WHERE id = ? AND workspace_id = ?"
    before = db.execute(select, [row.id, row.workspace_id]).fetchone()
    if before is None or before[1] not in (row.version, *row.alike):
        return 0
    return int(before[0])


def _doubtful(
    db: sqlite3.Connection, waiting: Mapping[str, Row | None], looked: LookedThrough | None
) -> set[str]:
    """The workspaces where the rows to be written may be older than the files.

    Another process may have seen a newer version than a row that has waited long to be written, in
    the same folder or in another, and marked the folder as looked through.
    """
    seen = looked.marks.keys() if looked else frozenset[str]()
    doubtful = {row.workspace_id for row in waiting.values() if row is not None}
    elsewhere = [
        session_id
        for session_id, row in waiting.items()
        if row is None or row.workspace_id not in seen
    ]
    doubtful |= {place for (place,) in rows_of(db, "DISTINCT workspace_id", elsewhere)}
    return doubtful - seen


def _write_marks(
    db: sqlite3.Connection,
    doubtful: set[str],
    looked: LookedThrough | None,
    own: Collection[int],
) -> None:
    """Write the marks, and empty those that cannot be relied on."""
    if looked is not None:
        # Left to itself, SQLite goes through all sessions for this, by workspace.
        rows = "FROM sessions INDEXED BY by_sequence WHERE sequence > ?"
        others = db.execute(f"SELECT workspace_id, sequence {rows}", [looked.since])
        meanwhile = {place for place, number in others if number not in own}
        marks = [(place, mark) for place, mark in looked.marks.items() if place not in meanwhile]
        doubtful |= meanwhile
        db.executemany("REPLACE INTO folders VALUES (?, ?)", marks)
        gone = [(place,) for place in looked.gone]
        db.executemany("DELETE FROM folders WHERE workspace_id = ?", gone)
    db.executemany("REPLACE INTO folders VALUES (?, '')", [(place,) for place in doubtful])


def rows_of(
    db: sqlite3.Connection, columns: str, session_ids: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Columns of those of these sessions that there are, in any order."""
    for start in range(0, len(session_ids), _ASKED_AT_ONCE):
        some = session_ids[start : start + _ASKED_AT_ONCE]
        marks = ", ".join("?" * len(some))
        yield from db.execute(f"SELECT {columns} FROM sessions WHERE id IN ({marks})", some)  # noqa: S608


def last_write(db: sqlite3.Connection) -> int:
    """The number of the last write."""
    newest = "SELECT max(sequence) FROM"
    rows = db.execute(f"SELECT ({newest} sessions), ({newest} removed)").fetchone()
    return max(rows[0] or 0, rows[1] or 0)

"""The tables of another program's SQLite database, whatever its version and state.

No read lasts longer than one short query, so that no writer waits for an import.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui_sessions.transfer.hygiene import clean_text

_AT_ONCE = 200


class Database:
    """The tables of one database, whatever columns its version has."""

    def __init__(self, connection: sqlite3.Connection, size: int) -> None:
        """Take a connection, and the bytes of its files: no table can have more rows than those."""
        self._connection = connection
        self._size = size
        self._columns: dict[str, frozenset[str]] = {}

    def columns(self, table: str) -> frozenset[str]:
        """The columns of a table; none when there is no such table."""
        if table not in self._columns:
            query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
            there = self._run(query, (table,))
            rows = self._run(f"PRAGMA table_info({_name(table)})") if there else []
            self._columns[table] = frozenset(str(row[1]) for row in rows)
        return self._columns[table]

    def has(self, tables: Mapping[str, Sequence[str]]) -> bool:
        """Whether all these tables are there, each with at least these columns."""
        return all(self.columns(table).issuperset(columns) for table, columns in tables.items())

    def select(
        self, table: str, columns: Sequence[str], **where: str | int
    ) -> list[dict[str, Any]]:
        """The rows of a table in the order they were put in, as those columns by name.

        A column that this version does not have is None; a table that it does not have is empty.
        Text is cleaned, also where it was put in as bytes.

        Args:
            table: its name.
            columns: which ones; `rowid` counts as one.
            where: the values that columns must have.
        """
        known = self.columns(table)
        if not known or not known.union({"rowid"}).issuperset(where):
            return []
        matches = " AND ".join(f"{_name(name)} = ?" for name in where)
        return self._named(table, columns, matches, tuple(where.values()))

    def at(
        self, table: str, columns: Sequence[str], places: Sequence[int]
    ) -> Iterator[dict[str, Any]]:
        """The rows that have these rowids, as `select` gives them."""
        for start in range(0, len(places), _AT_ONCE):
            some = tuple(places[start : start + _AT_ONCE])
            marks = ", ".join("?" * len(some))
            yield from self._named(table, columns, f"rowid IN ({marks})", some)

    def states(self, table: str, by: str) -> dict[Any, tuple[Any, ...]]:
        """What changes with the rows that share a value of one column, by that value.

        Their number, the last of them, how long their data is, and when one was changed last, as
        far as the table says that.
        """
        known = self.columns(table)
        if by not in known:
            return {}
        told = {"data": "total(length(data))", "time_updated": "max(time_updated)"}
        more = [what if column in known else "NULL" for column, what in told.items()]
        # Names are quoted, and none comes from a source.
        counted = ", ".join((_name(by), "count(*)", "max(rowid)", *more))
        rows = self._run(f"SELECT {counted} FROM {_name(table)} GROUP BY 1")  # noqa: S608
        return {row[0]: row[1:] for row in rows}

    def _named(
        self, table: str, columns: Sequence[str], condition: str, values: tuple[str | int, ...]
    ) -> list[dict[str, Any]]:
        known = self.columns(table)
        there = [name for name in columns if name in known or name == "rowid"]
        wanted = ", ".join(_name(name) for name in there) or "1"
        which = f" WHERE {condition}" if condition else ""
        # Names are quoted, and none comes from a source; values are bound.
        query = f"SELECT {wanted} FROM {_name(table)}{which} ORDER BY rowid"  # noqa: S608
        empty: dict[str, Any] = dict.fromkeys(columns)
        rows = self._run(query, values)
        return [{**empty, **dict(zip(there, row, strict=False))} for row in rows]

    def blob(self, table: str, column: str, rowid: int) -> bytes | None:
        """The bytes in one place; None where there are none."""
        if column not in self.columns(table):
            return None
        query = f"SELECT {_name(column)} FROM {_name(table)} WHERE rowid = ?"  # noqa: S608
        with readable_errors():
            row = self._connection.execute(query, (rowid,)).fetchone()
        return row[0] if row and isinstance(row[0], bytes) else None

    def _run(self, query: str, values: tuple[str | int, ...] = ()) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        with (
            readable_errors(),
            contextlib.closing(self._connection.execute(query, values)) as cursor,
        ):
            for row in cursor:
                rows.append(tuple(_clean(value) for value in row))
                if len(rows) > self._size:
                    raise sqlite3.DatabaseError("it is damaged: a table has no end")
        return rows


class Grouped:
    """The rows of a table by the value of one column, of which only the places are kept in memory.

    Few of those tables have an index for it, and without one every look would read all of it.
    """

    def __init__(self, database: Database, table: str, by: str, columns: Sequence[str]) -> None:
        self._database = database
        self._table = table
        self._wanted = columns
        self._places: dict[Any, list[int]] = {}
        for row in database.select(table, ("rowid", by)):
            self._places.setdefault(row[by], []).append(row["rowid"])

    def of(self, value: str | int | None) -> list[dict[str, Any]]:
        """The rows that have this value, in the order they were put in."""
        return list(self._database.at(self._table, self._wanted, self._places.get(value, [])))


@contextlib.contextmanager
def readable_errors() -> Iterator[None]:
    """SQLite quotes a damaged schema in its errors, and that may be no text at all."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise sqlite3.DatabaseError("it is damaged") from error


def as_text(data: bytes) -> str:
    """Bytes as text, whatever they are."""
    return data.decode("utf-8", "replace")


def _clean(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    text = as_text(value) if isinstance(value, bytes) else value
    return clean_text(text) if isinstance(text, str) else value


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

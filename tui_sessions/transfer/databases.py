"""Reading another program's SQLite database while that program may be writing to it.

Nothing is written to a source, not even the lock file beside a write-ahead log: the log is read
through a connection that may not touch it, or, where SQLite cannot do that, from a private copy of
the database together with its log. No read lasts longer than one short query, so that no writer
waits for an import.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tui_sessions.transfer.hygiene import clean_text

_BESIDE = ("-wal", "-journal")
"""What a database is not complete without; the lock file `-shm` is made anew from the log."""
_HEADER = b"SQLite format 3\0"
_HEADER_SIZE = 100
_SIZES = struct.Struct(">16x H 6x I I 60x I 4x")
"""A page's bytes, the number of changes, that of pages, and at which change those were counted."""
_PAGES = {1: 65_536} | {1 << power: 1 << power for power in range(9, 16)}
"""The bytes that a page may have, by what is written for it: the largest has no place there."""
_WAIT_S = 2.0
_LONGEST_VALUE = 256 * 1024 * 1024
_TRIES = 3
_AT_ONCE = 200


class UnreadableDatabase(Exception):
    """A database that cannot be read; its text is the reason."""


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
        with _readable_errors():
            row = self._connection.execute(query, (rowid,)).fetchone()
        return row[0] if row and isinstance(row[0], bytes) else None

    def _run(self, query: str, values: tuple[str | int, ...] = ()) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        with (
            _readable_errors(),
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


def is_database(path: Path) -> bool:
    """Whether a file begins as SQLite's do."""
    try:
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError:
        return False


@contextlib.contextmanager
def open_database(path: Path) -> Iterator[Database]:
    """The database in a file, with what its log holds.

    Raises:
        UnreadableDatabase: it is locked, damaged or no database; also while it is being read.
    """
    with contextlib.ExitStack() as stack, telling_errors():
        _check_end(path)
        connection = _connect_in_place(path)
        if connection is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sessions-tui-"))
            connection = _connect(_copy(path, Path(folder)), "mode=rw")
        stack.callback(connection.close)
        size = sum(file.stat().st_size for file in _files(path))
        yield Database(connection, max(size, 1))


@contextlib.contextmanager
def telling_errors() -> Iterator[None]:
    """What goes wrong while a database is read becomes a reason.

    Raises:
        UnreadableDatabase: it is locked, damaged or no database.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise UnreadableDatabase(f"the database could not be read: {error}") from error
    except OSError as error:
        reason = f"the database could not be read: {error.strerror or error}"
        raise UnreadableDatabase(reason) from error


def _connect_in_place(path: Path) -> sqlite3.Connection | None:
    """A connection that writes nothing; None where SQLite needs to write beside the database."""
    beside = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    if _has_log(path) and not all(file.exists() for file in beside):
        return None
    try:
        return _connect(path, "mode=ro&readonly_shm=1")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        return None


def _check_end(path: Path) -> None:
    """Refuse a database that was cut off: SQLite takes what is missing of a page for nothing.

    Raises:
        UnreadableDatabase: it has fewer bytes than its header tells. While a log or a journal is
            beside it, the header may be ahead.
    """
    if len(_files(path)) > 1:
        return
    # Its owner may make it shorter in between: then the header tells something else now.
    told, there = _told_size(path), path.stat().st_size
    if there < min(told, _told_size(path)):
        raise UnreadableDatabase(
            f"the database is damaged: it ends after {there:,} of {told:,} bytes; copy it again"
        )


def _told_size(path: Path) -> int:
    """The bytes that a database's header says it has; 0 where it says nothing that counts."""
    with path.open("rb") as file:
        header = file.read(_HEADER_SIZE)
    if len(header) < _HEADER_SIZE or not header.startswith(_HEADER):
        return 0
    page, changes, pages, counted_at = _SIZES.unpack(header)
    # Old programs leave the number of pages as it is; it counts where it was written last.
    return _PAGES.get(page, 0) * pages if changes == counted_at else 0


def _has_log(path: Path) -> bool:
    """Whether a database is written through a log; SQLite makes its files where they are missing.

    Two bytes in the header say so.
    """
    with path.open("rb") as file:
        return 2 in file.read(20)[18:]


def _connect(path: Path, options: str) -> sqlite3.Connection:
    address = f"file:{quote(os.fsencode(path.absolute()))}?{options}"
    connection = sqlite3.connect(address, uri=True, timeout=_WAIT_S, check_same_thread=False)
    try:
        connection.text_factory = _text
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        connection.execute("PRAGMA trusted_schema = OFF")
        with _readable_errors():
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _readable_errors() -> Iterator[None]:
    """SQLite quotes a damaged schema in its errors, and that may be no text at all."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise sqlite3.DatabaseError("it is damaged") from error


def _copy(path: Path, folder: Path) -> Path:
    """A private copy of the database and its log, both of one moment."""
    copy = folder / "copy.db"
    for _ in range(_TRIES):
        before = _state(path)
        for file in _files(path):
            shutil.copyfile(file, folder / f"{copy.name}{file.name[len(path.name) :]}")
        if _state(path) == before:
            return copy
    raise OSError("it is being written to; import it again later")


def _files(path: Path) -> list[Path]:
    """The database and those of the files beside it that are there."""
    beside = (path.with_name(path.name + ending) for ending in _BESIDE)
    return [path, *(file for file in beside if file.is_file())]


def _state(path: Path) -> list[tuple[Path, int, int]]:
    stats = ((file, file.stat()) for file in _files(path))
    return [(file, stat.st_size, stat.st_mtime_ns) for file, stat in stats]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _clean(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    text = _text(value) if isinstance(value, bytes) else value
    return clean_text(text) if isinstance(text, str) else value


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

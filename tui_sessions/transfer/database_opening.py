"""Opening another program's SQLite database while that program may be writing to it.

Nothing is written to a source, not even the lock file beside a write-ahead log: the log is read
through a connection that may not touch it, or, where SQLite cannot do that, from a private copy of
the database together with its log.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from tui_sessions.transfer.databases import Database, as_text, readable_errors

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


class UnreadableDatabase(Exception):
    """A database that cannot be read; its text is the reason."""


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
        connection.text_factory = as_text
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        connection.execute("PRAGMA trusted_schema = OFF")
        with readable_errors():
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


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

"""The catalog's SQLite database: in the cache folder, shared by processes, or in memory."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from tui_sessions.index.catalog_rows import SCHEMA, TABLES

log = logging.getLogger(__name__)
T = TypeVar("T")

_OUT_OF_REACH = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
)
"""Errors of the moment or the place: another process may be using the file, the disk be full."""
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_PATIENCE_S = 2.0
CACHE_KB = 1000
"""Half of what SQLite would keep of it: the system has the file in its cache anyway."""


class CatalogLost(Exception):
    """What the database held is gone; it is empty now, and filled again from the store."""


class CatalogDatabase:
    """A connection that any thread may use; any trouble with the file costs time, never more.

    A file that is damaged or of another schema is made anew; where none can be used, memory is.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._made_anew = False
        self.times_lost = 0
        """How often there was an empty database in the place of another."""

    def run(self, work: Callable[[sqlite3.Connection], T], *, later: bool = False) -> T:
        """Do something with the database, all of it or nothing.

        Args:
            work: what to do.
            later: it can also be done some other time.

        Raises:
            CatalogLost: it could not be used, and there is an empty one in its place.
            TimeoutError: another process is writing, and it can be done later.
        """
        with self._lock:
            try:
                with self._transaction() as connection:
                    return work(connection)
            except (sqlite3.Error, OSError, msgspec.MsgspecError, TypeError) as error:
                code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
                if later and code in _BUSY and self._connection:
                    raise TimeoutError from error
                log.warning("The catalog %s is not used: %s", self._path or "in memory", error)
                self._begin_anew(isinstance(error, OSError) or code in _OUT_OF_REACH)
                raise CatalogLost from error

    def rest(self) -> None:
        """Let go of what was read of the file; it is read again when it is needed."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.execute("PRAGMA shrink_memory")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._disconnect()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._connection is None:
            self._connection = self._open()
        with self._connection:
            yield self._connection

    def _open(self) -> sqlite3.Connection:
        if self._path is not None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = ":memory:" if self._path is None else self._path
        connection = sqlite3.connect(place, timeout=_PATIENCE_S, check_same_thread=False)
        try:
            _prepare(connection)
            if self._path is not None:
                self._path.chmod(0o600)
        except BaseException:
            connection.close()
            raise
        return connection

    def _begin_anew(self, out_of_reach: bool) -> None:
        """Have an empty database the next time: in memory where the file cannot be had."""
        self._disconnect()
        self.times_lost += 1
        if out_of_reach or self._made_anew:
            self._path = None
        elif self._path is not None:
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        self._made_anew = True

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _prepare(connection: sqlite3.Connection) -> None:
    # Rows are of about 1 kB: of a file that is made now, pages of twice the usual size are read and
    # written in less time.
    connection.execute("PRAGMA page_size=8192")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(f"PRAGMA cache_size=-{CACHE_KB}")
    if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
        # `packed` was in earlier schemas.
        for table in ("sessions", "removed", "writes", "folders", "packed"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(f"PRAGMA user_version={SCHEMA}")
    connection.executescript(TABLES)

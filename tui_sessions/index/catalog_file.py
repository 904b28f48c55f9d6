"""The catalog between two starts: an SQLite file in the cache folder, shared by processes."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from tui_sessions.index.catalog import Entry
from tui_sessions.model.session import Session

log = logging.getLogger(__name__)

SCHEMA = 1
"""Raised whenever what a snapshot holds changes; a file of another schema is made anew."""

_OUT_OF_REACH = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
)
"""Errors of the moment or the place: another process may be using the file."""


class SqliteCatalogFile:
    """Keeps catalog entries; any trouble with the file costs time, never correctness."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def load(self) -> dict[str, Entry]:
        """All entries; none where there is no usable file, which is then made anew."""
        with self._lock:
            try:
                return self._rows()
            except (sqlite3.Error, OSError, msgspec.DecodeError, TypeError) as error:
                log.warning("The catalog %s is not used: %s", self._path, error)
                self._recover(error)
                return {}

    def write(self, entries: Mapping[str, Entry], removed: Iterable[str]) -> None:
        """Keep these entries, and drop those."""
        rows = [row for row in map(_row, entries, entries.values()) if row is not None]
        with self._lock:
            try:
                with self._open() as connection:
                    connection.executemany(
                        "DELETE FROM sessions WHERE id = ?", [(gone,) for gone in removed]
                    )
                    connection.executemany("REPLACE INTO sessions VALUES (?, ?, ?)", rows)
            except (sqlite3.Error, OSError) as error:
                log.warning("The catalog %s was not written: %s", self._path, error)
                self._recover(error)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._disconnect()

    def _rows(self) -> dict[str, Entry]:
        decoder = msgspec.json.Decoder(Session)
        rows = self._open().execute("SELECT id, version, session FROM sessions")
        return {row[0]: Entry(row[1], decoder.decode(row[2])) for row in rows}

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=2.0, check_same_thread=False)
            try:
                _prepare(connection)
                self._path.chmod(0o600)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _recover(self, error: Exception) -> None:
        """Begin with a new file the next time, unless this one is only out of reach now."""
        self._disconnect()
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        if isinstance(error, OSError) or code & 0xFF in _OUT_OF_REACH:
            return
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _row(session_id: str, entry: Entry) -> tuple[str, str, bytes] | None:
    """An entry as it is kept; none where a text holds half a character, which no file can."""
    try:
        return session_id, entry.version, msgspec.json.encode(entry.session)
    except UnicodeEncodeError:
        return None


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")
    if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
        connection.execute("DROP TABLE IF EXISTS sessions")
        connection.execute(f"PRAGMA user_version={SCHEMA}")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS sessions"
        " (id TEXT PRIMARY KEY, version TEXT NOT NULL, session BLOB NOT NULL)"
    )

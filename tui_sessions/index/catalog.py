"""What the tree and the lists show of every session, without reading the sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from tui_sessions.model.codec import own_session
from tui_sessions.model.session import Session


class Entry(msgspec.Struct, frozen=True):
    """A session as it was when its stored form had this version."""

    version: str
    session: Session


class CatalogFile(Protocol):
    """Where a catalog is kept between two starts."""

    def load(self) -> dict[str, Entry]:
        """All entries; none where there is no usable file."""

    def write(self, entries: Mapping[str, Entry], removed: Iterable[str]) -> None:
        """Keep these entries, and drop those."""

    def close(self) -> None:
        """Let go of the file."""


class Catalog:
    """Snapshots of all sessions, each with the version it was taken from.

    It is filled from a file when it is first asked for; what differs from the store is read again.
    """

    def __init__(self, file: CatalogFile | None = None) -> None:
        self._file = file
        self._entries: dict[str, Entry] = {}
        self._changed: dict[str, Entry] = {}
        self._removed: set[str] = set()
        self._unreadable: dict[str, str] = {}
        self._read = False

    def open(self) -> None:
        """Read the file, the first time (blocking)."""
        if not self._read and self._file is not None:
            self._entries = self._file.load() | self._entries
        self._read = True

    def ids(self) -> set[str]:
        """The sessions that are known, readable or not."""
        return self._entries.keys() | self._unreadable.keys()

    def stale(self, versions: Mapping[str, str], known: set[str]) -> list[str]:
        """The sessions to be read again; those that are gone are dropped on the way.

        Args:
            versions: what the store holds.
            known: what was known before the store was asked; what came later may be missing there.
        """
        for session_id in known - versions.keys():
            self.remove(session_id)
        return [
            session_id
            for session_id, version in versions.items()
            if self._version(session_id) != version
        ]

    def put(self, session: Session, version: str) -> None:
        """Take a snapshot in."""
        entry = Entry(version, own_session(session))
        self._entries[session.id] = entry
        if session.temporary:  # what is to be forgotten must not reach the disk
            self._changed.pop(session.id, None)
            self._removed.add(session.id)
            return
        self._changed[session.id] = entry
        self._removed.discard(session.id)

    def put_unreadable(self, session_id: str, version: str) -> None:
        """Do not ask for this session again while it has this version."""
        self.remove(session_id)
        self._unreadable[session_id] = version

    def remove(self, session_id: str) -> None:
        """Forget a session."""
        self._unreadable.pop(session_id, None)
        if self._entries.pop(session_id, None) is not None:
            self._changed.pop(session_id, None)
            self._removed.add(session_id)

    def get(self, session_id: str) -> Session | None:
        """The snapshot of one session."""
        entry = self._entries.get(session_id)
        return entry.session if entry else None

    def sessions(self) -> list[Session]:
        """All snapshots, in no particular order."""
        return [entry.session for entry in self._entries.values()]

    def _version(self, session_id: str) -> str | None:
        entry = self._entries.get(session_id)
        return entry.version if entry else self._unreadable.get(session_id)

    def flush(self) -> None:
        """Write to the file what changed since the last time (blocking)."""
        changed, self._changed = self._changed, {}
        removed, self._removed = self._removed, set()
        if self._file is not None and (changed or removed):
            self._file.write(changed, removed)

    def close(self) -> None:
        """Write what changed and let go of the file (blocking)."""
        self.flush()
        if self._file is not None:
            self._file.close()

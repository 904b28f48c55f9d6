"""What was put into the catalog and is not in its database: not yet, or never."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from tui_sessions.index.catalog_answers import Known
from tui_sessions.index.catalog_writing import LookedThrough
from tui_sessions.model.session import Session

_NOT_YET = 1 << 62


class Put(NamedTuple):
    """A snapshot, and the version it was taken from."""

    version: str
    session: Session
    alike: Sequence[str] = ()
    """Other versions of which the very same is found."""


class Recent:
    """Snapshots that wait to be written or stay in memory, and what was removed since.

    Any thread may use it; nothing in it waits for the disk.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Put | None] = {}
        self._writing: dict[str, Put | None] = {}
        self._unkept: dict[str, Put] = {}
        self._unreadable: dict[str, tuple[str, str]] = {}
        self._looked: LookedThrough | None = None
        """What looks at the folders have shown, of which nothing is written yet."""

    @property
    def waiting(self) -> int:
        """How many changes are to be written, looks at the folders among them."""
        return len(self._waiting) + (self._looked is not None)

    def put(self, session: Session, version: str, alike: Sequence[str] = ()) -> None:
        """Take a snapshot in; a temporary one stays here."""
        put = Put(version, session, alike)
        with self._lock:
            self._unreadable.pop(session.id, None)
            if session.temporary:
                self._waiting[session.id] = None
                self._unkept[session.id] = put
            else:
                self._waiting[session.id] = put
                self._unkept.pop(session.id, None)

    def put_unreadable(self, session_id: str, workspace_id: str, version: str) -> None:
        """A session cannot be read while it has this version."""
        with self._lock:
            self._drop(session_id)
            self._unreadable[session_id] = (version, workspace_id)

    def remove(self, session_id: str) -> None:
        """Forget a session."""
        with self._lock:
            # The row of one that could not be read is gone; another process may have made a new
            # one.
            if self._unreadable.pop(session_id, None) is None:
                self._drop(session_id)

    def looked_through(self, looked: LookedThrough) -> None:
        """Keep what a look has shown until all that was put in for it is written."""
        with self._lock:
            self._looked = looked if self._looked is None else self._looked.then(looked)

    def stay(self, put: Put) -> None:
        """Keep here what can have no row, unless it was put in or removed again meanwhile."""
        with self._lock:
            if put.session.id not in self._waiting:
                self._unkept[put.session.id] = put

    def get(self, session_id: str) -> tuple[Put | None] | None:
        """What is here of a session, or None in its place where it was removed."""
        with self._lock:
            for puts in (self._unkept, self._waiting, self._writing):
                if session_id in puts:
                    return (puts[session_id],)
        return None

    def sessions(self) -> dict[str, Session | None]:
        """All that is here; who hands one out has to make it the caller's own."""
        with self._lock:
            puts = {**self._writing, **self._waiting, **self._unkept}
        return {key: put.session if put else None for key, put in puts.items()}

    def versions(self) -> dict[str, Known | None]:
        """What is known of all that is here, and of what cannot be read."""
        with self._lock:
            puts = {**self._writing, **self._waiting, **self._unkept}
            unreadable = dict(self._unreadable)
        known = {
            key: Known(put.version, put.session.workspace_id, _NOT_YET) if put else None
            for key, put in puts.items()
        }
        return known | {key: Known(*entry, 0) for key, entry in unreadable.items()}

    def unkept(self) -> list[Session]:
        """The sessions that never reach the database."""
        with self._lock:
            return [put.session for put in self._unkept.values()]

    @contextmanager
    def writing(self) -> Iterator[tuple[Mapping[str, Put | None], LookedThrough | None]]:
        """What is to be written in the block; it waits again where that fails, but for looks.

        One thread may be in such a block at a time: what comes later has to be written later.
        """
        with self._lock:
            self._writing, self._waiting = self._waiting, {}
            looked, self._looked = self._looked, None
        try:
            yield self._writing, looked
        except BaseException:
            with self._lock:
                self._waiting = self._writing | self._waiting
            raise
        finally:
            self._writing = {}

    def _drop(self, session_id: str) -> None:
        self._unkept.pop(session_id, None)
        self._waiting[session_id] = None

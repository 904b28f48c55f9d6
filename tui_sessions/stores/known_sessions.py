"""What is remembered of the files of sessions that were read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

from tui_sessions.stores.single_files import Signature

_SHORT = 256 * 1024
"""Bytes of a session that are read again in no time."""
_SHORT_ONES = 1_000
"""Short sessions that are remembered, those that were used last."""


def version_of(document: Signature, journal: Signature | None) -> str:
    """A session's version; an empty journal counts as none, for locking makes one."""
    return str(document) if journal is None or not journal.size else f"{document}+{journal}"


class Known(NamedTuple):
    """What is known of a session's files, so that they need not be read again."""

    version: str
    document: Signature
    journal: Signature | None
    journal_end: int
    revision: int
    read_only: bool

    @property
    def size(self) -> int:
        """How many bytes are read to know it again."""
        return self.document.size + (self.journal.size if self.journal else 0)

    @classmethod
    def of(
        cls,
        document: Signature,
        journal: Signature | None,
        journal_end: int,
        revision: int,
        *,
        read_only: bool = False,
    ) -> Known:
        """The same with the version that the files make."""
        version = version_of(document, journal)
        return cls(version, document, journal, journal_end, revision, read_only)

    def after(self, journal: Signature, journal_end: int, revision: int) -> Known:
        """What is known once the journal has changed."""
        return self.of(self.document, journal, journal_end, revision, read_only=self.read_only)


class KnownSessions:
    """Remembers all long sessions, and of the short ones those that were used last.

    A store that is read as a whole, as for an index, is not in mind as a whole then. Any thread may
    use it.
    """

    def __init__(self) -> None:
        self._long: dict[str, Known] = {}
        self._short: OrderedDict[str, Known] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, session_id: str) -> Known | None:
        """What is remembered of a session's files."""
        with self._lock:
            known = self._short.get(session_id)
            if known is None:
                return self._long.get(session_id)
            self._short.move_to_end(session_id)
            return known

    def put(self, session_id: str, known: Known) -> None:
        """Keep in mind what a session's files are like now."""
        with self._lock:
            self._drop(session_id)
            if known.size > _SHORT:
                self._long[session_id] = known
                return
            self._short[session_id] = known
            if len(self._short) > _SHORT_ONES:
                self._short.popitem(last=False)

    def forget(self, session_id: str) -> None:
        """Keep nothing of a session in mind."""
        with self._lock:
            self._drop(session_id)

    def _drop(self, session_id: str) -> None:
        self._long.pop(session_id, None)
        self._short.pop(session_id, None)

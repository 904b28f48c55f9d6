"""Which sessions have a journal, and when one that an import adds to is to be written anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

_REST = 50.0
"""So many times as long as it took to write a session, it is left alone afterwards."""


class JournalPace:
    """Knows which sessions have a journal, and for which it is time.

    A watched file may grow every few seconds: to copy its whole session each time would keep the
    disk busy for a few lines.
    """

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._left: set[str] = set()

    def is_due(self, session_id: str) -> bool:
        """Whether the session may be written anew."""
        return monotonic() >= self._due.get(session_id, 0.0)

    @contextmanager
    def writing(self, session_id: str) -> Iterator[None]:
        """Measure how long it takes; in the end the session has no journal any more."""
        began = monotonic()
        try:
            yield
            self._left.discard(session_id)
        finally:
            ended = monotonic()
            self._due[session_id] = ended + (ended - began) * _REST

    def leave(self, session_id: str) -> None:
        """Note that the session has a journal for now."""
        self._left.add(session_id)

    def forget(self, session_id: str) -> None:
        """Note that it has none any more."""
        self._left.discard(session_id)

    @property
    def left(self) -> list[str]:
        """The sessions that have a journal still."""
        return list(self._left)

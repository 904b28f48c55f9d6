"""Which workspace each of very many sessions is in, in some bytes for each."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterable

_FIRST_SIZE, _GROWTH = 1 << 10, 2
_NUMBER = _MOST_WORKSPACES = (1 << 16) - 1
_ONES = (1 << 64) - 1
_TAKEN = 1 << 16


class PlaceTable:
    """Remembers workspaces by a hash of the session's id: it may be wrong, if hardly ever.

    A slot holds the upper bits of the hash and, in its lowest ones, the number of a workspace.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots = array("Q", bytes(8 * _FIRST_SIZE))
        self._taken = 0
        self._names = [""]
        """The workspaces; what was forgotten is in number 0."""
        self._numbers: dict[str, int] = {}

    def get(self, session_id: str) -> str | None:
        """The workspace of a session; None where that is not known."""
        with self._lock:
            return self._names[self._slots[self._slot(_mark_of(session_id))] & _NUMBER] or None

    def put(self, places: Iterable[tuple[str, str]]) -> None:
        """Note which sessions are in which workspaces now; with very many of those it is not."""
        with self._lock:
            number_of = self._numbers.get
            for session_id, workspace_id in places:
                number = number_of(workspace_id) or self._number(workspace_id)
                mark = _mark_of(session_id)
                slot = self._slot(mark)
                if not self._slots[slot]:
                    self._taken += 1
                    if self._taken * 5 > len(self._slots) * 4:
                        self._grow()
                        slot = self._slot(mark)
                self._slots[slot] = mark | number

    def forget(self, session_id: str) -> None:
        """It is not known any more where a session is."""
        with self._lock:
            mark = _mark_of(session_id)
            if self._slots[slot := self._slot(mark)]:
                self._slots[slot] = mark

    def _number(self, workspace_id: str) -> int:
        """The number of a workspace that has none yet; 0 where there are too many of them."""
        if len(self._names) > _MOST_WORKSPACES:
            return 0
        number = self._numbers[workspace_id] = len(self._names)
        self._names.append(workspace_id)
        return number

    def _slot(self, mark: int) -> int:
        """Where the session of a mark stands, or would."""
        slots = self._slots
        last = len(slots) - 1
        slot = mark >> 17 & last
        while (there := slots[slot]) and there ^ mark > _NUMBER:
            slot = slot + 1 & last
        return slot

    def _grow(self) -> None:
        before = self._slots
        self._slots = array("Q", bytes(8 * _GROWTH * len(before)))
        for entry in before:
            if entry:
                self._slots[self._slot(entry & ~_NUMBER)] = entry


def _mark_of(session_id: str) -> int:
    """What is kept of an id: never 0, which is an empty slot."""
    return (hash(session_id) & _ONES | _TAKEN) & ~_NUMBER

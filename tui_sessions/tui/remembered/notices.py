"""What the person is told for a moment, kept to be read again."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

import msgspec
from textual.geometry import Size
from textual.notifications import Notification

from tui_sessions.model.clock import now

FEW_ROWS = 20
"""With fewer rows than this one notice is shown at a time, in one line."""
_WIDEST = 52
_BESIDE = 4
"""Columns of a notice that no text is in."""
_LINES = 5
_AT_ONCE = 3
_KEPT = 200


class Told(msgspec.Struct, frozen=True):
    """A notice as it was told."""

    at: datetime
    text: str
    severe: bool


class Notices:
    """Makes notices that leave the screen to the person; what they leave out is kept whole."""

    def __init__(self) -> None:
        self._told: deque[Told] = deque(maxlen=_KEPT)
        self._shown: deque[Notification] = deque()

    @property
    def told(self) -> Sequence[Told]:
        """All of them, the latest first."""
        return tuple(reversed(self._told))

    def make(self, text: str, title: str, size: Size, *, severe: bool) -> Notification:
        """What is shown in a terminal of a size; the oldest notices go where it is too much.

        The text is such that it may be shown.
        """
        whole = f"{title}: {text}" if title else text
        self._told.append(Told(now(), whole, severe))
        low = size.height < FEW_ROWS
        columns = min(size.width - _BESIDE, _WIDEST) if size.width >= _WIDEST else size.width - 2
        if low:
            text, title = " ".join(whole.split()), ""
        notice = Notification(
            _cut(text, columns * (1 if low else _LINES)),
            title,
            "error" if severe else "information",
            8 if severe else 4,
            markup=False,
        )
        self._make_room(1 if low else _AT_ONCE)
        self._shown.append(notice)
        return notice

    def _make_room(self, most: int) -> None:
        """Have the oldest go that are beyond so many with a new one."""
        while self._shown and (len(self._shown) >= most or self._shown[0].has_expired):
            self._shown.popleft().timeout = 0


def _cut(text: str, most: int) -> str:
    """As much of a text as there is room for."""
    return text if len(text) <= most else f"{text[: max(most - 1, 1)].rstrip()}…"

"""The wait of a reply whose provider takes no request right now."""

from __future__ import annotations

import math
from datetime import datetime

import msgspec

from tui_sessions.model.clock import now
from tui_sessions.model.visible import visible_line
from tui_sessions.tui.widgets.transcript.line import Line
from tui_sessions.tui.widgets.transcript.plain_rows import PlainRows

_STYLE = "$text-warning"


class Wait(msgspec.Struct, frozen=True):
    """Why a reply waits, and until when."""

    until: datetime
    reason: str

    def lines(self, width: int, present: datetime | None = None) -> list[Line]:
        """What a person reads meanwhile."""
        return list(PlainRows(self.text(present or now()), width, _STYLE))

    def text(self, present: datetime) -> str:
        """The reason, and how long it still takes."""
        left = math.ceil((self.until - present).total_seconds())
        again = f"trying again in {_duration(left)}" if left > 0 else "trying again"
        reason = visible_line(self.reason).strip().rstrip(".")
        return f"{f'{reason}: ' if reason else ''}{again} · esc stops"


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < 100 else f"{seconds // 60} min {seconds % 60} s"

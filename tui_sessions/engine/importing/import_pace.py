"""How far an import is, and about how long it will still take."""

from __future__ import annotations

import time

from tui_sessions.engine.importing.import_steps import ImportStep

_SURE_AFTER_S = 1.0
_SURE_FROM = 0.02
_ALMOST = 0.99


class ImportPace:
    """Follows the steps of one source.

    Args:
        expected: how many sessions it is thought to hold; for sources of one file, which tell
            nothing of how far they are.
    """

    def __init__(self, expected: int | None = None) -> None:
        self._expected = expected
        self._began = time.monotonic()
        self._sessions = 0
        self.share = 0.0
        """How much is behind, from 0 to 1."""

    def follow(self, step: ImportStep) -> None:
        """Note one more step."""
        self._sessions += step.outcome != "skipped"
        by_sessions = min(self._sessions / self._expected, _ALMOST) if self._expected else 0.0
        self.advance(step.share or by_sessions)

    def advance(self, share: float) -> None:
        """Note how much is behind; it never becomes less."""
        self.share = max(self.share, share)

    @property
    def seconds_left(self) -> float | None:
        """From here on; None where that cannot be told yet."""
        elapsed = time.monotonic() - self._began
        if elapsed < _SURE_AFTER_S or self.share < _SURE_FROM:
            return None
        return elapsed * (1 - self.share) / self.share

    def __str__(self) -> str:
        """For a person, as `45% · about 2 min left`; nothing at the beginning."""
        if not self.share:
            return ""
        left = self.seconds_left
        if left is None:
            return f"{self.share:.0%}"
        rest = f"{max(round(left), 1)} s" if left < 60 else f"{round(left / 60)} min"
        return f"{self.share:.0%} · about {rest} left"

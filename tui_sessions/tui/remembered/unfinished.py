"""What was typed in a field of one line and not accepted, kept for the next time it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tui_sessions.tui.remembered.drafts import Drafts


class Kept:
    """The text of one field."""

    def __init__(self, drafts: Drafts, place: str, changed: Callable[[], None]) -> None:
        self._drafts = drafts
        self._place = place
        self._changed = changed

    @property
    def text(self) -> str:
        """What is to stand there again; empty where nothing was left."""
        return self._drafts.get(self._place)

    def keep(self, text: str) -> None:
        """Note what stands there; an empty text once it was accepted or dropped."""
        if text != self.text:
            self._drafts.put(self._place, text)
            self._changed()

    @contextmanager
    def unless_done(self, text: str) -> Iterator[None]:
        """Keep a text that was accepted where what it is for fails."""
        try:
            yield
        except Exception:
            self.keep(text)
            raise

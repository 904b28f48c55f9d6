"""Walking through what was sent before, without losing what is being typed."""

from __future__ import annotations

from collections.abc import Sequence


class ComposerHistory:
    """The prompts sent before, a place among them, and the draft behind the last one."""

    def __init__(self, entries: Sequence[str] = ()) -> None:
        self._entries = list(entries)
        self._position = len(self._entries)
        self._typed: dict[int, str] = {}

    @property
    def entries(self) -> list[str]:
        """The prompts, the oldest first."""
        return list(self._entries)

    def replace(self, entries: Sequence[str]) -> None:
        """Take other prompts; the draft stays, and so does the place in a walk."""
        end = len(self._entries)
        draft = self._typed.get(end)
        walking = self._position < end
        self._entries = list(entries)
        self._position = min(self._position, len(entries)) if walking else len(entries)
        self._typed = {} if draft is None else {len(entries): draft}

    def move(self, step: int, current: str) -> str | None:
        """The text one step earlier (-1) or later (+1); None at either end.

        Args:
            step: the direction.
            current: what is typed now; it is there again when this place is come back to.
        """
        position = self._position + step
        if not 0 <= position <= len(self._entries):
            return None
        self._typed[self._position] = current
        self._position = position
        return self._typed.get(position, self._entry(position))

    def recall(self, entry: str, current: str) -> str:
        """The text at a prompt that was searched for, from where the walk goes on.

        Args:
            entry: the prompt; one from elsewhere becomes the latest.
            current: what is typed now; it is there again when this place is come back to.
        """
        self._typed[self._position] = current
        if entry not in self._entries:
            draft = self._typed.pop(len(self._entries), "")
            self._entries.append(entry)
            self._typed[len(self._entries)] = draft
        self._position = len(self._entries) - 1 - self._entries[::-1].index(entry)
        self._typed.pop(self._position, None)
        return entry

    def reset(self) -> None:
        """Forget the draft and stand behind the last prompt."""
        self._position = len(self._entries)
        self._typed.clear()

    def _entry(self, position: int) -> str:
        return self._entries[position] if position < len(self._entries) else ""

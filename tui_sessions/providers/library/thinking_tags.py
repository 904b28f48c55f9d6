"""Thinking that an endpoint leaves in the text, between `<think>` and `</think>`."""

from __future__ import annotations

from collections.abc import Iterator

from tui_sessions.providers.base import TextDelta, ThinkingDelta

OPENING, CLOSING = "<think>", "</think>"


class ThinkingTags:
    """Tells thinking and answer apart, wherever the stream is cut into pieces.

    Only what a reply begins with is thinking: further on, a tag is something that is written about.
    """

    def __init__(self) -> None:
        self._held = ""
        self._begun = False
        self._thinking = False
        self._thought = False

    def read(self, text: str) -> Iterator[TextDelta | ThinkingDelta]:
        """What is known of the text so far; a piece that may become a tag waits."""
        if not self._held and self._begun and not self._thinking:
            yield from self._answer(text)
            return
        self._held += text
        if not self._begun:
            self._begin()
        if self._thinking:
            yield from self._think()
        if self._begun and not self._thinking:
            yield from self.rest()

    def rest(self) -> Iterator[TextDelta | ThinkingDelta]:
        """What waited for more: none came, or it was no tag."""
        self._begun = True
        held, self._held = self._held, ""
        if not self._thinking:
            yield from self._answer(held)
        elif held:
            yield ThinkingDelta(held)

    def _answer(self, text: str) -> Iterator[TextDelta]:
        """The answer, without the blank lines between it and the thinking."""
        if self._thought:
            text = text.lstrip("\n")
            self._thought = not text
        if text:
            yield TextDelta(text)

    def _begin(self) -> None:
        """Decide by the first characters; blank ones and half a tag decide nothing."""
        start = self._held.lstrip()
        if start.startswith(OPENING):
            self._begun = self._thinking = True
            self._held = start[len(OPENING) :]
        elif not OPENING.startswith(start):
            self._begun = True

    def _think(self) -> Iterator[TextDelta | ThinkingDelta]:
        thought, tag, after = self._held.partition(CLOSING)
        if tag:
            self._thinking = False
            self._thought = True
            self._held = after
        else:
            kept = _beginning_of_tag(thought)
            thought, self._held = thought[: len(thought) - kept], thought[len(thought) - kept :]
        if thought:
            yield ThinkingDelta(thought)


def _beginning_of_tag(text: str) -> int:
    """How many characters at the end may be the first of the closing tag."""
    longest = min(len(text), len(CLOSING) - 1)
    return next((n for n in range(longest, 0, -1) if CLOSING.startswith(text[-n:])), 0)

"""How well an entry fits what was typed: whole words before letters that are only in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tui_sessions.tui.widgets.switcher_results.entries import Entry

_CHUNK = 250
_WHOLE, _AT_START, _IN_REST, _SCATTERED = 1000, 300, 500, 300


class Ranked(NamedTuple):
    """What fits a query."""

    best_first: list[Entry]
    as_given: list[Entry]


class Query:
    """What was typed, as words that must all fit."""

    def __init__(self, text: str) -> None:
        self.words = tuple(text.lower().split())
        self._patterns = tuple(_in_order(word) for word in self.words)

    def __bool__(self) -> bool:
        return bool(self.words)

    def narrows(self, other: Query) -> bool:
        """Whether all that fits this one fits the other as well."""
        return len(self.words) == len(other.words) and all(
            word.startswith(before) for word, before in zip(self.words, other.words, strict=True)
        )

    def score(self, entry: Entry) -> int:
        """How well it fits; 0: not at all."""
        title, total = entry.title, 0
        for word, pattern in zip(self.words, self._patterns, strict=True):
            at = title.find(word)
            if at >= 0:
                starts = at == 0 or not title[at - 1].isalnum()
                total += _WHOLE - min(at, 100) + (_AT_START if starts else 0)
            elif word in entry.rest:
                total += _IN_REST
            elif found := pattern.search(title):
                spread = found.end() - found.start() - len(word)
                total += max(_SCATTERED - 5 * spread, 1)
            else:
                return 0
        return total

    def rank(self, entries: Sequence[Entry]) -> Iterator[Ranked]:
        """Find the entries that fit, in steps; the last step has them all.

        Those that fit as well as each other keep their order.
        """
        by_score: dict[int, list[Entry]] = {}
        fitting: list[Entry] = []
        for start in range(0, len(entries), _CHUNK):
            for entry in entries[start : start + _CHUNK]:
                if score := self.score(entry):
                    by_score.setdefault(score, []).append(entry)
                    fitting.append(entry)
            yield Ranked([], fitting)
        best = [entry for score in sorted(by_score, reverse=True) for entry in by_score[score]]
        yield Ranked(best, fitting)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The parts of a text that the words were found in, to be highlighted."""
        lowered = text.lower()
        if len(lowered) != len(text):
            return
        for word, pattern in zip(self.words, self._patterns, strict=True):
            at = lowered.find(word)
            if at >= 0:
                yield at, at + len(word)
            elif found := pattern.search(lowered):
                place = found.start()
                for letter in word:
                    place = lowered.index(letter, place)
                    yield place, place + 1
                    place += 1


def _in_order(word: str) -> re.Pattern[str]:
    """The letters in this order with anything between, without a way to backtrack far."""
    letters = [re.escape(letter) for letter in word]
    return re.compile(letters[0] + "".join(f"[^{letter}]*{letter}" for letter in letters[1:]))

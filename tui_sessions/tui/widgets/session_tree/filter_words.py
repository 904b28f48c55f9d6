"""The words typed into the filter, and where they are found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


class FilterWords:
    """Words that must all be found, in any order and case."""

    def __init__(self, query: str = "") -> None:
        self.words = tuple(dict.fromkeys(query.casefold().split()))
        longest_first = sorted(query.split(), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def __bool__(self) -> bool:
        return bool(self.words)

    def missing_from(self, text: str) -> tuple[str, ...]:
        """The words that the case-folded text lacks."""
        return tuple(word for word in self.words if word not in text)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the words stand in a text, to be highlighted."""
        if self.words:
            for found in self._pattern.finditer(text):
                yield found.span()


def searchable(parts: Iterable[str]) -> str:
    """Texts as one, case-folded, such that no word is found across two of them."""
    return "\n".join(parts).casefold()

"""What was made of the texts that were drawn last: another width needs no more of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """A function of a text that remembers what it gave lately.

    ```python
    parse = Latest(slow_parse, most=100_000)
    parse(text)
    ```
    """

    def __init__(self, make: Callable[[str], T], *, most: int, least: int = 0) -> None:
        """Remember what was made.

        Args:
            make: what makes it; the same for the same text.
            most: of so many characters of texts in all.
            least: of no text that is shorter than this.
        """
        self._make = make
        self._most = most
        self._least = least
        self._made: dict[str, T] = {}
        self._size = 0

    def __call__(self, text: str) -> T:
        """What is made of a text; not to be changed."""
        if not self._least <= len(text) <= self._most:
            return self._make(text)
        if text in self._made:
            made = self._made[text] = self._made.pop(text)
            return made
        made = self._made[text] = self._make(text)
        self._size += len(text)
        while self._size > self._most:
            oldest = next(iter(self._made))
            del self._made[oldest]
            self._size -= len(oldest)
        return made

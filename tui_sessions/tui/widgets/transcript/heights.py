"""How tall each message is, and where it begins: quick to ask and quick to correct."""

from __future__ import annotations

from collections.abc import Iterable

_CHUNK = 256


class Heights:
    """Heights with sums over chunks, so that one correction touches two numbers."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._sums = [
            sum(self._heights[start : start + _CHUNK])
            for start in range(0, len(self._heights), _CHUNK)
        ]
        self.total = sum(self._sums)

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    def __setitem__(self, index: int, height: int) -> None:
        change = height - self._heights[index]
        if change:
            self._heights[index] = height
            self._sums[index // _CHUNK] += change
            self.total += change

    def append(self, height: int) -> None:
        """Add one at the end."""
        if len(self._heights) % _CHUNK == 0:
            self._sums.append(0)
        self._heights.append(height)
        self._sums[-1] += height
        self.total += height

    def top(self, index: int) -> int:
        """The line on which a message begins."""
        chunk = index // _CHUNK
        return sum(self._sums[:chunk]) + sum(self._heights[chunk * _CHUNK : index])

    def find(self, line: int) -> tuple[int, int]:
        """The message that holds a line, and the line's place in it; the ends for lines outside."""
        if not self._heights or line <= 0:
            return 0, 0
        chunk = 0
        while chunk < len(self._sums) - 1 and line >= self._sums[chunk]:
            line -= self._sums[chunk]
            chunk += 1
        index = chunk * _CHUNK
        last = min(index + _CHUNK, len(self._heights)) - 1
        while index < last and line >= self._heights[index]:
            line -= self._heights[index]
            index += 1
        return index, min(line, max(self._heights[index] - 1, 0))

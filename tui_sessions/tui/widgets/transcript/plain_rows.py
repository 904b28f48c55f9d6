"""Long texts on rows, and messages that hold them: a line is made when it is asked for."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import TypeAlias, overload

from textual.content import Content

from tui_sessions.tui.widgets.transcript.line import Line
from tui_sessions.tui.widgets.transcript.wrapping import break_offsets

_NOTHING = Content("")


class _Lines(Sequence[Line]):
    """Lines that are made one by one."""

    @overload
    def __getitem__(self, place: int) -> Line: ...
    @overload
    def __getitem__(self, place: slice) -> list[Line]: ...
    def __getitem__(self, place: int | slice) -> Line | list[Line]:
        if isinstance(place, slice):
            return [self._line(each) for each in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._line(place % len(self))

    @abstractmethod
    def _line(self, place: int) -> Line: ...


class PlainRows(_Lines):
    """Text as it stands, soft-wrapped; it must have passed `visible`."""

    def __init__(self, text: str, width: int, style: str = "") -> None:
        self._style = style
        self._text = text.split("\n")
        self._expanded = [line.expandtabs(4) for line in self._text]
        self._rows: list[tuple[int, int, int]] = []
        """Of each row: which line of the text it is of, and from where to where in it."""
        self._made: dict[int, Line] = {}
        for number, line in enumerate(self._expanded):
            cuts = [0, *break_offsets(line, width), len(line)]
            self._rows += [(number, start, end) for start, end in pairwise(cuts)]

    def __len__(self) -> int:
        return len(self._rows)

    def _line(self, place: int) -> Line:
        line = self._made.get(place)
        if line is None:
            line = self._made[place] = self._make(*self._rows[place])
        return line

    def _make(self, number: int, start: int, end: int) -> Line:
        line, expanded = self._text[number], self._expanded[number]
        piece = expanded[start:end]
        drawn = piece.rstrip()
        last = end == len(expanded)
        return Line(
            Content.styled(drawn, self._style, strip_control_codes=False) if drawn else _NOTHING,
            joint="\n" if last else piece[len(drawn) :],
            source=line if last and start == 0 and "\t" in line else None,
        )


Drawn: TypeAlias = Line | PlainRows
"""What stands in a message, one below the other."""


def joined(drawn: Iterable[Drawn]) -> Sequence[Line]:
    """All lines of a message; those of its long texts are still to be made."""
    blocks: list[Sequence[Line]] = []
    lines: list[Line] = []
    for each in drawn:
        if isinstance(each, PlainRows):
            blocks += [lines, each]
            lines = []
        else:
            lines.append(each)
    return _Blocks([*blocks, lines]) if blocks else lines


class _Blocks(_Lines):
    """Lines that stand one below the other in several sequences."""

    def __init__(self, blocks: Sequence[Sequence[Line]]) -> None:
        self._blocks = blocks
        self._ends = [*accumulate(map(len, blocks))]

    def __len__(self) -> int:
        return self._ends[-1]

    def _line(self, place: int) -> Line:
        number = bisect_right(self._ends, place)
        return self._blocks[number][place - self._ends[number]]

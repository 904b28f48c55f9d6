"""Long texts on rows, and messages that hold them: a line is made when it is asked for."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import TypeAlias, overload

from textual.content import Content

from tui_sessions.tui.widgets.transcript.line import Line
from tui_sessions.tui.widgets.transcript.tabs import TAB, TabbedRows
from tui_sessions.tui.widgets.transcript.wrapping import break_offsets

_NOTHING = Content("")


class LazyLines(Sequence[Line]):
    """Lines that are made one by one, each once."""

    def __init__(self) -> None:
        self._made: dict[int, Line] = {}

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

    def _line(self, place: int) -> Line:
        line = self._made.get(place)
        if line is None:
            line = self._made[place] = self._make(place)
        return line

    @abstractmethod
    def _make(self, place: int) -> Line: ...


class PlainRows(LazyLines):
    """Text as it stands, soft-wrapped; it must have passed `visible`."""

    def __init__(self, text: str, width: int, style: str = "") -> None:
        super().__init__()
        self._style = style
        self._text = text.split("\n")
        self._expanded = [line.expandtabs(TAB) for line in self._text] if "\t" in text else None
        self._tabbed = TabbedRows(self._text)
        self._rows: list[tuple[int, int, int]] = []
        """Of each row: which line of the text it is of, and from where to where in it."""
        for number, line in enumerate(self._expanded or self._text):
            size = len(line)
            if size <= width and line.isascii():
                self._rows.append((number, 0, size))
                continue
            cuts = [0, *break_offsets(line, width), size]
            self._rows += [(number, start, end) for start, end in pairwise(cuts)]

    def __len__(self) -> int:
        return len(self._rows)

    def _make(self, place: int) -> Line:
        number, start, end = self._rows[place]
        line = (self._expanded or self._text)[number]
        piece = line[start:end]
        drawn = piece.rstrip()
        joint, source = piece[len(drawn) :], self._tabbed.written(number, start, end)
        if end == len(line):
            joint = "\n"
        elif source is not None:
            source, joint = source.rstrip(), source[len(source.rstrip()) :]
        content = self._content(number, start, start + len(drawn)) if drawn else _NOTHING
        return Line(content, joint=joint, source=source, column=start)

    def _content(self, number: int, start: int, end: int) -> Content:
        """A piece of a line, as it is drawn."""
        text = (self._expanded or self._text)[number][start:end]
        return Content.styled(text, self._style, strip_control_codes=False)


Drawn: TypeAlias = Line | LazyLines
"""What stands in a message, one below the other."""


def joined(drawn: Iterable[Drawn]) -> Sequence[Line]:
    """All lines of a message; those of its long texts are still to be made."""
    blocks: list[Sequence[Line]] = []
    lines: list[Line] = []
    for each in drawn:
        if not isinstance(each, LazyLines):
            lines.append(each)
            continue
        if lines:
            blocks.append(lines)
            lines = []
        blocks.append(each)
    return _Blocks([*blocks, lines]) if blocks else lines


class _Blocks(LazyLines):
    """Lines that stand one below the other in several sequences."""

    def __init__(self, blocks: Sequence[Sequence[Line]]) -> None:
        super().__init__()
        self._blocks = blocks
        self._ends = [*accumulate(map(len, blocks))]

    def __len__(self) -> int:
        return self._ends[-1]

    def _make(self, place: int) -> Line:
        number = bisect_right(self._ends, place)
        return self._blocks[number][place - self._ends[number]]

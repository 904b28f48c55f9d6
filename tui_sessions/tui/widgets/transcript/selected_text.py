"""The text that a person means when they select lines with the mouse."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import split_graphemes
from textual.selection import Selection

from tui_sessions.tui.widgets.transcript.line import Line
from tui_sessions.tui.widgets.transcript.painter import GUTTER
from tui_sessions.tui.widgets.transcript.tabs import TabbedRow

_STEP = 1 << 24
"""Lines of one message are numbered below this, so that numbers outlive corrected heights."""


def line_number(index: int, place: int) -> int:
    """The number by which selections know a line of a message."""
    return index * _STEP + place


def message_range(selection: Selection, last: int) -> tuple[int, int]:
    """The first and last message that a selection touches."""
    first = selection.start.y // _STEP if selection.start is not None else 0
    final = selection.end.y // _STEP if selection.end is not None else last
    return first, min(final, last)


def selected_span(selection: Selection, number: int, line: Line) -> tuple[int, int] | None:
    """The characters of a line that are selected; None for none."""
    span = selection.get_span(number)
    if span is None:
        return None
    size = len(line.content)
    start = max(span[0] - GUTTER, line.lead)
    end = size if span[1] == -1 else min(span[1] - GUTTER, size)
    return _whole_signs(line.content.plain, start, end) if start <= end else None


def _whole_signs(text: str, start: int, end: int) -> tuple[int, int]:
    """The same characters and those that make one sign with the first or the last of them."""
    if start == end or text.isascii():
        return start, end
    signs = split_graphemes(text)[0]
    return (
        next((first for first, last, _ in signs if first <= start < last), start),
        next((last for first, last, _ in signs if first < end <= last), end),
    )


def selected_text(selection: Selection, index: int, lines: Iterable[Line]) -> str:
    """What is copied of one message."""
    pieces: list[str] = []
    for place, line in enumerate(lines):
        span = selected_span(selection, line_number(index, place), line)
        if span is None:
            continue
        pieces.append(_copied(line, *span))
        if span[1] == len(line.content):
            pieces.append(line.joint)
    return "".join(pieces)


def _copied(line: Line, start: int, end: int) -> str:
    whole = start == line.lead and end == len(line.content)
    if whole and line.source is not None:
        return line.source
    if line.source is not None and "\t" in line.source:
        tabbed = TabbedRow(line.source, line.column)
        return tabbed.written(start - line.lead, end - line.lead)
    text = line.content.plain[start:end]
    return text.rstrip() if whole else text

"""Tabs, which are drawn as spaces and copied as they were written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from textual.content import Content, Span

TAB = 4
"""Cells from one tab stop to the next."""


class TabbedRow:
    """A row of text, and where its characters stand once tabs are spaces."""

    def __init__(self, row: str, first: int = 0) -> None:
        """Look for the tabs of a row, or of a piece of one that begins at the column `first`."""
        self._row = row
        self._places = [0]
        """What follows each tab."""
        self._columns = [0]
        """Where that stands, counted from the beginning of the row."""
        column, place = first, 0
        while (tab := row.find("\t", place)) >= 0:
            column += tab - place
            column += TAB - column % TAB
            place = tab + 1
            self._places.append(place)
            self._columns.append(column - first)

    def column(self, place: int) -> int:
        """Where a character stands."""
        number = bisect_right(self._places, place) - 1
        return self._columns[number] + place - self._places[number]

    def written(self, start: int, end: int) -> str:
        """The characters that stand from one column up to another."""
        return self._row[self._place(start) : self._place(end)]

    def _place(self, column: int) -> int:
        """The first character that stands at a column or behind it."""
        number = bisect_right(self._columns, column) - 1
        following = (*self._places[number + 1 : number + 2], len(self._row))[0]
        return min(self._places[number] + column - self._columns[number], following)


class TabbedRows:
    """Rows of which each is looked through once, however many of its pieces are asked for."""

    def __init__(self, rows: Sequence[str]) -> None:
        self._rows = rows
        self._known: dict[int, TabbedRow] = {}

    def written(self, number: int, start: int, end: int) -> str | None:
        """The characters of a row from one column up to another; None where it has no tabs."""
        if "\t" not in self._rows[number]:
            return None
        if number not in self._known:
            self._known[number] = TabbedRow(self._rows[number])
        return self._known[number].written(start, end)


def with_spaces(row: Content) -> Content:
    """One row with spaces for its tabs."""
    if "\t" not in row.plain:
        return row
    tabbed = TabbedRow(row.plain)
    spans = [
        Span(tabbed.column(start), tabbed.column(end), style) for start, end, style in row.spans
    ]
    return Content(row.plain.expandtabs(TAB), spans, strip_control_codes=False)

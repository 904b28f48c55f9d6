"""Tables as lines: columns aligned, cells wrapped so that the table fits the width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from tui_sessions.tui.widgets.transcript.inline import inline_content, inline_text
from tui_sessions.tui.widgets.transcript.line import FAINT, Line
from tui_sessions.tui.widgets.transcript.plain_rows import Drawn, LazyLines, PlainRows
from tui_sessions.tui.widgets.transcript.styled_rows import StyledRows
from tui_sessions.tui.widgets.transcript.tabs import TAB, with_spaces
from tui_sessions.tui.widgets.transcript.wrapping import break_offsets, trimmed, wrap

if TYPE_CHECKING:
    from markdown_it.token import Token

_GAP = " │ "
_RULE = "─┼─"
_NARROWEST = 4
_CELLS_LIMIT = 4000
"""Larger tables are not aligned: measuring them would hold up the screen."""
_HEAD = "bold"


class Table:
    """The cells of a table, row by row; the first row is its head."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        """Cells as they were written."""
        self.aligns: list[str] = []
        """`left`, `center` or `right` for each column."""

    def take(self, token: Token) -> None:
        """Take in what the parser found next."""
        if token.type == "tr_open":
            self.rows.append([])
        elif token.type == "th_open":
            style = str(token.attrs.get("style", ""))
            self.aligns.append(style.removeprefix("text-align:") or "left")
        elif token.type == "inline":
            self.rows[-1].append(token.content)

    @cached_property
    def texts(self) -> list[list[str]]:
        """What a person reads in the cells."""
        return [[_one_line(inline_text(cell)) for cell in row] for row in self.rows]

    @cached_property
    def sizes(self) -> list[list[int]]:
        """How many cells of the screen that takes."""
        return [[cell_len(text) for text in row] for row in self.texts]

    @cached_property
    def natural(self) -> list[int]:
        """How wide each column would be, had it all the room."""
        of_columns = range(len(self.aligns))
        return [
            max((row[column] for row in self.sizes if column < len(row)), default=1) or 1
            for column in of_columns
        ]

    def cell(self, row: int, column: int) -> Content:
        """A cell as it is drawn."""
        drawn = inline_content(self.rows[row][column])
        text = self.texts[row][column]
        if drawn.plain != text:
            drawn = with_spaces(Content(drawn.plain.replace("\n", " "), [*drawn.spans]))
        return drawn


def with_tables(tokens: Sequence[Token]) -> Sequence[Token]:
    """What a parser found, with each table as the one token that opens it."""
    if not any(token.type == "table_open" for token in tokens):
        return tokens
    kept: list[Token] = []
    table: Table | None = None
    for token in tokens:
        if token.type == "table_open":
            table = token.meta["table"] = Table()
            kept.append(token)
        elif token.type == "table_close":
            table = None
        elif table is not None:
            table.take(token)
        else:
            kept.append(token)
    return kept


def table_lines(table: Table, width: int) -> Iterator[Drawn]:
    """The table, or one cell a line where its columns cannot stand side by side."""
    if sum(len(row) for row in table.rows) > _CELLS_LIMIT:
        yield PlainRows("\n".join(_GAP.join(row) for row in table.texts), width)
        return
    widths = _fit(table.natural, width)
    if widths is None:
        yield from _stacked_lines(table, width)
    else:
        yield _TableRows(table, widths)


def _fit(widths: list[int], width: int) -> list[int] | None:
    """Column widths within the width, the widest made narrower first; None if they cannot be."""
    room = width - len(_GAP) * (len(widths) - 1)
    if sum(widths) <= room:
        return widths
    if room < _NARROWEST * len(widths):
        return None
    ceiling = max(widths)
    while sum(min(size, ceiling) for size in widths) > room:
        ceiling -= 1
    fitted = [min(size, ceiling) for size in widths]
    spare = room - sum(fitted)
    for place, size in enumerate(widths):
        if spare and size > fitted[place]:
            fitted[place] += 1
            spare -= 1
    return fitted


class _TableRows(LazyLines):
    """A table with its columns side by side, and a rule below its head."""

    def __init__(self, table: Table, widths: Sequence[int]) -> None:
        super().__init__()
        self._table = table
        self._widths = widths
        self._places: list[tuple[int, int]] = []
        """Of each line: the row, and which of the row's lines it is; the rule is of no row."""
        for row in range(len(table.rows)):
            self._places += [(row, level) for level in range(self._height(row))]
            if not row:
                self._places.append((-1, 0))
        self._wrapped: tuple[int, list[list[Content]]] = (-1, [])
        """The cells of the row that was drawn last."""

    def __len__(self) -> int:
        return len(self._places)

    def _height(self, row: int) -> int:
        sizes, widths = self._table.sizes[row], self._widths
        if all(size <= width for size, width in zip(sizes, widths, strict=False)):
            return min(len(sizes), 1)
        cells = zip(self._table.texts[row], widths, strict=False)
        return max(len(break_offsets(text, width)) for text, width in cells) + 1

    def _make(self, place: int) -> Line:
        row, level = self._places[place]
        if row < 0:
            rule = _RULE.join("─" * size for size in self._widths)
            return Line(Content.styled(rule, FAINT))
        parts: list[Content | tuple[str, str]] = []
        cells = self._cells(row)
        for column, size in enumerate(self._widths):
            pieces = cells[column] if column < len(cells) else []
            piece = pieces[level] if level < len(pieces) else Content("")
            if column:
                parts.append((_GAP, FAINT))
            parts.append(_aligned(piece, size, self._table.aligns[column]))
        return Line(trimmed(Content.assemble(*parts, strip_control_codes=False)))

    def _cells(self, row: int) -> list[list[Content]]:
        if self._wrapped[0] != row:
            count = min(len(self._table.rows[row]), len(self._widths))
            drawn = [self._table.cell(row, column) for column in range(count)]
            if not row:
                drawn = [cell.stylize(_HEAD) for cell in drawn]
            cells = [
                [piece for piece, _ in wrap(cell, size)]
                for cell, size in zip(drawn, self._widths, strict=False)
            ]
            self._wrapped = (row, cells)
        return self._wrapped[1]


def _one_line(text: str) -> str:
    return text.replace("\n", " ").expandtabs(TAB)


def _aligned(piece: Content, width: int, align: str) -> Content:
    spare = max(width - piece.cell_length, 0)
    left = {"right": spare, "center": spare // 2}.get(align, 0)
    return piece.pad_left(left).pad_right(spare - left)


def _stacked_lines(table: Table, width: int) -> Iterator[Drawn]:
    rows = [*range(1, len(table.rows))] or [0]
    names = table.texts[0] if len(table.rows) > 1 else []
    for row in rows:
        for column, text in enumerate(table.texts[row]):
            name = names[column] if column < len(names) else ""
            shown = f"{name}: {text}" if name else text
            yield StyledRows(shown, width, partial(_stacked_cell, table, row, column))
        yield Line(Content.styled("─" * min(width, 8), FAINT))


def _stacked_cell(table: Table, row: int, column: int) -> Content:
    cell = table.cell(row, column)
    named = row and column < len(table.rows[0]) and table.texts[0][column]
    if not named:
        return cell
    return Content.assemble(table.cell(0, column).stylize(_HEAD), ": ", cell)

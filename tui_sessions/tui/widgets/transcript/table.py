"""Tables as lines: columns aligned, cells wrapped so that the table fits the width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from textual.content import Content

from tui_sessions.tui.widgets.transcript.line import FAINT, Line
from tui_sessions.tui.widgets.transcript.wrapping import trimmed, wrap

_GAP = " │ "
_RULE = "─┼─"
_NARROWEST = 4
_CELLS_LIMIT = 4000
"""Larger tables are not aligned: measuring them would hold up the screen."""


class Table(msgspec.Struct):
    """The cells of a table, row by row; the first row is its head."""

    rows: list[list[Content]] = msgspec.field(default_factory=list)
    aligns: list[str] = msgspec.field(default_factory=list)
    """`left`, `center` or `right` for each column."""


def table_lines(table: Table, width: int) -> Iterator[Line]:
    """The table, or one cell a line where its columns cannot stand side by side."""
    if sum(len(row) for row in table.rows) > _CELLS_LIMIT:
        yield from _listed_lines(table, width)
        return
    widths = _fit([_natural(table, column) for column in range(len(table.aligns))], width)
    if widths is None:
        yield from _stacked_lines(table, width)
        return
    for place, row in enumerate(table.rows):
        yield from _row_lines(
            [cell.stylize("bold") for cell in row] if not place else row, widths, table.aligns
        )
        if not place:
            yield Line(Content.styled(_RULE.join("─" * size for size in widths), FAINT))


def _natural(table: Table, column: int) -> int:
    return max((row[column].cell_length for row in table.rows if column < len(row)), default=1) or 1


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


def _row_lines(
    row: Sequence[Content], widths: Sequence[int], aligns: Sequence[str]
) -> Iterator[Line]:
    cells = [
        [piece for piece, _ in wrap(_one_line(cell), size)]
        for cell, size in zip(row, widths, strict=False)
    ]
    for level in range(max((len(cell) for cell in cells), default=0)):
        parts: list[Content | tuple[str, str]] = []
        for place, size in enumerate(widths):
            pieces = cells[place] if place < len(cells) else []
            piece = pieces[level] if level < len(pieces) else Content("")
            if place:
                parts.append((_GAP, FAINT))
            parts.append(_aligned(piece, size, aligns[place]))
        yield Line(trimmed(Content.assemble(*parts, strip_control_codes=False)))


def _one_line(cell: Content) -> Content:
    return Content(cell.plain.replace("\n", " "), [*cell.spans]) if "\n" in cell.plain else cell


def _aligned(piece: Content, width: int, align: str) -> Content:
    spare = max(width - piece.cell_length, 0)
    left = {"right": spare, "center": spare // 2}.get(align, 0)
    return piece.pad_left(left).pad_right(spare - left)


def _stacked_lines(table: Table, width: int) -> Iterator[Line]:
    head, *rows = table.rows or [[]]
    for row in rows or [head]:
        for place, cell in enumerate(row):
            name = head[place].stylize("bold") if rows and place < len(head) else Content("")
            text = Content.assemble(name, ": " if name else "", cell)
            for piece, joint in wrap(_one_line(text), width):
                yield Line(piece, joint=joint)
        yield Line(Content.styled("─" * min(width, 8), FAINT))


def _listed_lines(table: Table, width: int) -> Iterator[Line]:
    for row in table.rows:
        text = Content(_GAP.join(cell.plain for cell in row))
        for piece, joint in wrap(_one_line(text), width):
            yield Line(piece, joint=joint)

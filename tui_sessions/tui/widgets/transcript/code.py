"""Code blocks as lines: highlighted, on a background of their own, verbatim when copied."""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from textual.content import Content, Span

from tui_sessions.model.visible import visible_line
from tui_sessions.tui.widgets.transcript.latest import Latest
from tui_sessions.tui.widgets.transcript.line import DIM, Line
from tui_sessions.tui.widgets.transcript.wrapping import break_offsets, trimmed

FILL = "on $panel 60%"
_TAB = 4
_HIGHLIGHT_LIMIT = 40_000
"""Longer code is shown in one colour: highlighting it would hold up the screen."""
_REMEMBERED = 60_000
"""The colours of so many characters of code are kept for another width."""
_CONTINUED = "↪ "
_log = logging.getLogger(__name__)


def code_lines(
    code: str, language: str, width: int, *, bright: bool = True, titled: bool = True
) -> Iterator[Line]:
    """The block's language and lines; `code` must have passed `visible`."""
    language = visible_line(language)[:40]
    if titled and language:
        title = Content.styled(f" {language}"[:width], f"{DIM} italic")
        yield Line(title, lead=len(title.plain), fill=FILL, source="", joint="")
    rows = code.removesuffix("\n").split("\n")
    drawn = _bright(f"{language}\n{code}") if bright and language else None
    for place, row in enumerate(rows):
        content = drawn[place] if drawn else Content(row.expandtabs(_TAB))
        yield from _row_lines(row, content, width)


def _highlighted(block: str) -> list[Content] | None:
    """One content for each row below the language; None when there is nothing to highlight."""
    language, _, code = block.removesuffix("\n").partition("\n")
    code = "\n".join(row.expandtabs(_TAB) for row in code.split("\n"))
    if not code.strip() or len(code) > _HIGHLIGHT_LIMIT:
        return None
    # The highlighter takes long to load, and the app starts without it.
    from textual.highlight import highlight

    from tui_sessions.tui.widgets.transcript.code_theme import CodeTheme

    try:
        content = highlight(code, language=language, theme=CodeTheme)
    except Exception:  # a lexer is third-party code that fails in ways of its own
        _log.warning("Code in %r could not be highlighted", language, exc_info=True)
        return None
    lines = content.split("\n", allow_blank=True)
    return lines if [line.plain for line in lines] == code.split("\n") else None


_bright = Latest(_highlighted, most=_REMEMBERED)


def _row_lines(row: str, content: Content, width: int) -> Iterator[Line]:
    if len(row) <= width - 2 and not content.spans and row.isascii() and "\t" not in row:
        shown = row.rstrip()
        text = Content(f" {shown}", [Span(0, 1, DIM)], strip_control_codes=False)
        yield Line(text, lead=1, fill=FILL, source=None if shown == row else row)
        return
    offsets = (
        break_offsets(content.plain, max(width - 4, 4)) if content.cell_length > width - 2 else []
    )
    pieces = content.divide(offsets) if offsets else [content]
    source = _sources(row, [0, *offsets, len(content)])
    for place, piece in enumerate(pieces):
        lead = " " + (_CONTINUED if place else "")
        drawn = trimmed(piece)
        spaces = piece.plain[len(drawn) :]
        last = place == len(pieces) - 1
        if last and spaces and source[place] is None:
            source[place] = piece.plain
        yield Line(
            Content.assemble((lead, DIM), drawn, strip_control_codes=False),
            lead=len(lead),
            joint="\n" if last else spaces if source[place] is None else "",
            fill=FILL,
            source=source[place],
        )


def _sources(row: str, cuts: list[int]) -> list[str | None]:
    """What each piece of an expanded row was before its tabs became spaces."""
    if "\t" not in row:
        return [None] * len(cuts)
    columns: list[int] = []
    column = 0
    for char in row:
        columns.append(column)
        column += _TAB - column % _TAB if char == "\t" else 1
    places = [bisect_left(columns, cut) for cut in cuts]
    return [row[start:end] for start, end in pairwise(places)]

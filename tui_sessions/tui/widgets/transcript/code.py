"""Code blocks as lines: highlighted, on a background of their own, verbatim when copied."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from textual.content import Content

from tui_sessions.model.visible import visible_line
from tui_sessions.tui.widgets.transcript.latest import Latest
from tui_sessions.tui.widgets.transcript.line import DIM, Line
from tui_sessions.tui.widgets.transcript.plain_rows import Drawn, LazyLines
from tui_sessions.tui.widgets.transcript.tabs import TAB, TabbedRows
from tui_sessions.tui.widgets.transcript.wrapping import break_offsets, trimmed

FILL = "on $panel 60%"
_HIGHLIGHT_LIMIT = 40_000
"""Longer code is shown in one colour: highlighting it would hold up the screen."""
_REMEMBERED = 60_000
"""The colours of so many characters of code are kept for another width."""
_CONTINUED = "↪ "
_log = logging.getLogger(__name__)


def code_lines(
    code: str, language: str, width: int, *, bright: bool = True, titled: bool = True
) -> Iterator[Drawn]:
    """The block's language and lines; `code` must have passed `visible`."""
    language = visible_line(language)[:40]
    if titled and language:
        title = Content.styled(f" {language}"[:width], f"{DIM} italic")
        yield Line(title, lead=len(title.plain), fill=FILL, source="", joint="")
    rows = code.removesuffix("\n").split("\n")
    drawn = _bright(f"{language}\n{code}") if bright and language else None
    yield _CodeRows(rows, drawn, width)


def _highlighted(block: str) -> list[Content] | None:
    """One content for each row below the language; None when there is nothing to highlight."""
    language, _, code = block.removesuffix("\n").partition("\n")
    code = "\n".join(row.expandtabs(TAB) for row in code.split("\n"))
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


class _CodeRows(LazyLines):
    """Rows of code, each on as many lines as it needs."""

    def __init__(self, rows: Sequence[str], drawn: Sequence[Content] | None, width: int) -> None:
        super().__init__()
        self._rows = rows
        self._drawn = drawn
        self._tabbed = TabbedRows(rows)
        self._cuts: dict[int, list[int]] = {}
        """Where each row is cut that is not a plain one on a line of its own, its ends included."""
        self._places: list[tuple[int, int]] = []
        """Of each line: the row, and which of its pieces it is."""
        for number, row in enumerate(rows):
            if len(row) <= width - 2 and row.isascii() and "\t" not in row:
                self._places.append((number, 0))
                continue
            text = row.expandtabs(TAB)
            fits = cell_len(text) <= width - 2
            cuts = [0, *(() if fits else break_offsets(text, max(width - 4, 4))), len(text)]
            self._cuts[number] = cuts
            self._places += [(number, piece) for piece in range(len(cuts) - 1)]

    def __len__(self) -> int:
        return len(self._places)

    def _make(self, place: int) -> Line:
        number, piece = self._places[place]
        row = self._rows[number]
        cuts = self._cuts.get(number, [0, len(row)])
        start, end = cuts[piece : piece + 2]
        whole = self._drawn[number] if self._drawn else Content(row.expandtabs(TAB))
        drawn = trimmed(whole[start:end])
        spaces = whole.plain[start + len(drawn) : end]
        source = self._tabbed.written(number, start, end)
        last = piece == len(cuts) - 2
        if last and spaces and source is None:
            source = row[start:end]
        lead = " " + (_CONTINUED if piece else "")
        return Line(
            Content.assemble((lead, DIM), drawn, strip_control_codes=False),
            lead=len(lead),
            joint="\n" if last else spaces if source is None else "",
            fill=FILL,
            source=source,
            column=start,
        )

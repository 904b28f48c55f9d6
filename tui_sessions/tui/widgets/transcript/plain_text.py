"""Text that is shown as it stands, as far as anybody reads it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from tui_sessions.model.visible import visible
from tui_sessions.tui.widgets.transcript.line import DIM, Line
from tui_sessions.tui.widgets.transcript.plain_rows import Drawn, PlainRows

SHOWN_LIMIT = 500_000
"""Of longer texts only this many characters are shown."""
_ROWS_LIMIT = 20_000
"""Of texts with more lines only these are shown."""


def shown_lines(text: str, width: int, style: str = "") -> Iterator[Drawn]:
    """The text, soft-wrapped; how much is left out is said."""
    shown = text[:SHOWN_LIMIT]
    if shown.count("\n") > _ROWS_LIMIT:
        shown = "\n".join(shown.split("\n", _ROWS_LIMIT)[:_ROWS_LIMIT])
    yield PlainRows(visible(shown).strip("\n"), width, style)
    if len(text) > len(shown):
        rest = f"… {len(text) - len(shown):,} more characters; copy the message to read them"
        yield Line(Content.styled(rest, DIM).truncate(width, ellipsis=True), source="")


def counted(number: int, noun: str) -> str:
    """A number of things: `1 line`, `1,200 lines`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

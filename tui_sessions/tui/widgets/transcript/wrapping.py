"""Breaking text into lines of a width, and remembering what joins them again."""

from __future__ import annotations

from collections.abc import Iterator

from rich._wrap import divide_line
from textual.content import Content

from tui_sessions.tui.widgets.transcript.line import Line

_STRETCH = 4000
"""Longer lines are broken in stretches, as the exact way slows down on very long words."""


def break_offsets(text: str, width: int) -> list[int]:
    """Where to break one line of text so that each piece fits; long words are cut."""
    width = max(width, 1)
    if text.isascii():
        return _ascii_offsets(text, width)
    if len(text) <= _STRETCH:
        return divide_line(text, max(width, 2))
    offsets: list[int] = []
    for start in range(0, len(text), _STRETCH):
        if start:
            offsets.append(start)
        offsets += [
            start + cut for cut in divide_line(text[start : start + _STRETCH], max(width, 2))
        ]
    return offsets


def _ascii_offsets(text: str, width: int) -> list[int]:
    offsets: list[int] = []
    place, size = 0, len(text)
    while size - place > width:
        cut = text.rfind(" ", place, place + width + 1)
        if cut <= place or text[place:cut].isspace():
            cut = place + width
        else:
            while cut < size and text[cut] == " ":
                cut += 1
        if cut >= size:
            break
        offsets.append(cut)
        place = cut
    return offsets


def wrap(content: Content, width: int) -> Iterator[tuple[Content, str]]:
    """The pieces of one line of content, each with what joins it to the next piece."""
    offsets = break_offsets(content.plain, width)
    pieces = content.divide(offsets) if offsets else [content]
    for piece in pieces[:-1]:
        drawn = piece.rstrip()
        yield drawn, piece.plain[len(drawn.plain) :]
    yield pieces[-1].rstrip(), "\n"


def plain_lines(text: str, width: int, style: str = "") -> Iterator[Line]:
    """Text as it stands, soft-wrapped; it must have passed `visible`."""
    for row in text.split("\n"):
        expanded = row.expandtabs(4)
        offsets = [*break_offsets(expanded, width), len(expanded)]
        start = 0
        for end in offsets:
            piece = expanded[start:end]
            drawn = piece.rstrip()
            last = end == len(expanded)
            yield Line(
                Content.styled(drawn, style) if drawn else Content(""),
                joint="\n" if last else piece[len(drawn) :],
                source=row if last and start == 0 and expanded is not row else None,
            )
            start = end

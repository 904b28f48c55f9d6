"""Breaking text into lines of a width, and remembering what joins them again."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from tui_sessions.tui.widgets.transcript.row_breaks import row_breaks


def break_offsets(text: str, width: int) -> list[int]:
    """Where to break one line of text so that each piece fits; long words are cut."""
    width = max(width, 1)
    if text.isascii():
        return _ascii_offsets(text, width)
    return row_breaks(text, max(width, 2))


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


def trimmed(content: Content) -> Content:
    """Content without the space at its end; mostly there is none."""
    return content.rstrip() if content.plain[-1:].isspace() else content


def wrap(content: Content, width: int) -> Iterator[tuple[Content, str]]:
    """The pieces of one line of content, each with what joins it to the next piece."""
    offsets = break_offsets(content.plain, width)
    pieces = content.divide(offsets) if offsets else [content]
    for piece in pieces[:-1]:
        drawn = trimmed(piece)
        yield drawn, piece.plain[len(drawn.plain) :]
    yield trimmed(pieces[-1]), "\n"

"""The parts of a message as lines: text in full, the rest folded until it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from textual.content import Content

from tui_sessions.model.kept_files import kept_name
from tui_sessions.model.message import (
    FilePart,
    ImagePart,
    OpaquePart,
    Part,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.visible import visible, visible_line
from tui_sessions.tui.widgets.transcript.code import code_lines
from tui_sessions.tui.widgets.transcript.line import DIM, Line
from tui_sessions.tui.widgets.transcript.markdown import markdown_lines, parse
from tui_sessions.tui.widgets.transcript.plain_rows import Drawn, PlainRows
from tui_sessions.tui.widgets.transcript.plain_text import counted, shown_lines
from tui_sessions.tui.widgets.transcript.tool_lines import call_lines, result_lines

MARKDOWN_LIMIT = 100_000
"""Longer texts are shown as they stand."""
_FOLDING = (ThinkingPart, ToolCallPart, ToolResultPart)


def fold_keys(parts: Collection[Part]) -> list[str]:
    """The folds of a message, by the places of its parts."""
    return [
        str(place)
        for place, part in enumerate(parts)
        if isinstance(part, _FOLDING) and (not isinstance(part, ThinkingPart) or part.text.strip())
    ]


def part_lines(part: Part, key: str, role: str, width: int, opened: bool) -> Iterator[Drawn]:
    """One part of a message; `key` names its fold and `opened` says whether it is unfolded."""
    if isinstance(part, TextPart):
        yield from text_lines(part.text, role, width)
    elif isinstance(part, ThinkingPart):
        yield fold_line(f"thought · {counted(len(part.text.split()), 'word')}", key, width, opened)
        if opened:
            yield from shown_lines(part.text, width, DIM)
    elif isinstance(part, ToolCallPart):
        yield from call_lines(part, key, width, opened, None)
    elif isinstance(part, ToolResultPart):
        yield from result_lines(part, key, width, opened)
    elif isinstance(part, SummaryPart):
        if role != "system":  # there the header says so
            yield Line(Content.styled("≡ summary", "bold $text-secondary"), source="")
        yield from text_lines(part.text, "assistant", width)
    else:
        yield _attachment_line(part, width)


def text_lines(text: str, role: str, width: int) -> Iterator[Drawn]:
    """Text of a role: an agent writes Markdown, the others are shown as they typed."""
    if len(text) > MARKDOWN_LIMIT:
        yield from shown_lines(text, width)
    elif role in ("assistant", "system"):
        yield from markdown_lines(parse(visible(text)), width)
    else:
        yield from _typed_lines(visible(text).strip("\n"), width)


def fold_line(title: str, key: str, width: int, opened: bool, style: str = DIM) -> Line:
    """The one line that stands for what is folded."""
    text = Content.styled(f"{'▾' if opened else '▸'} {title}", style)
    return Line(text.truncate(width, ellipsis=True), fold=key)


def _typed_lines(text: str, width: int) -> Iterator[Drawn]:
    """What a person typed, as it stands, with only code blocks set off."""
    rows = text.split("\n")
    place = 0
    for token in parse(text) if "```" in text or "~~~" in text else ():
        if token.type != "fence" or token.level or token.map is None:
            continue
        start, end = token.map
        if start > place:
            yield PlainRows("\n".join(rows[place:start]), width)
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        yield from code_lines(token.content, language, width)
        place = end
    if place < len(rows):
        yield PlainRows("\n".join(rows[place:]), width)


def _attachment_line(part: ImagePart | FilePart | OpaquePart, width: int) -> Line:
    if isinstance(part, ImagePart):
        text = " · ".join(("▣ image", *_particulars(part)))
    elif isinstance(part, FilePart):
        text = " · ".join((f"▤ {visible_line(part.name)}", *_particulars(part)))
    else:
        text = f"◌ {visible_line(str(part.data.get('type', 'unknown'))[:80])} (not shown)"
    return Line(Content.styled(text, DIM).truncate(width, ellipsis=True))


def _particulars(part: ImagePart | FilePart) -> Iterator[str]:
    """What kind of file it is, how large, and where it lies beside the session."""
    if part.media_type:
        yield visible_line(part.media_type)
    size = len(part.data) * 3 // 4 if part.data else part.size
    if size is not None:
        yield _bytes(size)
    if part.path and (isinstance(part, ImagePart) or kept_name(part.path)):
        yield visible_line(part.path)


def _bytes(size: int) -> str:
    return f"{size} B" if size < 1000 else f"{size / 1000:,.0f} kB"

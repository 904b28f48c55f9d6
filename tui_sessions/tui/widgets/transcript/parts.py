"""The parts of a message as lines: text in full, the rest folded until it is asked for."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from textual.content import Content

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
from tui_sessions.tui.widgets.transcript.wrapping import plain_lines

MARKDOWN_LIMIT = 100_000
"""Longer texts are shown as they stand."""
SHOWN_LIMIT = 500_000
"""Of longer texts only this many characters are shown."""
_ROWS_LIMIT = 20_000
"""Of texts with more lines only these are shown."""
_FOLDING = (ThinkingPart, ToolCallPart, ToolResultPart)


def fold_keys(parts: Collection[Part]) -> list[str]:
    """The folds of a message, by the places of its parts."""
    return [str(place) for place, part in enumerate(parts) if isinstance(part, _FOLDING)]


def part_lines(part: Part, key: str, role: str, width: int, opened: bool) -> Iterator[Line]:
    """One part of a message; `key` names its fold and `opened` says whether it is unfolded."""
    if isinstance(part, TextPart):
        yield from text_lines(part.text, role, width)
    elif isinstance(part, ThinkingPart):
        yield fold_line(f"thought · {_count(len(part.text.split()), 'word')}", key, width, opened)
        if opened:
            yield from _shown(part.text, width, DIM)
    elif isinstance(part, ToolCallPart):
        yield from _call_lines(part, key, width, opened)
    elif isinstance(part, ToolResultPart):
        yield from _result_lines(part, key, width, opened)
    elif isinstance(part, SummaryPart):
        yield Line(Content.styled("≡ summary", "bold $text-secondary"), source="")
        yield from text_lines(part.text, "assistant", width)
    else:
        yield _attachment_line(part, width)


def text_lines(text: str, role: str, width: int) -> Iterator[Line]:
    """Text of a role: an agent writes Markdown, the others are shown as they typed."""
    if len(text) > MARKDOWN_LIMIT:
        yield from _shown(text, width)
    elif role in ("assistant", "system"):
        yield from markdown_lines(parse(visible(text)), width)
    else:
        yield from _typed_lines(visible(text).strip("\n"), width)


def fold_line(title: str, key: str, width: int, opened: bool, style: str = DIM) -> Line:
    """The one line that stands for what is folded."""
    text = Content.styled(f"{'▾' if opened else '▸'} {title}", style)
    return Line(text.truncate(width, ellipsis=True), fold=key)


def _typed_lines(text: str, width: int) -> Iterator[Line]:
    """What a person typed, as it stands, with only code blocks set off."""
    rows = text.split("\n")
    place = 0
    for token in parse(text) if "```" in text or "~~~" in text else ():
        if token.type != "fence" or token.level or token.map is None:
            continue
        start, end = token.map
        if start > place:
            yield from plain_lines("\n".join(rows[place:start]), width)
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        yield from code_lines(token.content, language, width)
        place = end
    if place < len(rows):
        yield from plain_lines("\n".join(rows[place:]), width)


def _shown(text: str, width: int, style: str = "") -> Iterator[Line]:
    shown = text[:SHOWN_LIMIT]
    if shown.count("\n") > _ROWS_LIMIT:
        shown = "\n".join(shown.split("\n", _ROWS_LIMIT)[:_ROWS_LIMIT])
    yield from plain_lines(visible(shown).strip("\n"), width, style)
    if len(text) > len(shown):
        rest = f"… {len(text) - len(shown):,} more characters; copy the message to read them"
        yield Line(Content.styled(rest, DIM).truncate(width, ellipsis=True), source="")


def _call_lines(part: ToolCallPart, key: str, width: int, opened: bool) -> Iterator[Line]:
    yield fold_line(f"{visible_line(part.name)}  {digest(part.arguments)}", key, width, opened)
    if opened:
        try:
            text = json.dumps(part.arguments, indent=2, ensure_ascii=False, default=repr)
        except (TypeError, ValueError, RecursionError):
            text = "(arguments that cannot be shown)"
        yield from code_lines(visible(text[:SHOWN_LIMIT]), "json", width, titled=False)


def digest(arguments: Any) -> str:
    """The arguments of a call in one line."""
    if isinstance(arguments, dict):
        items = list(arguments.items())[:6]
        return "  ".join(f"{visible_line(str(name))}={_brief(value)}" for name, value in items)
    return "" if arguments is None else _brief(arguments)


def _brief(value: Any) -> str:
    if isinstance(value, str):
        return visible_line(value[:200])
    if isinstance(value, (list, tuple, dict)):
        return f"[{len(value)}]" if not isinstance(value, dict) else f"{{{len(value)}}}"
    return visible_line(str(value)[:200])


def _result_lines(part: ToolResultPart, key: str, width: int, opened: bool) -> Iterator[Line]:
    text = part.text.strip("\n")
    first = visible_line(text[:400].split("\n", 1)[0])
    count = _count(text.count("\n") + 1 if text else 0, "line")
    room = max(width - len(count) - 8, 4)
    shown = Content(first).truncate(room, ellipsis=True).plain
    title = f"{'✗ ' if part.is_error else ''}{shown} · {count}" if shown else count
    yield fold_line(title, key, width, opened, "$text-error" if part.is_error else DIM)
    if opened and text:
        yield from _shown(text, width, DIM)


def _attachment_line(part: ImagePart | FilePart | OpaquePart, width: int) -> Line:
    if isinstance(part, ImagePart):
        name = part.path or "image"
        size = f" · {_bytes(len(part.data) * 3 // 4)}" if part.data else ""
        text = f"▣ {visible_line(name)} · {visible_line(part.media_type)}{size}"
    elif isinstance(part, FilePart):
        kind = f" · {visible_line(part.media_type)}" if part.media_type else ""
        text = f"▤ {visible_line(part.name)}{kind}"
    else:
        text = f"◌ {visible_line(str(part.data.get('type', 'unknown'))[:80])} (not shown)"
    return Line(Content.styled(text, DIM).truncate(width, ellipsis=True))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _bytes(size: int) -> str:
    return f"{size} B" if size < 1000 else f"{size / 1000:,.0f} kB"

"""A chat as plain text for reading in a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from tui_sessions.cli.output import count, local_time, shortened
from tui_sessions.model.message import (
    FilePart,
    ImagePart,
    Message,
    Part,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)

_FOLDED_WIDTH = 100


def transcript(messages: Iterable[Message], *, full: bool, ids: bool = False) -> Iterator[str]:
    """The messages, one text each.

    Args:
        messages: oldest first.
        full: thinking, tool calls and results whole instead of a line each.
        ids: each message tells its id, too.
    """
    for message in messages:
        yield "\n".join((_heading(message, ids), *_body(message, full), ""))


def part_text(part: Part, *, full: bool) -> str:
    """One part of a message."""
    match part:
        case TextPart(text) | SummaryPart(text):
            return text
        case ThinkingPart(text):
            return _block("thinking", text, full, count(len(text.split()), "word"))
        case ToolCallPart(_, name, arguments):
            indent = 2 if full else None
            shown = json.dumps(arguments, ensure_ascii=False, indent=indent, default=str)
            return _block(f"tool {name}", shown, full)
        case ToolResultPart(_, text, is_error):
            return _block("tool error" if is_error else "tool result", text, full)
        case ImagePart(media_type, _, path):
            return f"[image {media_type}{' ' + path if path else ''}]"
        case FilePart(name, media_type, path):
            return (
                f"[file {name}{' ' + media_type if media_type else ''}{' ' + path if path else ''}]"
            )
        case _:
            return _block("other content", json.dumps(part.data, ensure_ascii=False), full)


def _heading(message: Message, ids: bool) -> str:
    notes = [message.role]
    if message.model:
        notes.append(message.model)
    if message.created_at is not None:
        notes.append(local_time(message.created_at))
    if message.status != "complete":
        notes.append(message.status)
    if message.hidden:
        notes.append("hidden")
    if ids:
        notes.append(message.id)
    return "── " + " · ".join(" ".join(each.split()) for each in notes)


def _body(message: Message, full: bool) -> Iterator[str]:
    if message.hidden and not full:
        yield _block("context", message.text, full)
    else:
        for part in message.content:
            if not isinstance(part, ThinkingPart) or part.text.strip():
                yield part_text(part, full=full)
    if message.error:
        yield f"[failed: {message.error}]"


def _block(kind: str, text: str, full: bool, size: str = "") -> str:
    """Text in brackets: whole, or a line that tells what it is."""
    if full:
        return f"[{kind}]\n{text}\n[end of {kind}]"
    beginning = " ".join(text[: 4 * _FOLDED_WIDTH].split())
    return f"[{kind}: {size or shortened(beginning, _FOLDED_WIDTH)}]"

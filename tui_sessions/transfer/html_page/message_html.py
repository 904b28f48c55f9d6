"""The messages of a chat as HTML."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from html import escape

from tui_sessions.model.clock import as_utc, format_time
from tui_sessions.model.message import (
    FilePart,
    ImagePart,
    Message,
    OpaquePart,
    Part,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.visible import visible_line
from tui_sessions.transfer.html_page.rich_text import code_html, plain_html, rich_html

_NAMES = {"user": "User", "assistant": "Assistant", "system": "System", "tool": "Tool"}
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
"""What is drawn; an SVG could hold more than a picture."""
_HINT_LENGTH = 60


def line_html(text: str) -> str:
    """A text on one line."""
    return escape(visible_line(text).strip())


def message_html(message: Message, anchor: str, tools: Mapping[str, str]) -> str:
    """One message.

    Args:
        message: it.
        anchor: its place on the page.
        tools: the names of the tools that were called, by the ids of the calls.
    """
    role = message.role if message.role in _NAMES else "other"
    body = "".join(_part(part, tools) for part in message.content)
    if message.hidden:
        body = folded("Context that a tool put in", body) if body else ""
    if message.error:
        body += f'<p class="failed">Failed: {line_html(message.error)}</p>\n'
    head = _head(message, anchor)
    return f'<article class="{role}" id="{anchor}">\n{head}\n{body}</article>\n'


def folded(title: str, body: str, kind: str = "") -> str:
    """Something that is only shown when it is asked for."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<details{attribute}><summary>{line_html(title)}</summary>\n{body}</details>\n"


def _head(message: Message, anchor: str) -> str:
    name = _NAMES.get(message.role) or message.role
    notes = [f'<a href="#{anchor}">{line_html(name)}</a>']
    if message.model:
        notes.append(line_html(message.model))
    if message.created_at is not None:
        shown = as_utc(message.created_at).strftime("%Y-%m-%d %H:%M UTC")
        notes.append(f'<time datetime="{format_time(message.created_at)}">{shown}</time>')
    if message.usage is not None and message.usage.total_tokens:
        notes.append(f"{message.usage.total_tokens:,} tokens")
    if message.status != "complete":
        notes.append(line_html(message.status))
    return f"<header>{' · '.join(notes)}</header>"


def _part(part: Part, tools: Mapping[str, str]) -> str:
    match part:
        case TextPart(text):
            return rich_html(text)
        case SummaryPart(text):
            return folded("Summary of what came before", rich_html(text))
        case ThinkingPart(text):
            return folded("Thinking", plain_html(text)) if text.strip() else ""
        case ToolCallPart(_, name, arguments):
            text = json.dumps(arguments, ensure_ascii=False, indent=2)
            return folded(f"Tool call: {name}{_hint(arguments)}", code_html(text, "json"))
        case ToolResultPart(call_id, text, is_error):
            title = "Tool error" if is_error else "Tool result"
            full = f"{title}: {tools[call_id]}" if call_id in tools else title
            return folded(full, plain_html(text), "failed" if is_error else "")
        case ImagePart():
            return _picture(part)
        case FilePart(name, media_type, _):
            return f"<p>📎 {line_html(name)} ({line_html(media_type or 'unknown type')})</p>\n"
        case OpaquePart(data):
            text = json.dumps(data, ensure_ascii=False, indent=2)
            return folded("Other content", code_html(text, "json"))


def _hint(arguments: object) -> str:
    """What a call is about, by its first text."""
    values = arguments.values() if isinstance(arguments, dict) else ()
    first = next((value for value in values if isinstance(value, str)), "")
    line = visible_line(first).strip()
    return f" — {line[:_HINT_LENGTH]}{'…' if len(line) > _HINT_LENGTH else ''}" if line else ""


def _picture(part: ImagePart) -> str:
    kind = part.media_type.lower()
    data = _base64(part.data) if part.data and kind in _PICTURES else None
    if data is None:
        return f"<p>🖼 Picture ({line_html(part.media_type)}), not in this page</p>\n"
    return f'<p><img alt="Picture" src="data:{kind};base64,{data}"></p>\n'


def _base64(text: str) -> str | None:
    try:
        return base64.b64encode(base64.b64decode(text)).decode()
    except (binascii.Error, ValueError):
        return None

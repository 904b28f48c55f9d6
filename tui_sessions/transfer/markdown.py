"""A session as a Markdown file for people: front matter, then one heading a message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from tui_sessions.model.clock import format_time
from tui_sessions.model.document import SessionDocument
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
from tui_sessions.model.session import Chat, Session
from tui_sessions.model.visible import visible, without_escapes
from tui_sessions.transfer.export_base import ForkNote
from tui_sessions.transfer.fork_notes import FORKED, by_message
from tui_sessions.transfer.harmless_markdown import harmless

_NAMES = {"user": "User", "assistant": "Assistant", "system": "System", "tool": "Tool"}
_TICKS = re.compile(r"`{3,}")
_FENCE_LINE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")
_LINE_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Markdown:
    """Writes for people, and for tools that read Markdown."""

    name = "markdown"
    title = "Markdown"
    suffix = ".md"

    def export(self, document: SessionDocument) -> bytes:
        """The session as UTF-8."""
        return self.export_with_forks(document, ())

    def export_with_forks(self, document: SessionDocument, forks: Sequence[ForkNote]) -> bytes:
        """The same, with a line wherever another session forked off."""
        return export_markdown(document, forks).encode("utf-8", "replace")


def export_markdown(document: SessionDocument, forks: Sequence[ForkNote] = ()) -> str:
    """The session with all its chats; what is not text for people is folded."""
    session = document.session()
    blocks = [_front_matter(session, forks), f"# {_inline(session.label or 'Untitled')}"]
    placed, others = by_message(document, forks)
    several = len(session.chats) > 1
    for chat in session.chats:
        if several:
            blocks.append(f"## Chat: {_inline(chat.name)}")
        messages = document.messages(chat.id)
        blocks += _chat_blocks(session, chat, messages, placed, 3 if several else 2)
    blocks += map(_fork_line, others)
    return visible(without_escapes("\n\n".join(blocks))) + "\n"


def _front_matter(session: Session, forks: Sequence[ForkNote]) -> str:
    fields: dict[str, Any] = {
        "title": session.label,
        "session": session.id,
        "workspace": session.workspace_id,
        "user": session.user_id or None,
        "state": session.state.value,
        "created": format_time(session.created_at),
        "last_active": format_time(session.last_active_at),
        "tags": list(session.tags) or None,
    }
    if session.origin is not None:
        origin = session.origin
        fields |= {"source": origin.format, "source_id": origin.id, "source_path": origin.path}
    if session.parent is not None:
        link = session.parent
        fields |= {"parent": link.session_id, "parent_kind": link.kind}
        fields["fork_point"] = link.message_id
    fields["forks"] = [_fork_fields(fork) for fork in forks] or None
    fields["chats"] = [_chat_fields(chat) for chat in session.chats]
    lines = [f"{key}: {_yaml(value)}" for key, value in fields.items() if value is not None]
    return "\n".join(("---", *lines, "---"))


def _chat_fields(chat: Chat) -> dict[str, Any]:
    agent = chat.agent
    fields = {
        "id": chat.id,
        "name": chat.name,
        "provider": agent.provider,
        "model": agent.model,
        "template": agent.template,
        "inherited": chat.inherited or None,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _fork_fields(fork: ForkNote) -> dict[str, Any]:
    fields = {"session": fork.session_id, "title": fork.label, "kind": fork.kind}
    return {**fields, "fork_point": fork.message_id} if fork.message_id else fields


def _fork_line(fork: ForkNote) -> str:
    name = _inline(fork.label) or "Untitled"
    shown = f"[{name}](<{fork.file}>)" if fork.file else name
    return f"*{FORKED.get(fork.kind, FORKED['fork'])}: {shown} (`{fork.session_id}`)*"


def _yaml(value: Any) -> str:
    r"""JSON is YAML; the line separators that YAML counts as breaks are escaped as well.

    So is `<`, for readers that know no front matter.
    """
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
    return _LINE_BREAKS.sub(lambda found: "".join(f"\\u{ord(c):04x}" for c in found[0]), text)


def _chat_blocks(
    session: Session,
    chat: Chat,
    messages: Iterable[Message],
    forks: Mapping[str, Sequence[ForkNote]],
    level: int,
) -> Iterator[str]:
    if chat.agent.system_prompt:
        yield _folded("System prompt", _fenced(chat.agent.system_prompt))
    for place, message in enumerate(messages):
        if place == chat.inherited and chat.inherited:
            parent = f"`{session.parent.session_id}`" if session.parent else "its parent"
            yield f"*Forked from {parent} here: the {place} messages above came from it.*"
        yield _heading(message, level)
        body = "\n\n".join(text for part in message.content if (text := _part(part)))
        if message.hidden and body:
            body = _folded("Context that a tool put in", body)
        if body:
            yield body
        if message.error:
            yield f"*Failed: {_inline(message.error)}*"
        yield from map(_fork_line, forks.get(message.id, ()))


def _heading(message: Message, level: int) -> str:
    notes = [_NAMES.get(message.role, _inline(message.role))]
    if message.model:
        notes.append(_inline(message.model))
    if message.created_at is not None:
        notes.append(format_time(message.created_at))
    if message.status != "complete":
        notes.append(_inline(message.status))
    return f"{'#' * level} {' · '.join(notes)}"


def _part(part: Part) -> str:
    match part:
        case TextPart(text):
            return _closed(harmless(text))
        case SummaryPart(text):
            return _folded("Summary of what came before", _closed(harmless(text)))
        case ThinkingPart(text):
            return _folded("Thinking", _fenced(text)) if text.strip() else ""
        case ToolCallPart(call_id, name, arguments):
            text = json.dumps(arguments, ensure_ascii=False, indent=2)
            return _folded(f"Tool call: {name} ({call_id})", _fenced(text, "json"))
        case ToolResultPart(call_id, text, is_error):
            outcome = "Tool error" if is_error else "Tool result"
            return _folded(f"{outcome} ({call_id})", _fenced(text))
        case ImagePart(media_type, data, path):
            size = f", {len(data) * 3 // 4 - data[-2:].count('=')} bytes" if data else ""
            return f"*Image ({_inline(media_type)}{size}{_at(path)})*"
        case FilePart(name, media_type, path):
            return f"*File {_inline(name)} ({_inline(media_type or 'unknown type')}{_at(path)})*"
        case OpaquePart(content):
            text = json.dumps(content, ensure_ascii=False, indent=2)
            return _folded("Other content", _fenced(text, "json"))


def _at(path: str | None) -> str:
    return f", {_inline(path)}" if path else ""


def _folded(summary: str, body: str) -> str:
    title = escape(_LINE_BREAKS.sub(" ", summary))
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def _fenced(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any in the text."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _closed(text: str) -> str:
    """Markdown text with its last code block closed, so that it cannot swallow what follows."""
    fence: str | None = None
    for line in text.split("\n"):
        found = _FENCE_LINE.match(line.rstrip("\r"))
        if found is None:
            continue
        marks, rest = found.groups()
        if fence is None:
            fence = marks if marks[0] == "~" or "`" not in rest else None
        elif marks[0] == fence[0] and len(marks) >= len(fence) and not rest.strip():
            fence = None
    return text if fence is None else f"{text}\n{fence}"


def _inline(text: str) -> str:
    """Text on one line in which nothing is markup."""
    return _MARKUP.sub(r"\\\1", _LINE_BREAKS.sub(" ", text).strip())

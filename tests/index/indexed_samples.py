"""Texts for the full-text index, and what writes and finds them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tui_sessions import (
    FilePart,
    ImagePart,
    Message,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.index.base import ChatText, Scope, SessionText
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.model.query import parse_query

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def message(key: str, *parts: Any, role: str = "user", **fields: Any) -> Message:
    content = tuple(TextPart(part) if isinstance(part, str) else part for part in parts)
    return Message(id=key, role=role, content=content, **{"created_at": NOON, **fields})


def session(key: str, *messages: Message, **fields: Any) -> SessionText:
    chats = [ChatText(chat_id="c", messages=messages)]
    values = {"workspace_id": "w", "stamp": "1", "title": "", "time": NOON, "chats": chats}
    return SessionText(session_id=key, **{**values, **fields})


def opened(folder: Path) -> TantivyIndex:
    index = TantivyIndex(folder)
    index.open()
    return index


def put(index: TantivyIndex, sessions: Sequence[SessionText], gone: Sequence[str]) -> None:
    index.write(sessions, gone)
    index.settle()


def stale_in(index: TantivyIndex, stamps: Mapping[str, str]) -> Sequence[str]:
    return index.compare("w", stamps).stale


def found(index: TantivyIndex, text: str, *, as_typed: bool = False, **scope: Any) -> list[str]:
    query = parse_query(text, as_typed=as_typed, clock=lambda: NOON)
    hits = index.find(query, Scope(**scope), 50, 0)
    return [hit.message_id or hit.session_id for _, hit in hits.passages]


TALK = session(
    "s",
    message("hello", "Hello parser, hello world"),
    message("tokyo", "日本の東京タワー and a Crème"),
    message(
        "code", "```py\nparseQuery(snake_case_name)\n```", role="assistant", model="gpt-5.2-mini"
    ),
    message(
        "tools", ToolCallPart("1", "read_file", {"path": "src/lexer.py", "n": 7}), role="assistant"
    ),
    message(
        "result", ToolResultPart("1", "no such file"), role="tool", created_at=NOON - timedelta(9)
    ),
    message("thought", ThinkingPart("pondering deeply"), "Fine", role="assistant"),
    message("image", ImagePart("image/png", data="aGVsbG8gd29ybGQ="), FilePart("notes.txt")),
    message("hidden", "injected context", hidden=True),
    title="Grammar work · tagged",
)

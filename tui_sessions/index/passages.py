"""What of a message can be found, and what cannot: pictures, secrets and endless tool output."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime

from tui_sessions.index.base import Passage
from tui_sessions.model.document import SessionDocument
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
from tui_sessions.model.visible import without_escapes

LONGEST_OUTPUT = 10_000
"""Of what a tool was given or gave back only so many characters can be found."""
LONGEST_TEXT = 5_000_000
"""Of any other text."""
_BLOB = re.compile(r"[A-Za-z0-9+/=_-]{200,}")
"""Encoded data, which nobody looks for by its letters."""
_CODED = bytes(
    ord("x") if (chr(code).isalnum() and code < 128) or chr(code) in "+/=_-" else 32
    for code in range(256)
)
"""Makes every byte an x that may be a part of encoded data: a quick look whether there is any."""
_LONG_RUN = b"x" * 200


def passage_of(
    message: Message, session_id: str, workspace_id: str, chat_id: str, at: datetime
) -> Passage:
    """What of a message can be found; `at` is its time where it does not say."""
    text = "\n".join(filter(None, _texts(message)))
    return Passage(
        session_id=session_id,
        workspace_id=workspace_id,
        chat_id=whole(chat_id),
        message_id=whole(message.id),
        role=whole(message.role),
        model=whole(message.model or ""),
        time=(message.created_at or at).timestamp(),
        features=tuple(_features(message.content, text)),
        text=_clean(text[:LONGEST_TEXT]),
    )


def passages_of(document: SessionDocument) -> Iterator[Passage]:
    """Everything in a session that can be found, and the session itself by what it is called."""
    session = document.head
    names = (session.label, " ".join(session.tags), session.workspace_id)
    yield Passage(
        session_id=session.id,
        workspace_id=session.workspace_id,
        time=session.last_active_at.timestamp(),
        text=whole(" · ".join(filter(None, names))),
    )
    for chat in session.chats:
        for message in document.messages(chat.id):
            yield passage_of(
                message, session.id, session.workspace_id, chat.id, session.last_active_at
            )


def whole(text: str) -> str:
    """The text without halves of characters, which no index can take."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _texts(message: Message) -> Iterator[str]:
    for part in message.content:
        if isinstance(part, (TextPart, ThinkingPart, SummaryPart)):
            yield part.text
        elif isinstance(part, ToolResultPart):
            yield part.text[:LONGEST_OUTPUT]
        elif isinstance(part, ToolCallPart):
            yield f"{part.name} {_arguments(part.arguments)}"
        elif isinstance(part, FilePart):
            yield part.name
    if message.error:
        yield message.error


def _arguments(arguments: object) -> str:
    """The words of a tool call's arguments, without what JSON puts between them."""
    if arguments is None:
        return ""
    pieces: list[str] = []
    room = LONGEST_OUTPUT
    waiting = [arguments]
    while waiting and room > 0:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(reversed([each for pair in value.items() for each in pair]))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        else:
            piece = value if isinstance(value, str) else json.dumps(value, default=str)
            pieces.append(piece[:room])
            room -= len(piece) + 1
    return " ".join(pieces)


def _features(parts: tuple[Part, ...], text: str) -> Iterator[str]:
    if "```" in text or "~~~" in text:
        yield "code"
    kinds = {type(part) for part in parts}
    if kinds & {ToolCallPart, ToolResultPart}:
        yield "tool"
    if ImagePart in kinds:
        yield "image"
    if FilePart in kinds:
        yield "file"
    if ThinkingPart in kinds:
        yield "thinking"


def _clean(text: str) -> str:
    """The text without colours, encoded data and halves of characters."""
    text = without_escapes(text)
    encoded = text.encode("utf-8", "replace")
    if _LONG_RUN in encoded.translate(_CODED):
        text = _BLOB.sub(" … ", text)
    return whole(text)

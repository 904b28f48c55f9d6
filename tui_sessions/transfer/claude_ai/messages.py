"""From the records of one branch to its messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tui_sessions.model.message import FilePart, Message, Part, TextPart, ThinkingPart
from tui_sessions.transfer.base import message_id_for
from tui_sessions.transfer.blocks import CallIds, blocks_of
from tui_sessions.transfer.claude_ai.artifacts import Artifacts
from tui_sessions.transfer.claude_ai.blocks import parts_of
from tui_sessions.transfer.hygiene import moment_of, text_or_none
from tui_sessions.transfer.steps import reply_messages

FORMAT = "claude-ai"
TITLE = "Claude.ai"
_UNSUPPORTED = re.compile(
    r"(?:```\s*)?This block is not supported on your current device yet\.?(?:\s*```)?"
)
_STOPPED = frozenset({"user_canceled", "user_cancelled"})


class MessageBuilder:
    """Takes the records of a branch in their order and makes messages of them."""

    def __init__(self, scope: str, model: str | None) -> None:
        """Take the conversation's id and the model that it names."""
        self._scope = scope
        self._model = model
        self._calls = CallIds()
        self._artifacts = Artifacts()
        self.sources: list[str] = []
        """The record of each message."""

    def build(self, records: Iterable[tuple[str, dict[str, Any]]]) -> list[Message]:
        """The messages of records, each record with its id."""
        messages: list[Message] = []
        for record_id, record in records:
            made = self._messages(record_id, record)
            messages += made
            self.sources += [record_id] * len(made)
        return messages

    def _messages(self, record_id: str, record: dict[str, Any]) -> list[Message]:
        role = "assistant" if record.get("sender") == "assistant" else "user"
        message = Message(
            id=message_id_for(FORMAT, self._scope, record_id),
            role=role,
            created_at=moment_of(record.get("created_at")),
            status="stopped" if str(record.get("stop_reason")) in _STOPPED else "complete",
            model=self._model if role == "assistant" else None,
            metadata={"source_id": record_id},
        )
        parts = self._content(record, role)
        parts += [(role, part) for part in _files(record)]
        made = reply_messages(message, parts) if parts else []
        context = _attached_texts(record)
        if context:
            made.insert(0, _context(message, context))
        return made

    def _content(self, record: dict[str, Any], role: str) -> list[tuple[str, Part]]:
        """What the blocks say; the flat text serves where they say nothing."""
        parts: list[tuple[str, Part]] = []
        for block in blocks_of(record.get("content")):
            is_result = block.get("type") == "tool_result"
            made = parts_of(block, self._calls, self._artifacts)
            parts += [("tool" if is_result else role, part) for part in made]
        text = record.get("text")
        said = any(isinstance(part, (TextPart, ThinkingPart)) for _, part in parts)
        if not said and isinstance(text, str):
            text = _UNSUPPORTED.sub("", text).strip()
            parts += [(role, TextPart(text))] if text else []
        return parts


def _files(record: dict[str, Any]) -> list[Part]:
    """The names of what went with a message; the export has no more of it."""
    parts: list[Part] = []
    for key in ("attachments", "files"):
        files = record.get(key)
        for file in files if isinstance(files, list) else ():
            name = text_or_none(file.get("file_name")) if isinstance(file, dict) else None
            if name:
                kind = file.get("file_type")
                is_media_type = isinstance(kind, str) and "/" in kind
                parts.append(FilePart(name, media_type=kind if is_media_type else None))
    return parts


def _attached_texts(record: dict[str, Any]) -> list[Part]:
    attachments = record.get("attachments")
    parts: list[Part] = []
    for file in attachments if isinstance(attachments, list) else ():
        text = text_or_none(file.get("extracted_content")) if isinstance(file, dict) else None
        if text:
            name = text_or_none(file.get("file_name"))
            parts.append(TextPart(f"{name}\n\n{text}" if name else text))
    return parts


def _context(message: Message, parts: list[Part]) -> Message:
    """What was in the attached files: sent to the model, but not typed by the person."""
    return Message(
        id=f"{message.id}-attached",
        role="user",
        content=tuple(parts),
        created_at=message.created_at,
        hidden=True,
        metadata=message.metadata,
    )

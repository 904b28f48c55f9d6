"""From the nodes of one branch to its messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tui_sessions.model.message import (
    ImagePart,
    Message,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.transfer.base import message_id_for
from tui_sessions.transfer.chatgpt.content import (
    attachment_parts,
    content_parts,
    plain_text,
    pointers_in,
)
from tui_sessions.transfer.chatgpt.nodes import Node
from tui_sessions.transfer.chatgpt.pictures import ExportPictures
from tui_sessions.transfer.hygiene import Undecodable, decode_json, text_or_none

FORMAT = "chatgpt"


@dataclass(slots=True)
class _Draft:
    node: Node
    role: str
    parts: list[Part]
    created_at: datetime | None
    hidden: bool = False
    model: str | None = None
    status: str = "complete"
    metadata: dict[str, Any] = field(default_factory=dict)


class MessageBuilder:
    """Takes the nodes of a branch from the root on and makes messages of them."""

    def __init__(
        self, scope: str, default_model: str | None, forking: set[str], pictures: ExportPictures
    ) -> None:
        """Take the conversation's id and the nodes after which branches part."""
        self._scope = scope
        self._default_model = default_model
        self._forking = forking
        self._pictures = pictures
        self._drafts: list[_Draft] = []
        self._open: _Draft | None = None
        self._calls: list[tuple[str, str]] = []
        """The names of the tools that were called, and the ids of the calls."""
        self._moment: datetime | None = None

    def build(self, nodes: Iterable[Node]) -> list[Message]:
        """The messages, each where its first node stands."""
        for node in nodes:
            self._moment = node.created_at or self._moment
            if node.parent in self._forking:
                self._open = None
            if node.message:
                self._take(node)
        return [self._message(draft) for draft in self._drafts]

    @property
    def sources(self) -> list[str]:
        """The first node of each message."""
        return [draft.node.id for draft in self._drafts]

    def _take(self, node: Node) -> None:
        if node.role == "assistant" and not node.is_concealed:
            self._take_written(node)
        elif node.role == "tool":
            self._take_result(node)
        else:
            parts = content_parts(node.content, node.metadata, self._pictures)
            parts += self._attached(node)
            self._start(node, node.role, parts, hidden=not node.is_shown)

    def _take_written(self, node: Node) -> None:
        """Join thoughts, calls and an answer up to the next result; one answer a message."""
        if node.recipient is not None:
            parts: list[Part] = [self._call(node, node.recipient)]
        else:
            parts = content_parts(node.content, node.metadata, self._pictures)
            parts += self._attached(node)
            if self._open is not None and any(isinstance(p, TextPart) for p in self._open.parts):
                self._open = None
        if self._open is not None and self._open.role == "assistant":
            self._open.parts += parts
            self._open.model = text_or_none(node.metadata.get("model_slug")) or self._open.model
            self._open.status = _status(node)
            return
        known = all(isinstance(p, (TextPart, ThinkingPart, ToolCallPart)) for p in parts)
        hidden = not known and not node.is_shown
        self._open = self._start(node, "assistant", parts, hidden=hidden)
        if self._open is not None:
            slug = text_or_none(node.metadata.get("model_slug"))
            self._open.model = slug or self._default_model
            self._open.status = _status(node)

    def _attached(self, node: Node) -> list[Part]:
        return attachment_parts(node.metadata, pointers_in(node.content), self._pictures)

    def _call(self, node: Node, tool: str) -> ToolCallPart:
        text = plain_text({"text": node.content.get("text"), "parts": node.content.get("parts")})
        call_id = text_or_none(node.message.get("id")) or node.id
        self._calls.append((tool, call_id))
        try:
            return ToolCallPart(call_id, tool, decode_json(text.encode("utf-8", "replace")))
        except Undecodable:
            return ToolCallPart(call_id, tool, text)

    def _take_result(self, node: Node) -> None:
        parts = content_parts(node.content, node.metadata, self._pictures)
        texts = [p.text for p in parts if isinstance(p, (TextPart, ThinkingPart))]
        pictures = [p for p in parts if not isinstance(p, (TextPart, ThinkingPart))]
        failed = node.content.get("content_type") == "system_error"
        text = "\n".join(texts) or _as_json(node, pictures)
        result = ToolResultPart(self._answered(node.author_name), text, failed)
        self._open = None
        self._start(node, "tool", [result, *pictures], hidden=node.is_concealed)

    def _answered(self, tool: str | None) -> str:
        """The call that a result answers: the last one to that tool, else the last one."""
        for name, call_id in reversed(self._calls):
            if name == tool:
                return call_id
        return self._calls[-1][1] if self._calls else "unknown"

    def _start(self, node: Node, role: str, parts: list[Part], *, hidden: bool) -> _Draft | None:
        self._open = None
        if not parts:
            return None
        draft = _Draft(node, role, parts, self._moment, hidden)
        self._drafts.append(draft)
        return draft

    def _message(self, draft: _Draft) -> Message:
        record = text_or_none(draft.node.message.get("id")) or draft.node.id
        return Message(
            id=message_id_for(FORMAT, self._scope, draft.node.id),
            role=draft.role,
            content=tuple(draft.parts),
            created_at=draft.created_at,
            status=draft.status,
            hidden=draft.hidden,
            model=draft.model,
            metadata={"source_id": record},
        )


def _status(node: Node) -> str:
    finish = node.metadata.get("finish_details")
    kind = finish.get("type") if isinstance(finish, dict) else None
    stopped = kind == "interrupted" or node.message.get("status") == "in_progress"
    return "stopped" if stopped else "complete"


def _as_json(node: Node, pictures: Sequence[Part]) -> str:
    if any(isinstance(part, ImagePart) for part in pictures) or not node.content:
        return ""
    return json.dumps(node.content, ensure_ascii=False) if not pictures else ""

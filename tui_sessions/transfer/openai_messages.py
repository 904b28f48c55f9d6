"""One chat as the `messages` array that OpenAI's interface and many others take."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tui_sessions.model.document import SessionDocument
from tui_sessions.model.message import (
    FilePart,
    ImagePart,
    Message,
    SummaryPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.transfer.safe_json import safe_json

_INTERRUPTED = "[interrupted]"


class OpenAiMessages:
    """Writes the active chat; thinking stays out, and every tool call has its result."""

    name = "openai"
    title = "OpenAI messages"
    suffix = ".messages.json"

    def export(self, document: SessionDocument) -> bytes:
        """The array as JSON; empty where the session has no chat."""
        chat = document.session().active_chat
        array: list[dict[str, Any]] = []
        if chat is not None:
            if chat.agent.system_prompt:
                array.append({"role": "system", "content": chat.agent.system_prompt})
            array += _messages(document.messages(chat.id))
        return safe_json(array)


def _messages(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    """The messages; results come right after their calls, wherever they were kept."""
    results = {
        part.call_id: part
        for message in messages
        for part in message.content
        if isinstance(part, ToolResultPart)
    }
    for message in messages:
        calls = _calls(message)
        content = _content(message)
        if calls or content:
            yield _entry(message, content, calls)
        for call in calls:
            result = results.pop(call["id"], None)
            text = result.text if result is not None else _INTERRUPTED
            yield {"role": "tool", "tool_call_id": call["id"], "content": text}


def _entry(
    message: Message, content: list[dict[str, Any]], calls: list[dict[str, Any]]
) -> dict[str, Any]:
    role = message.role if message.role in ("system", "user") else "assistant"
    texts = "\n\n".join(part["text"] for part in content if part["type"] == "text")
    pictures = role == "user" and any(part["type"] != "text" for part in content)
    entry: dict[str, Any] = {"role": role, "content": content if pictures else texts or None}
    if calls:
        entry["role"] = "assistant"
        entry["tool_calls"] = calls
    return entry


def _calls(message: Message) -> list[dict[str, Any]]:
    return [
        {
            "id": part.id,
            "type": "function",
            "function": {"name": part.name, "arguments": json.dumps(part.arguments or {})},
        }
        for part in message.content
        if isinstance(part, ToolCallPart)
    ]


def _content(message: Message) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in message.content:
        match part:
            case TextPart(text) | SummaryPart(text) if text:
                found.append({"type": "text", "text": text})
            case ImagePart(media_type, data, _) if data and message.role == "user":
                url = f"data:{media_type};base64,{data}"
                found.append({"type": "image_url", "image_url": {"url": url}})
            case ImagePart(media_type, _, _):
                found.append({"type": "text", "text": f"[picture, {media_type}]"})
            case FilePart(name, _, _):
                found.append({"type": "text", "text": f"[file {name}]"})
            case _:
                continue
    return found

"""One chat as the `messages` array that OpenAI's interface and many others take."""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
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
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_MAX_NAME = 64
_MAX_ID = 40
_DIGEST = 24


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
    results = _Results(messages)
    for message in messages:
        found = [part for part in message.content if isinstance(part, ToolCallPart)]
        calls = [_call(part, results.name_for(part)) for part in found]
        content = _content(message)
        if calls or content:
            yield _entry(message, content, calls)
        for part, call in zip(found, calls, strict=True):
            text = results.text_for(part)
            yield {"role": "tool", "tool_call_id": call["id"], "content": text}


class _Results:
    """What the tools gave back, and names for the calls: one of its own for each."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._texts: dict[str, deque[str]] = {}
        self._names: set[str] = set()
        for message in messages:
            for part in message.content:
                if isinstance(part, ToolResultPart):
                    self._texts.setdefault(part.call_id, deque()).append(part.text)

    def text_for(self, call: ToolCallPart) -> str:
        """The result of a call; of calls with the same id, each takes the next."""
        texts = self._texts.get(call.id)
        return texts.popleft() if texts else _INTERRUPTED

    def name_for(self, call: ToolCallPart) -> str:
        """The call's id, where it is short enough and not taken."""
        count = 1
        name = call.id if 0 < len(call.id) <= _MAX_ID else ""
        while not name or name in self._names:
            digest = hashlib.sha256(f"{call.id} {count}".encode("utf-8", "replace")).hexdigest()
            name, count = f"call_{digest[:_DIGEST]}", count + 1
        self._names.add(name)
        return name


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


def _call(part: ToolCallPart, call_id: str) -> dict[str, Any]:
    """A call as the interface takes it: plain names only, and an object of arguments."""
    name = _NOT_IN_NAMES.sub("_", part.name)[:_MAX_NAME] or "tool"
    given = part.arguments
    arguments = given if isinstance(given, dict) else {} if given is None else {"input": given}
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"id": call_id, "type": "function", "function": function}


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

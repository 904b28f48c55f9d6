"""Anthropic's content blocks as parts of ours; several tools keep their histories in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tui_sessions.model.message import (
    ImagePart,
    OpaquePart,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.usage import Usage
from tui_sessions.transfer.hygiene import text_or_none, tokens
from tui_sessions.transfer.pictures import file_of_base64


def blocks_of(content: object) -> list[dict[str, Any]]:
    """A message's content as a list of blocks, whichever way it was written."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return []
    blocks: list[dict[str, Any]] = []
    for block in content:
        if isinstance(block, dict):
            blocks.append(block)
        elif isinstance(block, str):
            blocks.append({"type": "text", "text": block})
        elif block is not None:
            blocks.append({"type": "unknown", "value": block})
    return blocks


class CallIds:
    """Gives tool calls and results that carry no id one, pairing them by name and in order."""

    def __init__(self) -> None:
        self._made = 0
        self._open: list[tuple[str, object]] = []
        """The calls without a result yet: their ids and the names of their tools."""

    def of_call(self, block: Mapping[str, Any], key: str = "id") -> str:
        """The id of a call."""
        call_id = block.get(key)
        if not isinstance(call_id, str) or not call_id:
            self._made += 1
            call_id = f"call-{self._made}"
        self._open.append((call_id, block.get("name")))
        return call_id

    def of_result(self, block: Mapping[str, Any], key: str = "tool_use_id") -> str:
        """The id of the call that a result answers."""
        call_id = block.get(key)
        if isinstance(call_id, str) and call_id:
            self._open = [call for call in self._open if call[0] != call_id]
            return call_id
        name = block.get("name")
        named = [call for call in self._open if call[1] == name]
        answered = next(iter(named or self._open), None)
        if answered is None:
            return "unknown"
        self._open.remove(answered)
        return answered[0]


def parts_of_block(block: dict[str, Any], calls: CallIds) -> list[Part]:
    """What a block stands for; one of an unknown kind or shape is kept as it came."""
    match block:
        case {"type": "text", "text": str(text)}:
            return [TextPart(text)] if text else []
        case {"type": "thinking", "thinking": str(text)} if text:
            return [ThinkingPart(text)]
        case {"type": "tool_use", "name": str(name)}:
            return [ToolCallPart(calls.of_call(block), name, block.get("input"))]
        case {"type": "tool_result"}:
            return _result_parts(block, calls)
        case {"type": "image", "source": {"type": "base64", "media_type": str(kind), "data": data}}:
            return [ImagePart(kind, data=data if isinstance(data, str) else None)]
        case {
            "type": "document",
            "source": {"type": "base64", "media_type": str(kind), "data": str(data)},
        }:
            title = text_or_none(block.get("title"))
            return [file_of_base64(title or "document", data, kind) or OpaquePart(block)]
        case _:
            return [OpaquePart(block)]


def usage_of(usage: object) -> Usage | None:
    """Anthropic's token counts as ours; None where there are none."""
    if not isinstance(usage, dict):
        return None
    cost = usage.get("total_cost_usd")
    is_cost = isinstance(cost, (int, float)) and not isinstance(cost, bool)
    return Usage(
        input_tokens=tokens(usage.get("input_tokens")),
        output_tokens=tokens(usage.get("output_tokens")),
        cache_read_tokens=tokens(usage.get("cache_read_input_tokens")),
        cache_write_tokens=tokens(usage.get("cache_creation_input_tokens")),
        cost_usd=float(cost) if is_cost and cost is not None and 0 <= cost < 1e9 else None,
    )


def text_of_value(value: object) -> str:
    """A tool's result as text: as it is, or as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _result_parts(block: dict[str, Any], calls: CallIds) -> list[Part]:
    content = block.get("content")
    texts: list[str] = []
    others: list[Part] = []
    for inner in blocks_of(content):
        if inner.get("type") == "text" and isinstance(inner.get("text"), str):
            texts.append(inner["text"])
        elif inner.get("type") == "tool_result":
            others.append(OpaquePart(inner))
        else:
            others += parts_of_block(inner, calls)
    result = ToolResultPart(calls.of_result(block), "\n".join(texts), block.get("is_error") is True)
    return [result, *others]

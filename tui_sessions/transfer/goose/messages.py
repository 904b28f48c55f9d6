"""From goose's messages, the same in its database and its files, to ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui_sessions.model.clock import from_epoch
from tui_sessions.model.message import (
    Message,
    OpaquePart,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.usage import Usage
from tui_sessions.transfer.base import message_id_for, placed_message_id
from tui_sessions.transfer.blocks import blocks_of, text_of_value
from tui_sessions.transfer.hygiene import text_or_none, tokens
from tui_sessions.transfer.pictures import picture_of_base64

FORMAT = "goose"
_NOTICES = (
    "systemNotification",
    "contextLengthExceeded",
    "summarizationRequested",
    "toolConfirmationRequest",
    "actionRequired",
)


def messages_of(scope: str, place: int, raw: Mapping[str, Any]) -> list[Message]:
    """A record as messages: what tools gave back is a message of its own."""
    role = raw.get("role") if raw.get("role") in ("user", "assistant") else "system"
    results: list[Part] = []
    others: list[Part] = []
    blocks = blocks_of(raw.get("content"))
    for block in blocks:
        target = results if block.get("type") == "toolResponse" else others
        target += _parts(block)
    notice = bool(blocks) and all(block.get("type") in _NOTICES for block in blocks)
    made = []
    for kind, parts, suffix in (("tool", results, ""), (role, others, ":typed" * bool(results))):
        if not parts:
            continue
        created, record = raw.get("created"), text_or_none(raw.get("id"))
        name = f"{record}{suffix}" if record else None
        made.append(
            Message(
                id=message_id_for(FORMAT, scope, name)
                if name
                else placed_message_id(FORMAT, scope, place, str(kind), ""),
                role=str(kind),
                content=tuple(parts),
                created_at=from_epoch(created) if isinstance(created, (int, float)) else None,
                hidden=notice or _is_unseen(raw.get("metadata")),
                model=_model(raw.get("metadata")) if kind == "assistant" else None,
                metadata={"source_id": record} if record else {},
            )
        )
    return made


def usage_of_session(data: Mapping[str, Any]) -> Usage | None:
    """A session's tokens: those of all its turns, or where those are not told, of the last."""
    for prefix in ("accumulated_", ""):
        sent, written = data.get(f"{prefix}input_tokens"), data.get(f"{prefix}output_tokens")
        if isinstance(sent, int) or isinstance(written, int):
            cost = data.get("accumulated_cost")
            known = isinstance(cost, (int, float)) and 0 <= cost < 1e9
            return Usage(
                input_tokens=tokens(sent),
                output_tokens=tokens(written),
                cost_usd=float(cost) if known and isinstance(cost, (int, float)) else None,
            )
    return None


def _parts(block: dict[str, Any]) -> Iterator[Part]:
    call_id = str(block.get("id") or "call")
    match block:
        case {"type": "text", "text": str(text)}:
            if text:
                yield TextPart(text)
        case {"type": "thinking", "thinking": str(text)}:
            if text:
                yield ThinkingPart(text)
        case {"type": "toolRequest" | "frontendToolRequest", "toolCall": dict(call)}:
            value = call.get("value")
            value = value if isinstance(value, dict) else {}
            name = text_or_none(value.get("name")) or text_or_none(call.get("name")) or "tool"
            # A call that the model made badly has an error in the place of its arguments.
            yield ToolCallPart(call_id, name, value.get("arguments") or call.get("error"))
        case {"type": "toolResponse", "toolResult": dict(result)}:
            yield from _result(call_id, result)
        case {"type": "image", "data": str(data)}:
            yield picture_of_base64(data, text_or_none(block.get("mimeType"))) or OpaquePart(block)
        case {"type": "systemNotification" | "contextLengthExceeded", "msg": str(text)}:
            yield TextPart(text)
        case _:
            yield OpaquePart(block)


def _result(call_id: str, result: dict[str, Any]) -> Iterator[Part]:
    value = result.get("value")
    failed = result.get("status") == "error"
    if isinstance(value, dict) and isinstance(value.get("content"), list):
        failed = failed or value.get("isError") is True
        value = value["content"]
    if not isinstance(value, list):
        text = text_of_value(result.get("error") if failed else value)
        yield ToolResultPart(call_id, text, failed)
        return
    texts: list[str] = []
    others: list[Part] = []
    for block in blocks_of(value):
        resource = block.get("resource") if block.get("type") == "resource" else block
        told = resource.get("text") if isinstance(resource, dict) else None
        if block.get("type") in ("text", "resource") and isinstance(told, str):
            # Tools tell the person and the model apart, and mostly the same.
            if told not in texts or "annotations" not in block:
                texts.append(told)
        else:
            others += _parts(block)
    yield ToolResultPart(call_id, "\n".join(texts), failed)
    yield from others


def _is_unseen(metadata: object) -> bool:
    """Whether the record was for the agent only, such as the summary of a compaction."""
    return isinstance(metadata, dict) and metadata.get("userVisible") is False


def _model(metadata: object) -> str | None:
    if not isinstance(metadata, dict):
        return None
    inference = metadata.get("inference")
    inner = inference.get("model") if isinstance(inference, dict) else None
    return text_or_none(metadata.get("model")) or text_or_none(inner)

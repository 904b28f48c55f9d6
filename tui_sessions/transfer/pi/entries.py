"""From the entries of one of pi's files to messages."""

from __future__ import annotations

from typing import Any

from tui_sessions.model.message import (
    Message,
    OpaquePart,
    Part,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.usage import Usage
from tui_sessions.transfer.base import message_id_for
from tui_sessions.transfer.blocks import blocks_of
from tui_sessions.transfer.hygiene import moment_of, text_or_none, tokens
from tui_sessions.transfer.pictures import picture_of_base64

FORMAT = "pi"
_SILENT = ("session", "model_change", "thinking_level_change", "label", "session_info", "leaf")
"""Entries that say nothing in the conversation."""
_ENDS = {"aborted": "stopped", "error": "failed"}


def is_talk(entry: dict[str, Any]) -> bool:
    """Whether an entry is somebody's message."""
    return entry.get("type") == "message"


def message_of(scope: str, entry: dict[str, Any]) -> Message | None:
    """An entry as a message; None for one that says nothing."""
    kind = entry.get("type")
    if kind in _SILENT:
        return None
    if kind == "message" and isinstance(entry.get("message"), dict):
        return _said(scope, entry, entry["message"])
    if kind in ("compaction", "branch_summary") and isinstance(entry.get("summary"), str):
        return _message(scope, entry, "system", [SummaryPart(entry["summary"])])
    if kind == "custom_message":
        parts = _parts(entry.get("content"))
        hidden = entry.get("display") is not True
        return _message(scope, entry, "system", parts, hidden=hidden) if parts else None
    return _message(scope, entry, "system", [OpaquePart(_own(entry))], hidden=True)


def _said(scope: str, entry: dict[str, Any], said: dict[str, Any]) -> Message:
    parts = _parts(said.get("content"))
    match said.get("role"):
        case "user":
            return _message(scope, entry, "user", parts)
        case "toolResult":
            return _message(scope, entry, "tool", _result(said, parts))
        case "assistant":
            return _reply(scope, entry, said, parts)
        case "bashExecution":
            text = f"!{said.get('command')}\n{said.get('output') or ''}".rstrip()
            return _message(scope, entry, "user", [TextPart(text)], hidden=True)
        case "compactionSummary" | "branchSummary":
            return _message(scope, entry, "system", [SummaryPart(str(said.get("summary") or ""))])
        case _:
            hidden = said.get("display") is not True
            return _message(scope, entry, "system", parts or [OpaquePart(said)], hidden=hidden)


def _reply(scope: str, entry: dict[str, Any], said: dict[str, Any], parts: list[Part]) -> Message:
    status = _ENDS.get(str(said.get("stopReason")), "complete")
    return _message(
        scope,
        entry,
        "assistant",
        parts,
        status=status,
        error=text_or_none(said.get("errorMessage")) if status == "failed" else None,
        model=text_or_none(said.get("model")),
        usage=_usage(said.get("usage")),
    )


def _message(
    scope: str, entry: dict[str, Any], role: str, parts: list[Part], **fields: Any
) -> Message:
    said = entry.get("message")
    written = said.get("timestamp") if isinstance(said, dict) else None
    return Message(
        id=message_id_for(FORMAT, scope, str(entry["id"])),
        role=role,
        content=tuple(parts),
        created_at=moment_of(entry.get("timestamp")) or moment_of(written),
        metadata={"source_id": entry["id"]},
        **fields,
    )


def _parts(content: object) -> list[Part]:
    return [part for block in blocks_of(content) for part in _block_parts(block)]


def _block_parts(block: dict[str, Any]) -> list[Part]:
    match block:
        case {"type": "text", "text": str(text)}:
            return [TextPart(text)] if text else []
        case {"type": "thinking", "thinking": str(text)}:
            return [ThinkingPart(text)] if text else []
        case {"type": "toolCall", "name": str(name)}:
            return [ToolCallPart(str(block.get("id") or "call"), name, block.get("arguments"))]
        case {"type": "image", "data": str(data)}:
            picture = picture_of_base64(data, text_or_none(block.get("mimeType")))
            return [picture or OpaquePart(block)]
        case _:
            return [OpaquePart(block)]


def _result(said: dict[str, Any], parts: list[Part]) -> list[Part]:
    text = "\n".join(part.text for part in parts if isinstance(part, TextPart))
    call_id = str(said.get("toolCallId") or "call")
    result = ToolResultPart(call_id, text, said.get("isError") is True)
    return [result, *(part for part in parts if not isinstance(part, TextPart))]


def _usage(counts: object) -> Usage | None:
    if not isinstance(counts, dict):
        return None
    cost = counts.get("cost")
    total = cost.get("total") if isinstance(cost, dict) else None
    is_cost = isinstance(total, (int, float)) and not isinstance(total, bool) and 0 <= total < 1e9
    return Usage(
        input_tokens=tokens(counts.get("input")),
        output_tokens=tokens(counts.get("output")),
        cache_read_tokens=tokens(counts.get("cacheRead")),
        cache_write_tokens=tokens(counts.get("cacheWrite")),
        cost_usd=float(total) if is_cost and total is not None else None,
    )


def _own(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without what ties it to the others."""
    return {key: value for key, value in entry.items() if key not in ("id", "parentId")}

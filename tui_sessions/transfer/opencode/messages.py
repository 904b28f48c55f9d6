"""From opencode's messages and parts to ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from tui_sessions.model.clock import from_epoch
from tui_sessions.model.message import (
    FilePart,
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
from tui_sessions.transfer.blocks import text_of_value
from tui_sessions.transfer.hygiene import text_or_none, tokens
from tui_sessions.transfer.opencode.records import FORMAT, Record, part_of
from tui_sessions.transfer.pictures import file_of_url, picture_of_url
from tui_sessions.transfer.steps import reply_messages

_STEPS = ("step-start", "step-finish")
_ABORTED = "MessageAbortedError"


def messages_of(record: Record) -> list[Message]:
    """A message as ours: with tools, what they gave back is a message of its own."""
    info = record.info
    said, injected = _split(record.parts)
    if info.get("role") == "assistant":
        made = _summary(record) if info.get("summary") is True else _reply(record, said)
    else:
        parts = tuple(part for raw in said for _, part in _parts(raw))
        has_words = any(raw.get("type") not in ("compaction", "snapshot") for raw in said)
        made = [_message(record, parts, hidden=not has_words)] if parts else []
    if injected:
        parts = tuple(part for raw in injected for _, part in _parts(raw))
        made.append(_message(record, parts, ":context", hidden=True))
    return made


def child_calls(record: Record) -> Iterator[str]:
    """The sessions of the sub-agents that a message's tool calls started."""
    for part in record.parts:
        for holder in (part_of(part, "state", "metadata"), part_of(part, "metadata")):
            child = part_of(holder, "sessionId") or part_of(holder, "sessionID")
            if isinstance(child, str):
                yield child


def model_of(info: dict[str, Any]) -> tuple[str | None, str | None]:
    """The provider and the model that a message names."""
    for holder in (info, info.get("model"), part_of(info, "metadata", "assistant")):
        model = text_or_none(part_of(holder, "modelID"))
        if model:
            return text_or_none(part_of(holder, "providerID")), model
    return None, None


def _split(parts: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The parts that somebody said, and those that the program put in unasked."""
    said: list[dict[str, Any]] = []
    injected: list[dict[str, Any]] = []
    for part in parts:
        unasked = part.get("synthetic") is True or part.get("ignored") is True
        (injected if unasked else said).append(part)
    return said, injected


def _message(
    record: Record, parts: tuple[Part, ...], suffix: str = "", hidden: bool = False
) -> Message:
    role = record.info.get("role")
    return Message(
        id=message_id_for(FORMAT, "", record.id + suffix),
        role=role if role in ("user", "assistant", "system") else "system",
        content=parts,
        created_at=_time(record.info, "created"),
        hidden=hidden,
        metadata={"source_id": record.id},
    )


def _summary(record: Record) -> list[Message]:
    """What a compaction left of the conversation so far."""
    texts = [raw["text"] for raw in record.parts if _is_text(raw)]
    usage, elapsed = _usage(record.info), _elapsed(record.info)
    summary = Message(
        id=message_id_for(FORMAT, "", record.id),
        role="system",
        content=(SummaryPart("\n\n".join(texts)),),
        created_at=_time(record.info, "created"),
        model=model_of(record.info)[1],
        elapsed_s=elapsed,
        usage=usage,
        metadata={"source_id": record.id},
    )
    return [summary] if texts or usage else []


def _reply(record: Record, said: list[dict[str, Any]]) -> list[Message]:
    info = record.info
    failure = info.get("error") or part_of(info, "metadata", "error")
    parts = [pair for raw in said if raw.get("type") not in _STEPS for pair in _parts(raw)]
    if not parts and not failure and not _usage(info):
        return []
    status, error = _outcome(failure)
    metadata: dict[str, Any] = {"source_id": record.id}
    steps = [raw for raw in said if raw.get("type") in _STEPS]
    if steps:
        metadata["steps"] = steps
    agent = text_or_none(info.get("agent")) or text_or_none(info.get("mode"))
    reply = Message(
        id=message_id_for(FORMAT, "", record.id),
        role="assistant",
        created_at=_time(info, "created"),
        status=status,
        error=error,
        model=model_of(info)[1],
        elapsed_s=_elapsed(info),
        usage=_usage(info),
        metadata={**metadata, "agent": agent} if agent else metadata,
    )
    return reply_messages(reply, parts)


def _parts(raw: dict[str, Any]) -> Iterator[tuple[str, Part]]:
    """What one part stands for, with the role it has in a reply."""
    match raw:
        case {"type": "text", "text": str(text)}:
            if text:
                yield "assistant", TextPart(text)
        case {"type": "reasoning", "text": str(text)}:
            if text:
                yield "assistant", ThinkingPart(text)
        case {"type": "file"}:
            yield "assistant", _file(raw)
        case {"type": "tool", "tool": str(name)}:
            yield from _tool(name, raw)
        case {"type": "tool-invocation", "toolInvocation": {"toolName": str(name)} as call}:
            yield from _old_tool(name, call)
        case _:
            yield "assistant", OpaquePart(raw)


def _tool(name: str, raw: dict[str, Any]) -> Iterator[tuple[str, Part]]:
    call_id = text_or_none(raw.get("callID")) or str(raw.get("id") or name)
    state = raw["state"] if isinstance(raw.get("state"), dict) else {}
    yield "assistant", ToolCallPart(call_id, name, state.get("input"))
    if state.get("status") in ("pending", "running"):
        return
    failed = state.get("status") == "error"
    result = state.get("error") if failed else state.get("output")
    if result is not None or failed:
        yield "tool", ToolResultPart(call_id, text_of_value(result), failed)
    attachments = state.get("attachments")
    for attached in attachments if isinstance(attachments, list) else ():
        if isinstance(attached, dict):
            yield "tool", _file(attached)


def _old_tool(name: str, call: dict[str, Any]) -> Iterator[tuple[str, Part]]:
    call_id = text_or_none(call.get("toolCallId")) or name
    yield "assistant", ToolCallPart(call_id, name, call.get("args"))
    if call.get("state") == "result":
        yield "tool", ToolResultPart(call_id, text_of_value(call.get("result")))


def _file(raw: dict[str, Any]) -> Part:
    kind, url = text_or_none(raw.get("mime")), raw.get("url")
    picture = picture_of_url(url) if isinstance(url, str) else None
    if picture is not None:
        return picture
    path = url.removeprefix("file://") if isinstance(url, str) else ""
    name = text_or_none(raw.get("filename"))
    if path.startswith("data:"):
        return file_of_url(name or "file", path) or OpaquePart(raw)
    name = name or PurePosixPath(path).name or "file"
    return FilePart(name, kind, path or None)


def _outcome(failure: object) -> tuple[str, str | None]:
    if not isinstance(failure, dict):
        return "complete", None
    if failure.get("name") == _ABORTED:
        return "stopped", None
    text = text_or_none(part_of(failure, "data", "message")) or text_or_none(failure.get("name"))
    return "failed", text


def _usage(info: dict[str, Any]) -> Usage | None:
    """The tokens of one message; those of its steps are the same once more."""
    holder = info if "tokens" in info else part_of(info, "metadata", "assistant")
    counts, cost = part_of(holder, "tokens"), part_of(holder, "cost")
    if not isinstance(counts, dict):
        return None
    written, thought = tokens(counts.get("output")), tokens(counts.get("reasoning"))
    read, kept = (tokens(part_of(counts, "cache", key)) for key in ("read", "write"))
    sent = tokens(counts.get("input"))
    # Versions differ in whether thinking is a part of the output; their total tells.
    apart = tokens(counts.get("total")) == sent + written + thought + read + kept
    is_cost = isinstance(cost, (int, float)) and not isinstance(cost, bool) and 0 <= cost < 1e9
    return Usage(
        input_tokens=sent,
        output_tokens=written + (thought if apart else 0),
        cache_read_tokens=read,
        cache_write_tokens=kept,
        cost_usd=float(cost) if is_cost else None,
    )


def _time(info: dict[str, Any], key: str) -> Any:
    for holder in (info.get("time"), part_of(info, "metadata", "time")):
        value = part_of(holder, key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return from_epoch(value)
    return None


def _elapsed(info: dict[str, Any]) -> float | None:
    started, ended = _time(info, "created"), _time(info, "completed")
    if started is None or ended is None or ended < started:
        return None
    seconds: float = (ended - started).total_seconds()
    return seconds


def _is_text(raw: dict[str, Any]) -> bool:
    return raw.get("type") == "text" and isinstance(raw.get("text"), str)

"""What Anthropic's Messages interface streams, healthy and not."""

from __future__ import annotations

import json
from typing import Any


def event(kind: str, **fields: Any) -> str:
    """One event, as Anthropic's servers write it."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"


def _block(index: int, start: dict[str, Any], *deltas: dict[str, Any]) -> str:
    pieces = [event("content_block_delta", index=index, delta=delta) for delta in deltas]
    begin = event("content_block_start", index=index, content_block=start)
    return begin + "".join(pieces) + event("content_block_stop", index=index)


def _text(index: int, *texts: str) -> str:
    deltas = [{"type": "text_delta", "text": text} for text in texts]
    return _block(index, {"type": "text", "text": ""}, *deltas)


def _end(reason: str) -> str:
    delta = {"stop_reason": reason, "stop_sequence": None}
    return event("message_delta", delta=delta, usage={"output_tokens": 9}) + event("message_stop")


BEGIN = event(
    "message_start",
    message={
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": 5,
            "cache_read_input_tokens": 20,
            "cache_creation_input_tokens": 3,
            "output_tokens": 1,
        },
    },
)
THINKING = _block(
    0,
    {"type": "thinking", "thinking": "", "signature": ""},
    {"type": "thinking_delta", "thinking": "let me"},
    {"type": "thinking_delta", "thinking": " think"},
    {"type": "signature_delta", "signature": "c2ln"},
)
CALL = _block(
    0,
    {"type": "tool_use", "id": "t0", "name": "add", "input": {}},
    {"type": "input_json_delta", "partial_json": '{"a": 1, '},
    {"type": "input_json_delta", "partial_json": '"b": 2}'},
)
BEGUN_CALL = _block(0, {"type": "tool_use", "id": "t0", "name": "wipe", "input": {}})
REDACTED = _block(1, {"type": "redacted_thinking", "data": "b3BhcXVl"})
OVERLOADED = event("error", error={"type": "overloaded_error", "message": "Overloaded"})

ANTHROPIC: dict[str, list[str | bytes]] = {
    "anthropic_ok": [BEGIN + THINKING + _text(1, "Hello", " world") + _end("end_turn")],
    "anthropic_call": [BEGIN + CALL + _end("tool_use")],
    "anthropic_think_call": [
        BEGIN + THINKING + REDACTED + CALL.replace('"index": 0', '"index": 2') + _end("tool_use")
    ],
    "anthropic_length": [BEGIN + _text(0, "Hello", " world") + _end("max_tokens")],
    "anthropic_cut": [BEGIN + _text(0, "Hello")],
    "anthropic_call_cut": [BEGIN + BEGUN_CALL],
    "anthropic_call_length": [BEGIN + BEGUN_CALL + _end("max_tokens")],
    "anthropic_overloaded": [BEGIN + _text(0, "Hello") + OVERLOADED],
}
"""Streams by the name of the scenario."""

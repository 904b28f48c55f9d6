"""What Mistral's interface streams and lists."""

from __future__ import annotations

import json
from typing import Any


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
    """One event, as Mistral's servers write it."""
    data = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "magistral-medium-latest",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }
    return f"data: {json.dumps(data)}\n\n"


def _thought(text: str) -> dict[str, Any]:
    return {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]}


USED = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
BEGIN = chunk({"role": "assistant", "content": ""})
THINKING = chunk(_thought("let me")) + chunk(_thought(" think"))
HELLO = chunk({"content": "Hello"})
CALL = {
    "tool_calls": [
        {"id": "t0", "index": 0, "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    ]
}
DONE = "data: [DONE]\n\n"

MISTRAL: dict[str, list[str | bytes]] = {
    "mistral_ok": [
        BEGIN + THINKING + HELLO + chunk({"content": " world"}, "stop", usage=USED) + DONE
    ],
    "mistral_call": [BEGIN + THINKING + chunk(CALL, "tool_calls", usage=USED) + DONE],
    "mistral_cut": [BEGIN + HELLO],
}
"""Streams by the name of the scenario."""

MISTRAL_LIST = {
    "object": "list",
    "data": [
        {
            "id": "magistral-medium-latest",
            "max_context_length": 131072,
            "capabilities": {"completion_chat": True},
        },
        {"id": "mistral-embed", "capabilities": {"completion_chat": False}},
    ],
}

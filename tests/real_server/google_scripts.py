"""What Google's Gemini interface streams, answers and lists, healthy and not."""

from __future__ import annotations

import base64
import json
from typing import Any

from fault_scripts import RESET

SIGNATURE = base64.b64encode(b"thought of this").decode()


def event(parts: list[dict[str, Any]], finish: str | None = None, **more: Any) -> str:
    """One event, as Google's servers write it."""
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    data = {
        "candidates": [candidate],
        "usageMetadata": USED,
        "modelVersion": "gemini-2.5-pro",
        "responseId": "r1",
        **more,
    }
    return f"data: {json.dumps(data)}\r\n\r\n"


USED = {
    "promptTokenCount": 30,
    "cachedContentTokenCount": 20,
    "candidatesTokenCount": 4,
    "thoughtsTokenCount": 5,
    "totalTokenCount": 39,
}
THINKING = event([{"text": "let me", "thought": True}]) + event(
    [{"text": " think", "thought": True}]
)
HELLO = event([{"text": "Hello"}])
CALL = {
    "functionCall": {"name": "add", "args": {"a": 1, "b": 2}},
    "thoughtSignature": SIGNATURE,
}
OTHER_CALL = {"functionCall": {"name": "add", "args": {"a": 5, "b": 6}}}
BLOCKED = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": USED, "responseId": "r1"}

GOOGLE: dict[str, list[str | bytes]] = {
    "google_ok": [THINKING + HELLO + event([{"text": " world"}], "STOP")],
    "google_call": [THINKING + event([CALL, OTHER_CALL]) + event([{"text": ""}], "STOP")],
    "google_signed_text": [
        HELLO + event([{"text": "", "thoughtSignature": SIGNATURE}]) + event([OTHER_CALL], "STOP")
    ],
    "google_length": [HELLO + event([{"text": " world"}], "MAX_TOKENS")],
    "google_cut": [HELLO],
    "google_filter": [HELLO + event([], "SAFETY")],
    "google_blocked": [f"data: {json.dumps(BLOCKED)}\r\n\r\n"],
    "google_broken_call": [HELLO + event([], "MALFORMED_FUNCTION_CALL")],
    "google_reset": [HELLO, RESET],
    "google_bad_json": [HELLO + "data: {not json\r\n\r\n"],
}
"""Streams by the name of the scenario."""


def _error(code: int, status: str, message: str, *details: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": message, "details": [*details]}}


GOOGLE_ANSWERS: dict[str, tuple[int, dict[str, str], dict[str, Any] | str]] = {
    "google_400_key": (
        400,
        {},
        _error(
            400,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid API key.",
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"},
        ),
    ),
    "google_404": (404, {}, _error(404, "NOT_FOUND", "models/m is not found for API version")),
    "google_429": (
        429,
        {},
        _error(
            429,
            "RESOURCE_EXHAUSTED",
            "slow down",
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"},
        ),
    ),
    "google_500": (500, {}, _error(500, "INTERNAL", "boom")),
    "google_503": (503, {}, _error(503, "UNAVAILABLE", "The model is overloaded.")),
}
"""Plain answers: status, headers and body."""

GOOGLE_LIST = {
    "models": [
        {
            "name": "models/gemini-2.5-pro",
            "inputTokenLimit": 1048576,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        },
        {"name": "models/embedding-001", "supportedGenerationMethods": ["embedContent"]},
    ]
}

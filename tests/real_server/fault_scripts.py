"""What the fault server sends, byte for byte: what is wrong, and what is odd but right."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import Any

HANG = "hang"
"""Keep the connection and send nothing more."""
FLOW = "flow"
"""Send one delta after the other until the client goes away."""
RESET = "reset"
"""End the connection in the middle of a chunk."""
PACKED = {"content-encoding": "gzip"}
"""Headers of an answer that is packed on its way."""
KEY_ECHO = "the-key-that-was-sent"
IN_AN_HOUR = formatdate(time.time() + 3600, usegmt=True)
"""A date, as some endpoints give for the time to wait."""


def chunk(
    delta: dict[str, Any] | None = None,
    end: str | None = None,
    usage: dict[str, float] | None = None,
) -> str:
    """One event of a stream, as OpenAI's servers write it."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": end}]
    data: dict[str, Any] = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "m",
        "choices": choices,
    }
    if usage:
        data["usage"] = usage
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def text(content: str, **more: Any) -> str:
    """A delta of text."""
    return chunk({"content": content}, **more)


def _tool(index: int, **fields: Any) -> str:
    return chunk({"tool_calls": [{"index": index, **fields}]})


def _escaped(content: str) -> str:
    """A delta whose odd characters are written as JSON's escapes."""
    return text("?").replace('"?"', json.dumps(content))


def _used(output: int) -> dict[str, float]:
    return {"prompt_tokens": 7, "completion_tokens": output, "total_tokens": 7 + output}


DONE = "data: [DONE]\n\n"
BEGIN = chunk({"role": "assistant", "content": ""})
HELLO = BEGIN + text("Hello")
WORLD = text(" world")
STOP = chunk({}, "stop")
END = STOP + chunk(usage=_used(3)) + DONE
UNICODE = (BEGIN + text("hé \U0001f600 漢") + END).encode()


def thought(**detail: Any) -> str:
    """A piece of thinking, as OpenRouter writes it."""
    return chunk({"content": "", "reasoning_details": [{"index": 0, **detail}]})


CLAUDES = {"type": "reasoning.text", "format": "anthropic-claude-v1"}
SEALED = {"type": "reasoning.encrypted", "format": "openai-responses-v1", "id": "rs_1", "index": 1}
OPENROUTER = [
    BEGIN + thought(**CLAUDES, text="let me") + thought(**CLAUDES, text=" think"),
    thought(**CLAUDES, text="", signature="c2lnbmVk") + thought(**SEALED, data="b3BhcXVl"),
    _tool(0, id="t1", type="function", function={"name": "add", "arguments": "{}"}),
    chunk({}, "tool_calls") + chunk(usage=_used(3)) + DONE,
]
"""Thinks, signs that, thinks in secret, and calls a tool."""
BEGUN_CALL = _tool(0, id="t0", type="function", function={"name": "wipe", "arguments": ""})
"""A call whose arguments have not come."""

STREAMS: dict[str, list[str | bytes]] = {
    "openrouter": OPENROUTER,
    "ok": [HELLO + WORLD + END],
    "no_usage": [HELLO + WORLD + STOP + DONE],
    "no_done": [HELLO + WORLD + STOP + chunk(usage=_used(3))],
    "slow": [BEGIN, FLOW],
    "stall": [HELLO, HANG],
    "silent": [HANG],
    "error_inside": [HELLO, 'data: {"error": {"message": "overloaded", "code": "overloaded"}}\n\n'],
    "error_line": [HELLO + 'error: {"code": 500, "message": "as llama.cpp wrote it"}\n\n'],
    "cut_off": [HELLO + WORLD],
    "reset": [HELLO, RESET],
    "reasoning_content": [
        BEGIN
        + chunk({"reasoning_content": "let me"})
        + chunk({"reasoning_content": " think"})
        + text("Hello world")
        + END
    ],
    "reasoning": [
        BEGIN
        + chunk({"reasoning": "let me"})
        + chunk({"reasoning": " think"})
        + text("Hello world")
        + END
    ],
    "think_tags": [
        BEGIN
        + text("<thi")
        + text("nk>let me")
        + text(" think</th")
        + text("ink>\n\nHello")
        + WORLD
        + END
    ],
    "think_tag": [
        BEGIN + text("<think>") + text("let me think") + text("</think>Hello world") + END
    ],
    "tools": [
        BEGIN
        + _tool(0, id="t0", type="function", function={"name": "add", "arguments": ""})
        + _tool(0, function={"arguments": '{"a":'})
        + _tool(1, id="t1", type="function", function={"name": "add", "arguments": '{"a":5,'})
        + _tool(0, function={"arguments": '1,"b":2}'})
        + _tool(1, function={"arguments": '"b":6}'})
        + chunk({}, "tool_calls")
        + chunk(usage=_used(3))
        + DONE
    ],
    "crlf": [
        (": alive\n\n" + BEGIN + ": PROCESSING\n\n" + HELLO + WORLD + END).replace("\n", "\r\n")
    ],
    "bytewise": [UNICODE[place : place + 1] for place in range(len(UNICODE))],
    "byte_order_mark": ["\ufeff" + HELLO + WORLD + END],
    "no_space": [(HELLO + WORLD + END).replace("data: ", "data:")],
    "bad_json": [HELLO + "data: {not json\n\n" + WORLD + END],
    "usage_each": [
        chunk({"role": "assistant", "content": ""}, usage=_used(0))
        + text("Hello", usage=_used(1))
        + text(" world", usage=_used(2))
        + chunk({}, "stop", usage=_used(3))
        + DONE
    ],
    "length": [HELLO + WORLD + chunk({}, "length") + chunk(usage=_used(3)) + DONE],
    "filter": [HELLO + chunk({}, "content_filter") + DONE],
    "empty": [BEGIN + END],
    "other_end": [HELLO + WORLD + chunk({}, "eos_token") + chunk(usage=_used(3)) + DONE],
    "aborted": [HELLO + chunk({}, "abort") + DONE],
    "no_event": [HELLO + "data: null\n\n" + WORLD + END],
    "refused": [BEGIN + chunk({"refusal": "I would rather not."}) + END],
    "key_refused": [BEGIN + chunk({"refusal": "Not for sk-secret-0123456789."}) + END],
    "key_as_model": [
        (HELLO + WORLD + END).replace('"model": "m"', '"model": "sk-secret-0123456789"')
    ],
    "half_characters": [BEGIN, *map(_escaped, ("a\ud83d", "\ude00b\ud83d", "c")), END],
    "usage_in_halves": [HELLO + WORLD + STOP + chunk(usage={"prompt_tokens": 7.5}) + DONE],
    "odd_arguments": [
        BEGIN
        + _tool(0, id="t0", type="function", function={"name": "add", "arguments": '{"a": NaN}'})
        + _tool(1, id="t1", type="function", function={"name": "add", "arguments": "[" * 3000})
        + _tool(2, id="t2", type="function", function={"name": "add", "arguments": '{"a": 1.5}'})
        + chunk({}, "tool_calls")
        + DONE
    ],
    "call_reset": [BEGIN + BEGUN_CALL, RESET],
    "call_stall": [BEGIN + BEGUN_CALL, HANG],
    "call_length": [BEGIN + BEGUN_CALL + chunk({}, "length") + DONE],
    "call_filter": [BEGIN + BEGUN_CALL + chunk({}, "content_filter") + DONE],
    "deep_arguments": [
        BEGIN
        + text("See.")
        + _tool(
            0,
            id="t0",
            type="function",
            function={"name": "add", "arguments": '{"a":' + "[" * 200 + "]" * 200 + "}"},
        )
        + chunk({}, "tool_calls")
        + DONE
    ],
    "calls_of_one_index": [
        BEGIN
        + _tool(0, id="t0", type="function", function={"name": "add", "arguments": '{"a":1}'})
        + _tool(0, id="t1", type="function", function={"name": "add", "arguments": '{"a":'})
        + _tool(0, id="t1", type="function", function={"name": "add", "arguments": "2}"})
        + chunk({}, "tool_calls")
        + DONE
    ],
}
"""What comes after a head that says all is well, by the name of the scenario."""


def _error(message: str, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "error", "code": code}}


ANSWERS: dict[str, tuple[int, dict[str, str], dict[str, Any] | str]] = {
    "http_400": (400, {}, _error("temperature does not go with this model")),
    "large_picture_400": (400, {}, _error("image exceeds 5 MB maximum")),
    "blind_400": (400, {}, _error("image_url is only supported by certain models")),
    "http_401": (401, {}, _error(f"Incorrect API key provided: {KEY_ECHO}", "invalid_api_key")),
    "http_404": (404, {}, _error("The model `m` does not exist", "model_not_found")),
    "http_402": (402, {}, _error("You exceeded your current quota", "insufficient_quota")),
    "http_413": (413, {}, "too large"),
    "http_429": (429, {"retry-after": "7"}, _error("slow down", "rate_limit_exceeded")),
    "http_429_date": (429, {"retry-after": IN_AN_HOUR}, _error("slow down")),
    "http_429_ms": (429, {"retry-after-ms": "1500", "retry-after": "2"}, _error("slow down")),
    "http_429_far": (429, {"retry-after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, ""),
    "http_429_never": (429, {"retry-after": "soon"}, _error("slow down")),
    "http_429_quota": (429, {"retry-after": "9"}, _error("no credit", "insufficient_quota")),
    "http_529": (529, {"retry-after": "3"}, _error("Overloaded", "overloaded_error")),
    "http_500": (500, {}, _error("boom")),
    "http_429_now": (429, {"retry-after": "0"}, _error("slow down", "rate_limit_exceeded")),
    "http_503_now": (503, {"retry-after": "0"}, _error("Loading model")),
    "http_529_now": (529, {"retry-after": "0"}, _error("Overloaded", "overloaded_error")),
    "http_503": (503, {"retry-after": "2"}, _error("Loading model")),
    "context": (400, {}, _error("maximum context length is 5 tokens")),
    "http_400_list": (400, {}, json.dumps({"detail": [{"loc": ["top_p"], "msg": "too high"}]})),
    "http_429_year": (429, {"retry-after": "31536000"}, _error("slow down")),
    "http_502_page": (502, {}, "<html><head><title>Bad &amp; broken</title></head><h1>x</h1>"),
    "http_500_silent": (500, {}, ""),
    "html": (200, {}, "<html>captive portal</html>"),
    "portal": (
        200,
        {"content-type": "text/html"},
        "<!DOCTYPE html><title>Log in to the Wi-Fi &amp; wait</title><p>Hi",
    ),
    "error_as_json": (200, {}, {"error": {"message": f"Out of luck with {KEY_ECHO}"}}),
    "error_of_a_gateway": (200, {}, {"error": {"code": 402, "message": "Pay first"}}),
    "error_in_a_list": (200, {}, json.dumps([{"error": {"code": 429, "message": "Used up"}}])),
    "error_as_text": (200, {"content-type": "text/plain"}, "upstream is asleep"),
    "error_without_kind": (200, {"content-type": ""}, {"detail": "Nobody is in"}),
    "error_as_stream": (
        200,
        {"content-type": "text/event-stream"},
        {"error": {"message": "Not in the mood"}},
    ),
    "nothing": (200, {}, ""),
    "stream_without_kind": (200, {"content-type": ""}, "\n: still there\n\n" + HELLO + WORLD + END),
    "whole_reply": (200, {}, {"choices": [{"message": {"content": "Hello"}}]}),
    "moved": (302, {"location": "http://127.0.0.1:1/"}, ""),
    "packed_error": (200, PACKED, {"error": {"code": 429, "message": "Used up"}}),
    "packed_page": (200, PACKED, "<!DOCTYPE html><title>Log in</title><p>Hi"),
    "packed_space": (200, PACKED, " " * 1_000_000),
    "packed_stream": (200, PACKED, HELLO + WORLD + END),
}
"""Plain answers: status, headers and body."""

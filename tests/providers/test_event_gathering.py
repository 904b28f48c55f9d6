"""Events that come at once are joined: fewer of them, and not a letter else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tui_sessions.providers.library.event_gathering import gather_events, joined


def said(text: str | None, key: str = "content", end: str | None = None, **fields: Any) -> bytes:
    delta = {} if text is None else {key: text}
    choice = {"index": 0, "delta": delta, "finish_reason": end}
    return event({"id": "c", "model": "m", "choices": [choice], **fields})


def event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def texts(events: bytes, key: str = "content") -> list[str]:
    datas = [json.loads(one[6:]) for one in events.split(b"\n\n") if one.startswith(b"data: {")]
    return [choice["delta"][key] for data in datas for choice in data["choices"] if choice["delta"]]


def test_text_in_many_events_becomes_one():
    found = b"".join(joined(said("Hello") + said(" wörld") + said("\n\n🎉")))
    assert texts(found) == ["Hello wörld\n\n🎉"]


def test_what_is_alone_stays_as_it_came():
    spaced = b'data: {"choices":  [{"delta": {"content": "a"}}]}\n\n'
    assert b"".join(joined(spaced)) == spaced


def test_thinking_and_answer_are_not_mixed():
    thought = [said(text, "reasoning_content") for text in ("Let", " me")]
    found = b"".join(joined(b"".join([*thought, said("I"), said("t")])))
    assert found == b"".join([*joined(b"".join(thought)), *joined(said("I") + said("t"))])
    assert found.count(b"data: ") == 2


@pytest.mark.parametrize(
    "other",
    [
        said(None, end="stop"),
        said("x", end="length"),
        event({"choices": [], "usage": {"total_tokens": 3}}),
        event({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0}]}}]}),
        event({"error": {"message": "overloaded"}}),
        b"data: [DONE]\n\n",
        b": still there\n\n",
        b'data: {"choices": [{"delta": {"content": "\n\n',
        b'data: {"choices": [{"delta": {"content": "\\ud83d"}}]}\n\n',
        b"event: ping\ndata: {}\n\n",
        said("x", model="another"),
        said("x", end=None, system_fingerprint="f"),
    ],
)
def test_other_events_stay_where_and_as_they_are(other: bytes):
    parts = list(joined(said("a") + said("b") + other + said("c")))
    assert b"".join(parts) == b"".join([*joined(said("a") + said("b")), other, said("c")])


def test_of_usage_with_every_event_the_latest_counts():
    events = [said(str(n), usage={"completion_tokens": n}, created=n) for n in range(3)]
    [data] = [json.loads(one[6:]) for one in joined(b"".join(events))]
    assert (data["usage"], data["created"]) == ({"completion_tokens": 2}, 2)


class _Body(httpx2.AsyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


async def through(body: bytes, size: int, **headers: str) -> list[bytes]:
    """What is read of a response that comes in pieces of a size."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    response = httpx2.Response(200, headers=headers, stream=_Body(pieces))
    await gather_events(response)
    return [piece async for piece in response.aiter_raw()]


EVENTS = {"content-type": "text/event-stream; charset=utf-8"}


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
async def test_however_the_bytes_are_cut_the_text_is_whole(size: int):
    body = b"".join(said(f"w{n} ") for n in range(5)) + said(None, end="stop") + b"data: [DONE]\n\n"
    found = b"".join(await through(body, size, **EVENTS))
    assert "".join(texts(found)) == "w0 w1 w2 w3 w4 "
    assert found.endswith(said(None, end="stop") + b"data: [DONE]\n\n")


async def test_half_an_event_at_the_end_is_not_swallowed():
    body = said("a") + b'data: {"choices": [{'
    assert b"".join(await through(body, 50, **EVENTS)) == body


async def test_lines_that_end_otherwise_stay_as_they_are():
    body = (said("a") + said("b")).replace(b"\n", b"\r\n")
    assert b"".join(await through(body, 40, **EVENTS)) == body


class _Broken(_Body):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield said("a")
        raise httpx2.ReadError("the connection was lost")


async def test_what_came_before_the_connection_was_lost_is_handed_over_first():
    response = httpx2.Response(200, headers=EVENTS, stream=_Broken([]))
    await gather_events(response)
    pieces = response.aiter_raw()
    assert await anext(pieces) == said("a")
    with pytest.raises(httpx2.ReadError, match="lost"):
        await anext(pieces)


class _Once(_Body):
    """A stream that would never end for who reads it again, as a connection that is closed."""

    _read = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._read:
            await asyncio.sleep(0)
        self._read = True
        yield said("a")


async def test_who_reads_again_finds_nothing_more():
    response = httpx2.Response(200, headers=EVENTS, stream=_Once([]))
    await gather_events(response)
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)
    assert [piece async for piece in stream] == [said("a")]
    assert [piece async for piece in stream] == []


class _Connection(_Body):
    """One on which a word comes with every turn, and a look takes all that has come."""

    words = 300
    looks = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        began, given = loop.time(), 0
        while given < self.words:
            await asyncio.sleep(0.0005)
            self.looks += 1
            come = min(int((loop.time() - began) * 1000) + 1, self.words)
            for number in range(given, come):
                yield said(f"w{number} ")
            given = come


async def test_a_fast_connection_is_looked_at_seldom_and_nothing_of_it_is_lost():
    body = _Connection([])
    response = httpx2.Response(200, headers=EVENTS, stream=body)
    await gather_events(response)
    found = b"".join([piece async for piece in response.aiter_raw()])
    assert "".join(texts(found)) == "".join(f"w{number} " for number in range(300))
    assert body.looks < 150


class _Endless(_Body):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield said("a")
        await asyncio.Event().wait()


async def test_who_stops_reading_leaves_nothing_behind():
    response = httpx2.Response(200, headers=EVENTS, stream=_Endless([]))
    await gather_events(response)
    before = asyncio.all_tasks()
    pieces = response.aiter_raw()
    assert await anext(pieces) == said("a")
    await response.aclose()
    assert asyncio.all_tasks() <= before


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "application/json"}, {**EVENTS, "content-encoding": "gzip"}, {}],
)
async def test_nothing_but_plain_events_is_touched(headers: dict[str, str]):
    body = said("a") + said("b")
    assert b"".join(await through(body, 10_000, **headers)) == body

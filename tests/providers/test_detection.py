"""What could answer here is noticed quickly, whatever the ports do."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from tui_sessions import Settings
from tui_sessions.providers.detection import Detected, detect
from tui_sessions.providers.endpoint import KNOWN, Endpoint
from tui_sessions.providers.registry import registry_of

MODELS = b'{"data": [{"id": "small"}, {"id": "large"}, {"id": 7}, "x"]}'


@contextlib.asynccontextmanager
async def server(answer: bytes | None) -> AsyncIterator[Endpoint]:
    """A port that gives this answer, or none at all."""
    held: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        if answer is not None:
            writer.write(answer)
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield at(f"http://127.0.0.1:{port}/v1")
    finally:
        for writer in held:
            writer.close()
        listening.close()
        await listening.wait_closed()


def at(address: str, name: str = "here", variable: str | None = None) -> Endpoint:
    return Endpoint(name=name, kind="openai-compatible", base_url=address, api_key_env=variable)


def http(status: str, body: bytes) -> bytes:
    return f"HTTP/1.0 {status}\r\ncontent-type: application/json\r\n\r\n".encode() + body


async def test_a_server_is_noticed_with_its_models() -> None:
    async with server(http("200 OK", MODELS)) as here:
        found = await detect([here])
    assert found == [Detected(name="here", reason="server", models=("small", "large"))]


async def test_a_server_that_wants_a_key_is_noticed_too() -> None:
    async with server(http("401 Unauthorized", b"{}")) as here:
        assert await detect([here]) == [Detected(name="here", reason="server")]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n",
        b"SSH-2.0-x\r\n",
        http("200 OK", b"<html>"),
        http("200 OK", b'{"data": 1}'),
        http("200 OK", b"[" * 100_000),
    ],
)
async def test_what_is_no_model_server_is_not_offered(answer: bytes) -> None:
    async with server(answer) as here:
        assert await detect([here]) == []


async def test_a_port_that_keeps_silent_costs_no_more_than_the_budget() -> None:
    async with server(None) as silent, server(http("200 OK", MODELS)) as here:
        began = time.monotonic()
        found = await detect([silent, here, at("http://127.0.0.1:9/v1")])
        took = time.monotonic() - began
    assert [one.reason for one in found] == ["server"]
    assert took < 0.3


async def test_a_key_that_is_set_is_noticed_without_asking_anyone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_KEY", "secret-secret")
    hosted = [
        at("https://example.org/v1", "mine", "MY_KEY"),
        at("https://example.org/v1", "other", "OTHER_KEY"),
    ]
    assert await detect(hosted) == [Detected(name="mine", reason="key")]
    assert await detect([]) == []


async def test_the_registry_looks_at_the_usual_ports_and_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret-secret")
    found = await registry_of(Settings()).detect()
    assert Detected(name="openai", reason="key") in found
    ports = [(one.base_url or "").rsplit(":", 1)[-1] for one in KNOWN.values()]
    assert {"11434/v1", "8080/v1", "1234/v1", "8000/v1"} <= set(ports)

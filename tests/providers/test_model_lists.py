"""Lists of models that are empty, odd, or without an end."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator

import pytest

from tui_sessions import ProviderError
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.model_list import listed_models
from tui_sessions.providers.offers import offers
from tui_sessions.providers.registry import ProviderRegistry


@contextlib.asynccontextmanager
async def registry(
    body: bytes | None, head: bytes = b"HTTP/1.0 200 OK"
) -> AsyncIterator[ProviderRegistry]:
    """An endpoint `here` that answers so, or a blank at a time without an end."""
    dripping: set[asyncio.Task[None]] = set()

    async def drip(writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n" + (body or b""))
        if body is None:
            dripping.add(asyncio.create_task(drip(writer)))
        else:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    made = ProviderRegistry()
    made.register_endpoints([Endpoint(name="here", kind="openai-compatible", base_url=address)])
    try:
        yield made
    finally:
        for task in dripping:
            task.cancel()
        await asyncio.gather(*dripping, return_exceptions=True)
        listening.close()
        await listening.wait_closed()


async def test_a_list_without_an_end_holds_up_neither_the_question_nor_the_end_of_a_program() -> (
    None
):
    async with registry(None) as providers:
        with pytest.raises(ProviderError, match="nothing within") as caught:
            await providers.get("here").models()
        # As a program does that ends: it waits for the threads that are its own.
        await asyncio.get_running_loop().shutdown_default_executor()
    assert caught.value.kind == "unavailable"


async def test_a_list_that_is_nested_without_an_end_is_none() -> None:
    async with registry(b"[" * 100_000) as providers:
        with pytest.raises(ProviderError, match="it is not JSON"):
            await providers.get("here").models()
        assert [one.provider for one in await offers(providers)][-1] == "here"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (b"https://new.example.org/v1/models", "it has moved to https://new.example.org/v1/models"),
        (b"/v2/models", "/v2/models"),
        (b"\x1b[2J", "it has moved to"),
    ],
)
async def test_a_list_that_has_moved_says_where_to(place: bytes, said: str) -> None:
    head = b"HTTP/1.0 302 Found\r\nLocation: " + place
    async with registry(b"", head) as providers:
        with pytest.raises(ProviderError, match="put the new one") as caught:
            await providers.get("here").models()
    assert said in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert caught.value.kind == "unavailable"


async def test_a_list_that_is_packed_on_its_way_is_read() -> None:
    body = gzip.compress(b'{"data": [{"id": "one"}]}')
    head = b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip"
    async with registry(body, head) as providers:
        assert await providers.get("here").models() == ["one"]
    async with registry(gzip.compress(bytes(20_000_000)), head) as providers:
        with pytest.raises(ProviderError, match="too large"):
            await providers.get("here").models()


async def test_a_provider_that_lists_none_says_so() -> None:
    async with registry(b'{"data": []}') as providers:
        [offer] = [one for one in await offers(providers) if one.provider == "here"]
    assert offer.models == ()
    assert offer.problem is not None
    assert offer.problem.kind == "not_found"
    assert "lists no model" in str(offer.problem)


def test_a_model_that_is_listed_twice_is_offered_once() -> None:
    entries = [{"id": "b", "max_model_len": 9}, {"id": "a"}, {"id": "b"}]
    found = listed_models(json.loads(json.dumps({"data": entries})))
    assert [(one.name, one.context_window) for one in found] == [("b", 9), ("a", None)]

"""Lists of models that are empty, odd, or without an end."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from tui_sessions import ProviderError
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.model_list import listed_models
from tui_sessions.providers.offers import offers
from tui_sessions.providers.registry import ProviderRegistry


@contextlib.asynccontextmanager
async def registry(body: bytes | None) -> AsyncIterator[ProviderRegistry]:
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
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + (body or b""))
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

"""How much a model reads at once is asked where it is known, quickly, and not again and again."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tui_sessions import Settings
from tui_sessions.providers import remote
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.model_list import ListedModel, chatting_models, listed_models
from tui_sessions.providers.registry import registry_of
from tui_sessions.providers.remote import RemoteProvider

LIST = {"data": [{"id": "llama3.2:latest"}, {"id": "qwen"}]}


@contextlib.asynccontextmanager
async def server(answers: dict[str, Any]) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that gives these answers by path; what was asked for is listed."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            (int(line.split(":")[1]) for line in head.lower().split("\r\n")
             if line.startswith("content-length:")), 0,
        )  # fmt: skip
        body = (await reader.readexactly(length)).decode()
        path = head.split()[1]
        asked.append(path)
        found = answers.get(f"{path} {json.loads(body)['model']}" if body else path)
        data = json.dumps(found).encode()
        status = b"200 OK" if found is not None else b"404 Not Found"
        writer.write(b"HTTP/1.0 " + status + b"\r\n\r\n" + data)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1", asked
    finally:
        listening.close()
        await listening.wait_closed()


def at(address: str, **fields: Any) -> RemoteProvider:
    return RemoteProvider(
        Endpoint(name="here", kind="openai-compatible", base_url=address, **fields)
    )


@pytest.mark.parametrize(
    ("ps", "shown", "window"),
    [
        ([{"name": "llama3.2:latest", "context_length": 8192}], None, 8192),
        ([], {"parameters": 'stop "x"\nnum_ctx                        16384\n'}, 16384),
        ([], {"parameters": 'stop "x"', "model_info": {"llama.context_length": 131072}}, None),
        ([{"name": "qwen:latest", "context_length": 4096}], None, None),
        ([7, {"name": 7}], {"parameters": 7}, None),
    ],
)
async def test_ollama_tells_what_it_has_a_model_loaded_with(
    ps: Any, shown: Any, window: int | None
) -> None:
    answers = {"/v1/models": LIST, "/api/ps": {"models": ps}, "/api/show llama3.2": shown}
    async with server(answers) as (address, _):
        assert await at(address).context_window("llama3.2") == window


async def test_lm_studio_tells_what_it_has_loaded_before_what_could_be() -> None:
    models = [
        {"id": "qwen", "max_context_length": 32768, "loaded_context_length": 4096},
        {"id": "other", "max_context_length": 9},
    ]
    answers = {"/v1/models": LIST, "/api/v0/models": {"data": models}}
    async with server(answers) as (address, _):
        assert await at(address).context_window("qwen") == 4096


async def test_a_window_is_asked_for_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {"data": [{"id": "m", "context_length": 200_000}]}
    async with server({"/v1/models": listed}) as (address, asked):
        provider = at(address)
        assert [await provider.context_window("m") for _ in range(5)] == [200_000] * 5
        assert asked == ["/v1/models"]
        monkeypatch.setattr(remote, "_LOCAL_WINDOW_KEPT_S", 0.0)
        other = at(address)
        await other.context_window("m")
        await other.context_window("m")
        assert len(asked) == 3
        assert await at(address, context_window=5).context_window("m") == 5
        assert len(asked) == 3, "what the settings say needs no asking"


async def test_a_server_that_is_not_there_has_no_known_window() -> None:
    assert await at("http://127.0.0.1:9/v1").context_window("m") is None


@pytest.mark.parametrize(
    ("provider", "model", "window"),
    [
        ("anthropic", "claude-sonnet-4-5", 200_000),
        ("openai", "gpt-4o", 128_000),
        ("google", "gemini-2.5-flash", 1_048_576),
        ("openai", "no-such-model", None),
    ],
)
async def test_windows_of_hosted_models_are_known_without_a_network(
    provider: str, model: str, window: int | None
) -> None:
    found = registry_of(Settings()).get(provider)
    assert isinstance(found, RemoteProvider)
    assert await found.context_window(model) == window


def test_lists_of_all_kinds_are_read() -> None:
    google = {"models": [{"name": "models/g", "inputTokenLimit": 7}, {"name": ""}, 7]}
    assert listed_models(google) == [ListedModel("g", 7)]
    together = [{"id": "t", "context_length": 8}, {"id": "u"}]
    assert listed_models(together) == [ListedModel("t", 8), ListedModel("u")]
    groq = {"data": [{"id": "q", "context_window": 9, "created": 5}]}
    assert listed_models(groq) == [ListedModel("q", 9, 5)]
    for none in ({"data": None}, {"models": 7}, [], 7, None, "x"):
        assert listed_models(none) == []


def test_openais_models_for_something_else_are_left_out_and_the_newest_is_first() -> None:
    names = [
        "text-embedding-3-small", "whisper-1", "tts-1-hd", "dall-e-3", "gpt-4o-mini-tts",
        "omni-moderation-latest", "gpt-4o-realtime-preview", "gpt-4o-audio-preview",
        "gpt-image-1", "sora-2", "davinci-002", "gpt-3.5-turbo-instruct", "gpt-4o", "o3", "gpt-5",
    ]  # fmt: skip
    models = [ListedModel(name, created=place) for place, name in enumerate(names)]
    assert [model.name for model in chatting_models(models)] == ["gpt-5", "o3", "gpt-4o"]

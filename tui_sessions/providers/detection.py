"""What could answer here: servers on their usual ports, and keys that are set."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

import msgspec

from tui_sessions.daemon_thread import in_daemon_thread
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.keyring_look import held_in_keyring
from tui_sessions.providers.keys import environment_value
from tui_sessions.providers.model_list import listed_models

BUDGET_S = 0.25
"""Seconds for looking, in all: nothing waits for a port that does not answer."""
_LARGEST = 1024 * 1024


class Detected(msgspec.Struct, frozen=True, kw_only=True):
    """A provider that can be offered."""

    name: str
    reason: str
    """`key` (one is set) or `server` (it answers)."""
    models: tuple[str, ...] = ()
    """What a server lists; empty for one that wants a key first."""


@runtime_checkable
class DetectingProviders(Protocol):
    """Providers that can look around for who answers."""

    async def detect(self) -> list[Detected]:
        """Which of them could answer here and now, found in no time."""


async def detect(endpoints: Sequence[Endpoint], budget_s: float = BUDGET_S) -> list[Detected]:
    """Which of these are there, in their order, found within the budget.

    Only ports of this machine are tried; of a hosted provider it is noticed that its key is in the
    environment, or in a keyring that tells without asking the person.
    """
    if not endpoints:
        return []
    missing = [one.name for one in endpoints if not one.local and not _in_environment(one)]
    keyring = asyncio.create_task(in_daemon_thread(partial(held_in_keyring, missing)))
    looks = [asyncio.create_task(_look(endpoint, keyring)) for endpoint in endpoints]
    _, late = await asyncio.wait(looks, timeout=budget_s)
    keyring.cancel()
    for look in late:
        look.cancel()
    await asyncio.wait([keyring, *late])
    return list(_results(look for look in looks if look not in late))


def _results(looks: Iterable[asyncio.Task[Detected | None]]) -> Iterable[Detected]:
    return (found for look in looks if (found := look.result()) is not None)


async def _look(endpoint: Endpoint, keyring: asyncio.Task[frozenset[str]]) -> Detected | None:
    if endpoint.local:
        return await _server(endpoint)
    if _in_environment(endpoint) or endpoint.name in await asyncio.shield(keyring):
        return Detected(name=endpoint.name, reason="key")
    return None


def _in_environment(endpoint: Endpoint) -> bool:
    return environment_value(endpoint.key_variables) is not None


async def _server(endpoint: Endpoint) -> Detected | None:
    """Ask a server on this machine for its models, without a key and without an HTTP library."""
    parts = urlsplit(endpoint.base_url)
    if parts.scheme != "http":
        return None
    try:
        answer = await _answer(parts.hostname or "", parts.port or 80, f"{parts.path}/models")
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    status, _, rest = answer.partition(b"\r\n")
    if status.split(b" ")[1:2] == [b"401"]:
        return Detected(name=endpoint.name, reason="server")
    try:
        models = listed_models(json.loads(rest.partition(b"\r\n\r\n")[2]))
    except (ValueError, RecursionError):
        return None
    if not models:
        return None
    names = tuple(model.name for model in models)
    return Detected(name=endpoint.name, reason="server", models=names)


async def _answer(host: str, port: int, path: str) -> bytes:
    """An answer as it comes; HTTP 1.0 is not chunked and ends with its connection."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nhost: {host}:{port}\r\n\r\n".encode("ascii"))
        await writer.drain()
        chunks: list[bytes] = []
        while chunk := await reader.read(65536):
            chunks.append(chunk)
            if sum(map(len, chunks)) > _LARGEST:
                break
        return b"".join(chunks)
    finally:
        writer.close()

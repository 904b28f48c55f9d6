"""The connections that requests go over."""

from __future__ import annotations

import asyncio

import httpx2
from pydantic_ai.models import create_async_httpx2_client

from tui_sessions.errors import ProviderError
from tui_sessions.model.visible import visible_line
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.library.event_gathering import gather_events
from tui_sessions.providers.library.stream_check import tell_no_stream

MOST_CONNECTIONS = 100
_LONGEST_REASON = 200
_CHAT_COMPLETIONS = ("openai", "openai-compatible")
"""The kinds of endpoint that say a word or less in each event, and all of them alike."""


def http_timeout(endpoint: Endpoint) -> httpx2.Timeout:
    """What the transport waits for at most; how a reply flows is watched over its parts."""
    timeouts = endpoint.timeouts
    silence = max(timeouts.first_reply_s, timeouts.stall_s)
    return httpx2.Timeout(silence, connect=timeouts.connect_s, write=silence, pool=silence)


class Connections:
    """The connections to one endpoint, made anew for another event loop: none works in two."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client: httpx2.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def client(self) -> httpx2.AsyncClient:
        """The client of the running loop; the certificates that a new one loads take a while."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            try:
                made = await asyncio.to_thread(http_client, self._endpoint)
            except Exception as failure:
                raise _not_prepared(self._endpoint, failure) from None
            if self._client is None or self._loop is not loop:
                self._client, self._loop = made, loop
        return self._client

    async def close(self) -> None:
        """Let go of them; those of a loop that is gone went with it."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()


def _not_prepared(endpoint: Endpoint, failure: Exception) -> ProviderError:
    """A proxy or certificates of the environment cannot be used."""
    if isinstance(failure, ImportError):
        hint = "a SOCKS proxy in the environment needs `pip install socksio`"
        return ProviderError(f"{endpoint.name} cannot be reached: {hint}.", "bad_request")
    reason = visible_line(str(failure) or type(failure).__name__)[:_LONGEST_REASON]
    return ProviderError(
        f"{endpoint.name} cannot be reached: check the proxy and the certificates that the "
        f"environment names, as in HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE. ({reason})",
        "bad_request",
    )


def http_client(endpoint: Endpoint) -> httpx2.AsyncClient:
    """A client for one endpoint; one on this machine is reached without the person's proxy."""
    limits = httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=10)
    transport = httpx2.AsyncHTTPTransport(limits=limits) if endpoint.local else None
    client = create_async_httpx2_client(
        timeout=http_timeout(endpoint), limits=limits, transport=transport
    )
    # A stream of events does not wait to be compressed, and every answer can be looked at.
    client.headers["accept-encoding"] = "identity"
    client.event_hooks["response"].append(tell_no_stream)
    if endpoint.kind in _CHAT_COMPLETIONS:
        client.event_hooks["response"].append(gather_events)
    return client

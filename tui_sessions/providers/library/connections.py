"""The connections that requests go over."""

from __future__ import annotations

import httpx2
from pydantic_ai.models import create_async_httpx2_client

from tui_sessions.providers.endpoint import Endpoint

MOST_CONNECTIONS = 100


def http_timeout(endpoint: Endpoint) -> httpx2.Timeout:
    """What the transport waits for at most; how a reply flows is watched over its parts."""
    timeouts = endpoint.timeouts
    silence = max(timeouts.first_reply_s, timeouts.stall_s)
    return httpx2.Timeout(silence, connect=timeouts.connect_s, write=silence, pool=silence)


def http_client(endpoint: Endpoint) -> httpx2.AsyncClient:
    """A client for one endpoint; one on this machine is reached without the person's proxy."""
    limits = httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=10)
    transport = httpx2.AsyncHTTPTransport(limits=limits) if endpoint.local else None
    return create_async_httpx2_client(
        timeout=http_timeout(endpoint), limits=limits, transport=transport
    )

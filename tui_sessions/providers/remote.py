"""A provider that is reached over the network, or on this machine by its port."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from tui_sessions.daemon_thread import in_daemon_thread
from tui_sessions.errors import ProviderError
from tui_sessions.providers.base import (
    ClosableProvider,
    Provider,
    ReplyPart,
    ReplyRequest,
    SizedProvider,
)
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.extras import missing_extra, require_extra
from tui_sessions.providers.keys import Key
from tui_sessions.providers.model_list import ListedModel, no_model
from tui_sessions.providers.warm_up import load_calls

if TYPE_CHECKING:
    from tui_sessions.providers.library.connections import Connections

_WINDOW_KEPT_S = 3600.0
_LOCAL_WINDOW_KEPT_S = 20.0
"""Seconds; a server of one's own may load a model anew, and one that was out of reach come back."""


class RemoteProvider:
    """Asks the models of one endpoint; the library behind it is loaded by the first request."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.name = endpoint.name
        self.endpoint = endpoint
        self._connections: Connections | None = None
        self._blind: set[str] = set()
        self._windows: dict[str | None, tuple[int | None, float]] = {}

    def __repr__(self) -> str:
        return f"RemoteProvider({self.name!r}, {self.endpoint.base_url!r})"

    async def stream(self, request: ReplyRequest) -> AsyncIterator[ReplyPart]:
        """Answer as the model does."""
        key = await in_daemon_thread(self._key)
        make_call = await load_calls(self.endpoint.kind)
        from tui_sessions.providers.library.connections import Connections
        from tui_sessions.providers.library.reply import Reply

        if self._connections is None:
            self._connections = Connections(self.endpoint)
        client = await self._connections.client()
        model = request.agent.model or await self._default_model()
        call = await asyncio.to_thread(make_call, self.endpoint, key, model, client)
        async with aclosing(Reply(call, self.endpoint, key, request, self._blind).parts()) as parts:
            async for part in parts:
                yield part

    async def models(self) -> list[str]:
        """What the endpoint lists, the settings' default first."""
        names = [model.name for model in await self._listed()]
        default = self.endpoint.model
        if default is None:
            return names
        return [default, *(name for name in names if name != default)]

    async def context_window(self, model: str | None) -> int | None:
        """What the settings say, else the endpoint, else the price data; kept for a while."""
        if self.endpoint.context_window is not None:
            return self.endpoint.context_window
        now = time.monotonic()
        window, until = self._windows.get(model, (None, 0.0))
        if now >= until:
            window = await self._window(model)
            lasts = window is not None and not self.endpoint.local
            kept = _WINDOW_KEPT_S if lasts else _LOCAL_WINDOW_KEPT_S
            self._windows[model] = (window, now + kept)
        return window

    async def _window(self, model: str | None) -> int | None:
        try:
            listed = await self._listed()
        except ProviderError:
            listed = []
        wanted = model or self.endpoint.model or (listed[0].name if listed else "")
        window = next((one.context_window for one in listed if one.name == wanted), None)
        if window is not None or not wanted:
            return window
        if self.endpoint.kind == "openai-compatible" and not self.endpoint.needs_key:
            from tui_sessions.providers.served_window import served_window

            return await served_window(self.endpoint, wanted) if listed else None
        missing = await asyncio.to_thread(missing_extra, self.endpoint.kind)
        if self.endpoint.local or missing is not None:
            return None
        await load_calls(self.endpoint.kind)
        from tui_sessions.providers.library.prices import known_context

        return await asyncio.to_thread(known_context, wanted, self.endpoint.base_url)

    async def warm_up(self) -> None:
        """Load what the first request would wait for, in a thread; nothing where it is missing."""
        if await asyncio.to_thread(missing_extra, self.endpoint.kind) is None:
            await load_calls(self.endpoint.kind)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._connections is not None:
            await self._connections.close()

    def _key(self) -> Key | None:
        """The key; whoever has none, or not the library, is told before anything is loaded."""
        require_extra(self.endpoint.name, self.endpoint.kind)
        return self.endpoint.key()

    async def _listed(self) -> list[ListedModel]:
        from tui_sessions.providers.listing import list_models

        key = await in_daemon_thread(self._key)
        return await list_models(self.endpoint, key)

    async def _default_model(self) -> str:
        if self.endpoint.model is not None:
            return self.endpoint.model
        models = await self._listed()
        if not models:
            raise no_model(self.name)
        return models[0].name


_: tuple[type[Provider], type[SizedProvider], type[ClosableProvider]] = (
    RemoteProvider,
    RemoteProvider,
    RemoteProvider,
)

"""One bus for everything that happens: callbacks by event name, and streams of all events."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from tui_sessions.errors import InvalidValue
from tui_sessions.model.events import EVENT_NAMES, Event

log = logging.getLogger(__name__)

Callback = Callable[[Any], Awaitable[None] | None]


class EventBus:
    """Brings events to listeners; one that raises is logged and disturbs nobody."""

    def __init__(self) -> None:
        self._callbacks: dict[str, list[tuple[Callback, str | None]]] = {}
        self._streams: set[asyncio.Queue[Event | None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def on(self, event: str, callback: Callback, workspace_id: str | None = None) -> None:
        """Call back on every event of that name, in one workspace or in all.

        Raises:
            InvalidValue: no event has that name.
        """
        if event not in EVENT_NAMES:
            raise InvalidValue("event", event, EVENT_NAMES)
        self._callbacks.setdefault(event, []).append((callback, workspace_id))

    def off(self, event: str, callback: Callback) -> None:
        """Call back no more; one that was never registered is no error."""
        kept = [entry for entry in self._callbacks.get(event, ()) if entry[0] != callback]
        self._callbacks[event] = kept

    def emit(self, event: Event) -> None:
        """Tell everybody."""
        for stream in self._streams:
            stream.put_nowait(event)
        for callback, workspace_id in tuple(self._callbacks.get(event.name, ())):
            if workspace_id is None or workspace_id == event.workspace_id:
                self._call(callback, event)

    async def stream(self, workspace_id: str | None = None) -> AsyncIterator[Event]:
        """Every event from now on, until the bus is closed."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._streams.add(queue)
        try:
            while (event := await queue.get()) is not None:
                if workspace_id is None or workspace_id == event.workspace_id:
                    yield event
        finally:
            self._streams.discard(queue)

    async def close(self) -> None:
        """End the streams and wait for the callbacks that still run."""
        for stream in self._streams:
            stream.put_nowait(None)
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _call(self, callback: Callback, event: Event) -> None:
        try:
            result = callback(event)
        except Exception:
            log.exception("A listener of %s failed", event.name)
            return
        if inspect.isawaitable(result):
            task = asyncio.ensure_future(self._await(result, event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _await(self, result: Awaitable[None], event: Event) -> None:
        try:
            await result
        except Exception:
            log.exception("A listener of %s failed", event.name)

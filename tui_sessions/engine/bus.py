"""One bus for everything that happens: callbacks by event name, and streams of all events."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakSet

from tui_sessions.errors import InvalidValue
from tui_sessions.model.events import EVENT_NAMES, Event

log = logging.getLogger(__name__)

Callback = Callable[[Any], Awaitable[None] | None]
PATIENCE_S = 5.0
"""Seconds that listeners have to finish when everything ends."""


class EventStream:
    """Events as they happen, for one reader; those that nobody reads any more are dropped."""

    def __init__(self, workspace_id: str | None) -> None:
        self._workspace_id = workspace_id
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()

    def put(self, event: Event) -> None:
        """Take an event, if it is of the workspace that is followed."""
        if self._workspace_id in (None, event.workspace_id):
            self._queue.put_nowait(event)

    def end(self) -> None:
        """Nothing more will come."""
        self._queue.put_nowait(None)

    async def aclose(self) -> None:
        """End it, also for a reader that waits."""
        self.end()

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> Event:
        event = await self._queue.get()
        if event is None:
            self.end()
            raise StopAsyncIteration
        return event


class EventBus:
    """Brings events to listeners; one that raises is logged and disturbs nobody."""

    def __init__(self) -> None:
        self._callbacks: dict[str, list[tuple[Callback, str | None]]] = {}
        self._streams: WeakSet[EventStream] = WeakSet()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def on(self, event: str, callback: Callback, workspace_id: str | None = None) -> None:
        """Call back on every event of that name, in one workspace or in all.

        Raises:
            InvalidValue: no event has that name, or there is nothing to call.
        """
        if event not in EVENT_NAMES:
            raise InvalidValue("event", event, EVENT_NAMES)
        if not callable(callback):
            raise InvalidValue("callback", callback, "a function, plain or async")
        self._callbacks.setdefault(event, []).append((callback, workspace_id))

    def off(self, event: str, callback: Callback, workspace_id: str | None = None) -> None:
        """Call back no more; one that was never registered like this is no error."""
        if not isinstance(event, str):
            raise InvalidValue("event", event, EVENT_NAMES)
        gone = (callback, workspace_id)
        kept = [entry for entry in self._callbacks.get(event, ()) if entry != gone]
        self._callbacks[event] = kept

    def hears(self, event: str) -> bool:
        """Whether anybody would be told of an event of that name."""
        return bool(self._streams or self._callbacks.get(event))

    def emit(self, event: Event) -> None:
        """Tell everybody; once the bus is closed, nobody."""
        if self._closed:
            return
        for stream in tuple(self._streams):
            stream.put(event)
        for callback, workspace_id in tuple(self._callbacks.get(event.name, ())):
            if workspace_id is None or workspace_id == event.workspace_id:
                self._call(callback, event)

    def stream(self, workspace_id: str | None = None) -> EventStream:
        """Every event from now on, until the bus is closed."""
        stream = EventStream(workspace_id)
        if self._closed:
            stream.end()
        self._streams.add(stream)
        return stream

    async def close(self) -> None:
        """End the streams and wait a while for the callbacks that still run."""
        self._closed = True
        for stream in tuple(self._streams):
            stream.end()
        running = self._tasks - {asyncio.current_task()}
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=PATIENCE_S)
        for task in late:
            log.error("A listener was still busy at the end: %s", task)
            task.cancel()

    def _call(self, callback: Callback, event: Event) -> None:
        try:
            result = callback(event)
        except (Exception, asyncio.CancelledError):  # the latter of a future that it asked
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

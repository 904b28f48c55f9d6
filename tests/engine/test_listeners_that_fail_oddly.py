"""Listeners that fail by a cancelled future, and events after the end."""

from __future__ import annotations

import asyncio
from typing import Any

from tui_sessions import Created, open_sessions
from tui_sessions.engine.bus import EventBus


async def test_a_listener_that_asks_a_cancelled_future_breaks_nothing() -> None:
    cancelled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    cancelled.cancel()
    heard: list[Any] = []
    async with open_sessions("memory:") as manager:
        manager.on("created", lambda _: cancelled.result())
        manager.on("created", heard.append)
        session = await manager.create_session()
        assert [event.session_id for event in heard] == [session.id]


async def test_nobody_is_told_of_anything_once_the_bus_is_closed() -> None:
    async with open_sessions("memory:") as manager:
        session = await manager.create_session()
    bus, heard = EventBus(), []
    bus.on("created", heard.append)
    stream = bus.stream()
    await bus.close()
    bus.emit(Created(session_id=session.id, session=session))
    assert heard == []
    assert [event async for event in stream] == []

"""Driving the engine: following replies, odd providers, and waiting without sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from tui_sessions import (
    ProviderRegistry,
    ReplyEvent,
    ReplyRequest,
    ScriptedProvider,
    SessionManager,
)


class Watched:
    """A running `send` or `regenerate`: what it told so far, and its end."""

    def __init__(self, events: AsyncIterator[ReplyEvent]) -> None:
        self.events: list[ReplyEvent] = []
        self._changed = asyncio.Event()
        self._task = asyncio.ensure_future(self._follow(events))

    async def _follow(self, events: AsyncIterator[ReplyEvent]) -> None:
        try:
            async for event in events:
                self.events.append(event)
                self._changed.set()
        finally:
            self._changed.set()

    async def until(self, name: str) -> ReplyEvent:
        """Wait for an event of that name."""
        while True:
            for event in self.events:
                if event.name == name:
                    return event
            if self._task.done():
                self._task.result()
                raise AssertionError(f"it ended without {name}: {self.events}")
            self._changed.clear()
            await self._changed.wait()

    async def end(self) -> ReplyEvent:
        """Wait for the end."""
        await self._task
        return self.events[-1]

    async def leave(self) -> None:
        """Stop following, as a consumer that is cancelled."""
        self._task.cancel()
        await asyncio.wait([self._task])


async def ask(manager: SessionManager, session_id: str, text: str, **options: Any) -> ReplyEvent:
    """Send a message and wait for the last event."""
    last = None
    async for event in manager.send(session_id, text, **options):
        last = event
    assert last is not None
    return last


async def begun(manager: SessionManager, session_id: str, **options: Any) -> Watched:
    """A question whose reply has begun and waits at the gate."""
    turn = Watched(manager.send(session_id, "Hello", **options))
    await turn.until("reply_delta")
    return turn


async def answered(manager: SessionManager, provider: ScriptedProvider, question: str) -> str:
    """The id of a session in which a question was answered; the gate is shut for the next reply."""
    provider.open("go")
    session = await manager.create_session()
    await ask(manager, session.id, question)
    provider._gates.clear()
    return session.id


async def conversation(manager: SessionManager, *questions: str, **fields: Any) -> str:
    """The id of a session in which these were asked."""
    session = await manager.create_session(**fields)
    for question in questions:
        await ask(manager, session.id, question)
    return session.id


async def until(condition: Callable[[], bool]) -> None:
    """Give way to others until something is so."""
    while not condition():
        await asyncio.sleep(0.002)


def document_path(folder: Path, session_id: str) -> Path:
    """Where a session's document is."""
    [found] = folder.glob(f"workspaces/*/sessions/{session_id}.json")
    return found


def texts(messages: list[Any]) -> list[str]:
    """What messages say."""
    return [message.text for message in messages]


class OddProvider:
    """Runs an async generator function of the test's own."""

    name = "offline"

    def __init__(self, play: Callable[[ReplyRequest], Any]) -> None:
        self._play = play

    def stream(self, request: ReplyRequest) -> Any:
        return self._play(request)

    async def models(self) -> list[str]:
        return ["odd"]


def odd(play: Callable[[ReplyRequest], Any]) -> ProviderRegistry:
    """Providers whose default does what the test says."""
    registry = ProviderRegistry()
    registry.register("offline", lambda: OddProvider(play))
    return registry

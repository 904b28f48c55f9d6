"""Turns of the open chat: what begins one, and what stops it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from tui_sessions.model.events import ReplyEvent
from tui_sessions.tui.screens.main.surroundings import Surroundings


class Turns:
    """Stops what the open chat's agent does."""

    def __init__(self, screen: Surroundings) -> None:
        self._screen = screen
        self.stopped_summaries: set[tuple[str, str]] = set()
        """The chats whose summary the person stopped."""

    async def stop(self) -> bool:
        """Stop the reply or the summary of the open chat; whether one was running."""
        screen, opened = self._screen, self._screen.current
        if opened.session_id is None or opened.chat_id is None:
            return False
        place = (opened.session_id, opened.chat_id)
        if place in screen.summarising:
            self.stopped_summaries.add(place)
        if place not in screen.manager.running():
            return False
        async with screen.telling():
            return await screen.manager.stop(*place)
        return False


async def begin_turn(events: AsyncIterator[ReplyEvent]) -> None:
    """Wait until a turn has begun; it goes on by itself, and the engine's events tell of it."""
    async for _ in events:
        break

"""Work on all messages of a chat: too much for one step of the loop where they are many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tui_sessions.model.collecting import collector_paused

FEW = 500
"""Messages that can be decoded or counted without anybody noticing."""

Got = TypeVar("Got")


async def of_many(messages: int, work: Callable[[], Got]) -> Got:
    """What some work on so many messages gives; done in a thread unless they are few."""
    if messages <= FEW:
        return work()

    def quietly() -> Got:
        with collector_paused():
            return work()

    return await asyncio.to_thread(quietly)

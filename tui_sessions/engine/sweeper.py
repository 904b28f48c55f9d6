"""The sweeping that goes on in the background."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any


class Sweeper:
    """Sweeps in the background, for all faces of a manager together."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def start(self, sweeping: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin, unless it goes on already."""
        if self._task is None:
            self._task = asyncio.create_task(sweeping())

    async def stop(self) -> None:
        """End it."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

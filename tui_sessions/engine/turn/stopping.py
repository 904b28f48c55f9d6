"""Being stopped: work that ends when it is done, or when somebody asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

STOP_PATIENCE_S = 5.0
"""Seconds that work has to end once it is stopped; then it is left behind."""

Made = TypeVar("Made")


class Stopping:
    """Whether something is to stop, and work that heeds it."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()

    @property
    def asked(self) -> bool:
        """It is to stop."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Have it stop."""
        self._asked.set()

    async def run(self, work: Coroutine[Any, Any, Made]) -> asyncio.Task[Made]:
        """Do some work in a task of its own until it ends or is stopped.

        Returns:
            The task: done, cancelled, or left behind where it would not let itself be stopped.
        """
        task = asyncio.create_task(work)
        stop = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.cancel()
            stop.cancel()
            await asyncio.wait([task], timeout=STOP_PATIENCE_S)
            await asyncio.wait([stop])
        return task


def failure_of(task: asyncio.Task[Any]) -> BaseException | None:
    """Why a task failed, where it did; being stopped is no failure."""
    if not task.done() or task.cancelled():
        return None
    return task.exception()

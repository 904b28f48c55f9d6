"""A blocking iterator read in a thread of its own, a bounded distance ahead of its consumer."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

AHEAD = 8
"""How many items may wait to be taken."""


@dataclass(frozen=True, slots=True)
class _Item(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class _End:
    error: Exception | None


async def read_ahead(
    make: Callable[[], Iterator[T]], ahead: int = AHEAD
) -> AsyncGenerator[T, None]:
    """What an iterator gives, without blocking the event loop.

    Whoever leaves early ends the reading at its next item.

    Args:
        make: makes the iterator, in the thread.
        ahead: how many items may wait to be taken.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[_Item[T] | _End] = asyncio.Queue()
    room = threading.Semaphore(ahead)
    left = threading.Event()

    def hand_over(found: _Item[T] | _End) -> None:
        # The loop may be closed by now when the consumer has left.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(queue.put_nowait, found)

    def read() -> None:
        error: Exception | None = None
        try:
            for value in make():
                room.acquire()
                if left.is_set():
                    return
                hand_over(_Item(value))
        except Exception as failure:
            error = failure
        hand_over(_End(error))

    # A daemon: an iterator that is busy must not keep a program from ending; it only reads.
    threading.Thread(target=read, name="sessions-read-ahead", daemon=True).start()
    try:
        while isinstance(found := await queue.get(), _Item):
            room.release()
            yield found.value
        if found.error is not None:
            raise found.error
    finally:
        left.set()
        room.release()

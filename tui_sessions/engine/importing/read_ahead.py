"""A blocking iterator read in a thread of its own, a bounded distance ahead of its consumer."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

AHEAD = 8
"""How many items may be made or wait to be taken."""


class _Item(msgspec.Struct, Generic[T], frozen=True):
    value: T
    alone: bool


class _End(msgspec.Struct, frozen=True):
    error: Exception | None


async def read_ahead(
    make: Callable[[], Iterator[T]],
    ahead: int = AHEAD,
    alone: Callable[[T], bool] = lambda _: False,
) -> AsyncGenerator[T, None]:
    """What an iterator gives, without blocking the event loop.

    Whoever leaves early ends the reading at its next item.

    Args:
        make: makes the iterator, in the thread.
        ahead: how many items may be made or wait to be taken.
        alone: whether an item is to be done with before another one is made.
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
            values = iter(make())
            while room.acquire():
                if left.is_set() or (item := _next(values, alone)) is None:
                    break
                hand_over(item)
                # What is taken and done with is not kept alive from here.
                del item
        except Exception as failure:
            error = failure
        hand_over(_End(error))

    # A daemon: an iterator that is busy must not keep a program from ending; it only reads.
    threading.Thread(target=read, name="sessions-read-ahead", daemon=True).start()
    try:
        while isinstance(found := await queue.get(), _Item):
            value, held = found.value, found.alone
            del found
            if not held:
                room.release()
            yield value
            del value
            if held:
                room.release()
        if found.error is not None:
            raise found.error
    finally:
        left.set()
        room.release()


def _next(values: Iterator[T], alone: Callable[[T], bool]) -> _Item[T] | None:
    """The next of some values; None at their end."""
    for value in values:
        return _Item(value, alone(value))
    return None

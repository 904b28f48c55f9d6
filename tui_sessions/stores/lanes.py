"""Threads for work on files: what concerns one session happens in the order it was asked for."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar
from zlib import crc32

from tui_sessions.stores.doorbell import Ring, doorbell

T = TypeVar("T")
LANES = 4


class Lanes:
    """A few threads, each of which works its calls off one after the other."""

    def __init__(self) -> None:
        self._lanes: dict[int, _Lane] = {}

    async def run(self, key: str, work: Callable[[], T]) -> T:
        """Do blocking work after all earlier work of the same key."""
        return await self._lane(key).run(work)

    def put(self, key: str, work: Callable[[], object]) -> None:
        """Have blocking work done in the same order without waiting for it; it raises nothing."""
        self._lane(key).put(work)

    async def close(self) -> None:
        """Finish what was asked for and end the threads; later work starts new ones."""
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            await lane.run(_nothing)
            lane.end()

    def _lane(self, key: str) -> _Lane:
        number = crc32(key.encode("utf-8", "surrogatepass")) % LANES if key else LANES
        if number not in self._lanes:
            self._lanes[number] = _Lane()
        return self._lanes[number]


class _Lane:
    """One thread and its queue; the way there and back is half that of an executor's."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[_Call | _Errand | None] = SimpleQueue()
        # A store that nobody closes must not keep its threads.
        self.end = weakref.finalize(self, self._calls.put, None)
        self.end.atexit = False
        thread = threading.Thread(
            target=_work_off, args=(self._calls,), name="sessions-store", daemon=True
        )
        thread.start()

    async def run(self, work: Callable[[], T]) -> T:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._calls.put(_Call(doorbell(), answer, work))
        return await answer

    def put(self, work: Callable[[], object]) -> None:
        self._calls.put(_Errand(work))


class _Errand:
    """Work that nobody waits for."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.do = work


class _Call:
    """Work on its way to a thread, and its answer on the way back."""

    __slots__ = ("_answer", "_ring", "_work")

    def __init__(self, ring: Ring, answer: asyncio.Future[Any], work: Callable[[], Any]) -> None:
        self._ring = ring
        self._answer = answer
        self._work = work

    def do(self) -> None:
        try:
            result = self._work()
        except BaseException as error:
            self._ring(partial(self._give, self._answer.set_exception, error))
        else:
            self._ring(partial(self._give, self._answer.set_result, result))

    def _give(self, deliver: Callable[[Any], None], value: Any) -> None:
        if not self._answer.done():
            deliver(value)


def _work_off(calls: SimpleQueue[_Call | _Errand | None]) -> None:
    while (call := calls.get()) is not None:
        call.do()
        # The next call may be long in coming; what this one held is free at once.
        del call


def _nothing() -> None:
    return

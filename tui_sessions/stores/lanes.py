"""Threads for work on files: what concerns one session happens in the order it was asked for."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, Protocol, TypeVar
from zlib import crc32

from tui_sessions.stores.doorbell import doorbell
from tui_sessions.stores.inbox import Inbox, inbox

T = TypeVar("T")
Answer = Callable[[T], None]
"""Takes what the caller of some work waits for."""
LANES = 4


class Lanes:
    """A few threads, each of which works its calls off one after the other."""

    def __init__(self) -> None:
        self._lanes: dict[int, _Lane] = {}

    async def run(self, key: str, work: Callable[[], T]) -> T:
        """Do blocking work after all earlier work of the same key."""
        return await self._lane(key).run(_Call(work))

    async def run_answering(self, key: str, work: Callable[[Answer[T]], T]) -> T:
        """Do the same with work that may give its answer before it has ended.

        What it raises afterwards is told to nobody.
        """
        return await self._lane(key).run(_AnsweringCall(work))

    def put(self, key: str, work: Callable[[], object]) -> None:
        """Have blocking work done in the same order without waiting for it; it raises nothing."""
        self._lane(key).put(work)

    async def close(self) -> None:
        """Finish what was asked for and end the threads; later work starts new ones."""
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            await lane.run(_Call(_nothing))
            lane.end()

    def _lane(self, key: str) -> _Lane:
        number = crc32(key.encode("utf-8", "surrogatepass")) % LANES if key else LANES
        if number not in self._lanes:
            self._lanes[number] = _Lane()
        return self._lanes[number]


class _Lane:
    """One thread and its queue; the way there and back is half that of an executor's."""

    def __init__(self) -> None:
        self._calls: Inbox[_Task | None] = inbox()
        # A store that nobody closes must not keep its threads.
        self.end = weakref.finalize(self, self._calls.put, None)
        self.end.atexit = False
        thread = threading.Thread(
            target=_work_off, args=(self._calls,), name="sessions-store", daemon=True
        )
        thread.start()

    async def run(self, call: _Call[T]) -> T:
        self._calls.put(call)
        return await call.answer

    def put(self, work: Callable[[], object]) -> None:
        self._calls.put(_Errand(work))


class _Task(Protocol):
    """What a thread works off."""

    def do(self) -> object:
        """Do it, in the thread; raises nothing."""


class _Errand:
    """Work that nobody waits for."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.do = work


class _Call(Generic[T]):
    """Work on its way to a thread, and its answer on the way back."""

    __slots__ = ("_given", "_ring", "_work", "answer")

    def __init__(self, work: Callable[..., T]) -> None:
        self.answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._ring = doorbell()
        self._work = work
        self._given = False

    def do(self) -> None:
        try:
            result = self._done()
        except BaseException as error:
            self._give(self.answer.set_exception, error)
        else:
            self._give_result(result)

    def _done(self) -> T:
        return self._work()

    def _give_result(self, result: T) -> None:
        self._give(self.answer.set_result, result)

    def _give(self, deliver: Callable[[Any], None], value: Any) -> None:
        if not self._given:
            self._given = True
            self._ring(partial(self._deliver, deliver, value))

    def _deliver(self, deliver: Callable[[Any], None], value: Any) -> None:
        if not self.answer.done():
            deliver(value)


class _AnsweringCall(_Call[T]):
    """Work that is given what takes its answer."""

    __slots__ = ()

    def _done(self) -> T:
        return self._work(self._give_result)


def _work_off(calls: Inbox[_Task | None]) -> None:
    while (call := calls.get()) is not None:
        call.do()
        # The next call may be long in coming; what this one held is free at once.
        del call


def _nothing() -> None:
    return

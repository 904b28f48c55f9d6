"""Calls from threads into an event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path

import pytest

from tui_sessions.stores.doorbell import doorbell

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="what only Linux has")


def in_a_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.fixture(params=["an event", pytest.param("the loop's own way", marks=ON_LINUX)])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """By which the loop hears of a call; the second is that of systems without such events."""
    if request.param != "an event":

        def none_left(*_: object) -> int:
            raise OSError("no more files")

        monkeypatch.setattr(os, "eventfd", none_left)


@pytest.mark.usefixtures("way")
async def test_calls_are_made_in_the_loop_in_the_order_they_were_asked_for() -> None:
    here, made, done = threading.get_ident(), list[tuple[int, bool]](), asyncio.Event()
    ring = doorbell()

    def ask() -> None:
        for number in range(100):
            ring(lambda number=number: made.append((number, threading.get_ident() == here)))
        ring(done.set)

    in_a_thread(ask)
    assert not made
    await done.wait()
    assert made == [(number, True) for number in range(100)]


@pytest.mark.usefixtures("way")
async def test_a_call_that_fails_keeps_no_other_from_being_made() -> None:
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: reported.append(context.get("exception"))
    )
    failure, done, ring = ValueError("no"), asyncio.Event(), doorbell()

    def fail() -> None:
        raise failure

    in_a_thread(lambda: [ring(call) for call in (fail, done.set)])
    await done.wait()
    assert reported == [failure]


@pytest.mark.usefixtures("way")
def test_a_loop_that_has_ended_makes_no_calls_and_nobody_minds() -> None:
    made: list[int] = []

    async def rung() -> Callable[[Callable[[], object]], None]:
        return doorbell()

    ring = asyncio.run(rung())
    in_a_thread(lambda: ring(lambda: made.append(1)))
    assert made == []


async def test_calls_see_nothing_of_what_was_set_where_the_first_was_asked_for() -> None:
    variable: ContextVar[str] = ContextVar("variable", default="unset")
    seen: list[str] = []
    done = asyncio.Event()

    async def asked() -> Callable[[Callable[[], object]], None]:
        variable.set("in the task")
        return doorbell()

    ring = await asyncio.create_task(asked())
    in_a_thread(lambda: [ring(call) for call in (lambda: seen.append(variable.get()), done.set)])
    await done.wait()
    assert seen == ["unset"]


@ON_LINUX
def test_loops_that_are_gone_leave_no_open_files() -> None:
    async def rung() -> None:
        done = asyncio.Event()
        ring = doorbell()
        in_a_thread(lambda: ring(done.set))
        await done.wait()

    def open_files() -> int:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    asyncio.run(rung())
    before = open_files()
    for _ in range(5):
        asyncio.run(rung())
    assert open_files() == before

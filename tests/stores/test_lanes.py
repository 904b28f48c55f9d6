"""Threads for work on files."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from tui_sessions.stores.lanes import Answer, Lanes


@pytest.fixture
async def lanes() -> AsyncIterator[Lanes]:
    lanes = Lanes()
    yield lanes
    await lanes.close()


async def test_an_answer_may_come_before_the_work_has_ended(lanes: Lanes) -> None:
    done, go_on = list[str](), threading.Event()

    def work(answer: Answer[str]) -> str:
        answer("soon")
        go_on.wait()
        done.append("first")
        return "late"

    assert await lanes.run_answering("s1", work) == "soon"
    assert done == []
    following = asyncio.ensure_future(lanes.run("s1", lambda: done.append("second")))
    go_on.set()
    await following
    assert done == ["first", "second"]


async def test_what_fails_after_the_answer_is_told_to_nobody(lanes: Lanes) -> None:
    def work(answer: Answer[int]) -> int:
        answer(1)
        raise OSError("too late")

    assert await lanes.run_answering("s1", work) == 1
    assert await lanes.run("s1", lambda: 2) == 2


async def test_work_that_gives_no_answer_is_answered_by_what_it_returns_or_raises(
    lanes: Lanes,
) -> None:
    def fail(_: Answer[int]) -> int:
        raise ValueError("no")

    assert await lanes.run_answering("s1", lambda _: 3) == 3
    with pytest.raises(ValueError, match="no"):
        await lanes.run_answering("s1", fail)


async def test_nobody_minds_an_answer_that_is_not_waited_for_any_more(lanes: Lanes) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work(answer: Answer[int]) -> int:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        answer(1)
        return 1

    waiting = asyncio.ensure_future(lanes.run_answering("s1", work))
    await begun.wait()
    waiting.cancel()
    go_on.set()
    assert await lanes.run("s1", lambda: 2) == 2
    assert waiting.cancelled()

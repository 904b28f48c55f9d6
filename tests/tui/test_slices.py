from __future__ import annotations

import asyncio
from time import perf_counter

from tui_sessions.tui.slices import Slices, undivided


async def _work(done: list[int], steps: int = 2_000_000) -> None:
    slices = Slices()
    for step in range(steps):
        done.append(step)
        await slices.rest()


async def _stopped(work: asyncio.Task[None]) -> None:
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_others_have_their_turn_while_long_work_goes_on():
    done: list[int] = []
    work = asyncio.create_task(_work(done))
    while not done:
        await asyncio.sleep(0)
    first = len(done)
    assert not work.done()
    while len(done) == first:
        await asyncio.sleep(0.001)
    assert not work.done()
    await _stopped(work)


async def test_short_work_is_done_at_once():
    done: list[int] = []
    work = asyncio.create_task(_work(done, 3))
    await asyncio.sleep(0)
    assert done == [0, 1, 2]
    await work


async def test_work_rests_while_a_key_is_on_its_way_but_not_for_good():
    done: list[int] = []
    work = asyncio.create_task(_work(done))
    while not done:
        await asyncio.sleep(0)
    began = perf_counter()
    with undivided():
        first = len(done)
        while len(done) == first:
            await asyncio.sleep(0.001)
        assert perf_counter() - began >= 0.09
    await _stopped(work)

"""The end of a program while its index is at work or is about to be."""

import asyncio
import contextlib
import threading
from typing import Any

import pytest
from engine_driving import until
from searched_sessions import found, talk

from tui_sessions import SessionManager, StoreError
from tui_sessions.engine.full_text import small_steps
from tui_sessions.engine.full_text.index_comparison import IndexComparison
from tui_sessions.engine.full_text.small_steps import SmallSteps
from tui_sessions.index.full_text import TantivyIndex

PATIENCE_S = 10.0


async def test_a_search_at_the_last_moment_does_not_keep_the_index_from_ending(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IndexComparison, "is_short", False)  # it writes no last words
    await talk(manager, "needle")
    await found(manager, "needle")
    indexer = manager._engine.indexer
    indexer.note()
    for _ in range(5):  # by then it gathers changes
        await asyncio.sleep(0)
    indexer.hurry()
    ending = asyncio.create_task(indexer.stop())
    await asyncio.wait([ending], timeout=PATIENCE_S)
    assert ending.done()


@pytest.mark.parametrize("steps", range(4))
async def test_small_steps_that_need_be_no_more_can_be_given_up(
    monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(small_steps, "_LONGEST_S", PATIENCE_S)
    taken = SmallSteps()
    with taken.during():
        resting = asyncio.create_task(taken.rest(-PATIENCE_S))
        await asyncio.sleep(0)
    for _ in range(steps):
        await asyncio.sleep(0)
    given_up = resting.cancel()
    await asyncio.wait([resting])
    assert resting.cancelled() == given_up


async def test_a_search_that_waits_for_the_index_ends_with_it(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    begun, go = asyncio.Event(), threading.Event()
    write = TantivyIndex.write

    def slow(*arguments: Any) -> set[str]:
        loop.call_soon_threadsafe(begun.set)
        go.wait(PATIENCE_S)
        return write(*arguments)

    monkeypatch.setattr(TantivyIndex, "write", slow)
    monkeypatch.setattr(IndexComparison, "is_short", False)  # it writes no last words
    indexer = manager._engine.indexer
    await talk(manager, "needle")
    searching = asyncio.create_task(manager.search("needle", wait_s=None))
    async with asyncio.timeout(PATIENCE_S):
        await begun.wait()
        ending = asyncio.create_task(manager.shutdown())
        await until(lambda: indexer._task is None or bool(indexer._task.cancelling()))
        go.set()
        await ending
        with contextlib.suppress(StoreError):  # it may come too late to look
            assert not (await searching).complete

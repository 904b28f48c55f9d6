"""What waits for a thread."""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path

import pytest

from tui_sessions.stores.inbox import Inbox, inbox

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="what only Linux has")


@pytest.fixture(params=["an event", pytest.param("a queue", marks=ON_LINUX)])
def box(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Inbox[int | None]:
    """An inbox of each kind; the second is that of systems without such events."""
    if request.param == "a queue":

        def none_left(*_: object) -> int:
            raise OSError("no more files")

        monkeypatch.setattr(os, "eventfd", none_left)
    return inbox()


def taken_by_a_thread(box: Inbox[int | None], taken: list[int]) -> threading.Thread:
    """A thread that takes what comes until that is None."""

    def take() -> None:
        while (item := box.get()) is not None:
            taken.append(item)

    thread = threading.Thread(target=take)
    thread.start()
    return thread


def test_what_many_put_in_is_taken_once_and_each_ones_own_in_order(box: Inbox[int | None]) -> None:
    taken: list[int] = []
    taker = taken_by_a_thread(box, taken)
    givers = [
        threading.Thread(target=lambda first=first: [box.put(first + n) for n in range(500)])
        for first in (0, 1000, 2000)
    ]
    for giver in givers:
        giver.start()
    for giver in givers:
        giver.join()
    box.put(None)
    taker.join()
    for first in (0, 1000, 2000):
        assert [n for n in taken if first <= n < first + 1000] == list(range(first, first + 500))


def test_what_was_put_in_before_the_thread_began_is_taken(box: Inbox[int | None]) -> None:
    for item in (1, 2, None):
        box.put(item)
    taken: list[int] = []
    taken_by_a_thread(box, taken).join()
    assert taken == [1, 2]


@ON_LINUX
def test_a_wake_for_nothing_takes_nothing() -> None:
    box: Inbox[int | None] = inbox()
    taken: list[int] = []
    taker = taken_by_a_thread(box, taken)
    os.eventfd_write(box._handle, 3)  # type: ignore[attr-defined]
    box.put(1)
    box.put(None)
    taker.join()
    assert taken == [1]


@ON_LINUX
def test_inboxes_that_are_gone_leave_no_open_files() -> None:
    def open_files() -> int:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    boxes = [inbox() for _ in range(5)]
    assert open_files() == before + 5
    del boxes
    assert open_files() == before

"""The thread that reads the terminal sleeps until there is something to read, or it is to end."""

from __future__ import annotations

import os
from threading import Thread

from tui_sessions.tui.terminal.early_input import Ending, _is_ready


def test_who_waits_for_the_terminal_is_woken_by_the_end() -> None:
    terminal, _ = ends = os.pipe()
    ending = Ending()
    answers: list[bool] = []
    waiting = Thread(target=lambda: answers.append(_is_ready(terminal, 600.0, ending)))
    waiting.start()
    ending.set()
    waiting.join()
    assert answers == [False]
    for end in ends:
        os.close(end)


def test_what_was_typed_is_told_beside_the_end() -> None:
    terminal, keys = ends = os.pipe()
    ending = Ending()
    ending.set()
    os.write(keys, b"a")
    assert _is_ready(terminal, 600.0, ending)
    for end in ends:
        os.close(end)


def test_an_end_that_is_taken_back_wakes_nobody() -> None:
    ending = Ending()
    for _ in range(2):
        ending.set()
        ending.set()
        ending.clear()
        ending.clear()
    assert not ending.is_set()
    assert not _is_ready(ending.fileno(), 0)

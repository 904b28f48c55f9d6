"""A terminal at the end of a slow line, or one that takes nothing for a while."""

from __future__ import annotations

import json
import os
import signal

import pytest
from terminals import Terminals
from test_keeping import TALKATIVE, drafts

FULL_FRAMES = 60_000
"""More than what a terminal holds unread, and a few frames behind that; a reply has megabytes."""


def test_a_terminal_that_was_not_read_gets_the_newest_state_and_nothing_older(
    terminals: Terminals,
) -> None:
    terminals.settings(TALKATIVE)
    terminal = terminals.open()
    terminal.type("Go on\r").wait_for("word word").wait_until_full()
    read = len(terminal.raw)
    terminal.type("typed").wait_for("│ typed")
    assert len(terminal.raw) - read < FULL_FRAMES
    assert terminal.quit() == 0


@pytest.mark.parametrize("how", ["ctrl+q", "SIGTERM", "SIGHUP"])
def test_a_terminal_that_takes_nothing_is_left_as_it_was_and_all_is_kept(
    terminals: Terminals, how: str
) -> None:
    terminals.settings(TALKATIVE)
    terminal = terminals.open()
    terminal.type("Go on\r").wait_for("word word").wait_until_full().type("typed")
    terminal.wait_unread(lambda: drafts(terminals) == ["typed"])
    if how == "ctrl+q":
        terminal.press("ctrl+q")
    else:
        os.kill(terminal.process.pid, getattr(signal, how))
    terminal.wait_unread(lambda: terminal.process.poll() is not None)
    [document] = terminals.documents().values()
    assert "word word" in json.dumps(document)
    terminal.read_rest()
    for mode in (b"[?1049l", b"[?2004l", b"[?1000l", b"[<u", b"[?25h"):
        assert mode in terminal.raw[-400:]

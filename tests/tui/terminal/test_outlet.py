"""What is written to a terminal that is slow, takes nothing, or is gone."""

from __future__ import annotations

import io
import os
import pty
import tty
from collections.abc import Iterator
from threading import Event

import pytest

from tui_sessions.tui.terminal.outlet import Outlet


class Line:
    """A terminal whose other end the test reads."""

    def __init__(self) -> None:
        self.far, self.near = pty.openpty()
        tty.setraw(self.near)
        self.emptied = Event()
        with io.TextIOWrapper(open(self.near, "wb", closefd=False), encoding="utf-8") as file:
            self.outlet = Outlet(file, self.emptied.set)
        self.outlet.start()


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.outlet.stop(0)
    os.close(line.near)
    os.close(line.far)


def read_to(line: Line, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        data += os.read(line.far, 65536)
    return data


def test_all_is_written_in_order_and_told(line: Line) -> None:
    line.outlet.write("one, ")
    line.outlet.write("two")
    assert read_to(line, b"two") == b"one, two"
    assert line.emptied.wait(60)
    assert not line.outlet.is_busy


def test_nobody_waits_for_a_terminal_that_takes_nothing(line: Line) -> None:
    for _ in range(1000):
        line.outlet.write("x" * 10_000)
    assert line.outlet.is_busy
    assert line.outlet._left < 1_000_000


def test_what_is_written_before_the_first_frame_does_not_keep_it_waiting() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader), io.TextIOWrapper(open(writer, "wb"), encoding="utf-8") as file:
        outlet = Outlet(file, lambda: None)  # not started: nothing is taken
        outlet.write("\x1b[?1049h\x1b[?1003h")
        assert not outlet.is_busy
        outlet.write("x" * 10_000)
        assert outlet.is_busy
        os.close(outlet._number)


def test_what_is_not_taken_is_dropped_and_what_comes_then_is_written(line: Line) -> None:
    line.outlet.write("x" * 1_000_000)
    assert not line.outlet.empty(0)
    line.outlet.write("the end")
    assert line.outlet.empty(60)
    assert len(read_to(line, b"the end")) < 100_000


def test_a_terminal_that_is_gone_takes_everything() -> None:
    line = Line()
    os.close(line.far)
    line.outlet.write("x" * 100_000)
    assert line.outlet.empty(60)
    line.outlet.stop()
    assert not line.outlet.is_alive()
    os.close(line.near)

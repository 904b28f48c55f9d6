"""A terminal's driver that never has more than about one frame under way."""

from __future__ import annotations

import contextlib
import io
from asyncio import AbstractEventLoop
from functools import cache
from threading import Event
from time import monotonic
from typing import IO, Any

from textual.app import App
from textual.driver import Driver
from textual.drivers._writer_thread import WriterThread
from textual.events import CursorPosition
from textual.message import Message

from tui_sessions.tui.terminal.outlet import Outlet

_ASK = "\x1b[6n"
"""What every terminal answers once it has drawn all before: a line may hold megabytes of that."""
_UNASKED_BYTES = 16_384
"""So much may be written to a terminal that has answered quickly before it is asked again."""
_UNANSWERED_BYTES = 8192
"""So much may be written before the answer has come, unless the line is known to be slow."""
_QUICK_S = 0.05
"""An answer within so many seconds is quick."""
_LOST_S = 5.0
"""Seconds after which no answer will come any more, as when another terminal has taken over."""
_AT_ONCE_S = 0.4
"""Seconds that a frame may keep a slow line: what is typed meanwhile comes behind it."""
_LEAST_BYTES = 500
_ENOUGH_BYTES = 32_768
"""A line that takes so much at once takes any frame."""
_PATIENCE_S = 0.3
"""Seconds that what is under way at the end has to be taken, and so long again to be drawn."""


@cache
def with_paced_output(driver: type[Driver]) -> type[Driver]:
    """A driver that tells when its terminal is behind, and waits for none, where it writes one."""
    return type("PacedOutputDriver", (PacedOutput, driver), {})


class PacedOutput:
    """Holds frames back while the terminal is behind; the newest is painted once it is not."""

    frame_bytes: int | None = None
    """About how much a frame may have on a slow line; None: any amount."""
    _app: App[Any]
    _file: IO[str] | None = None
    _loop: AbstractEventLoop
    _outlet: Outlet | WriterThread | None = None
    _held = False
    _answers = False
    """Whether the terminal has ever answered."""
    _asked_at = 0.0
    """When it was asked what it has not answered yet; 0: nothing."""
    _unasked_bytes = 0
    _asked_bytes = 0
    """What it had to draw before it could answer."""
    _way_s = 0.5
    """The shortest time that an answer has taken."""
    _is_quick = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._answered = Event()
        super().__init__(*arguments, **options)

    @property
    def _writer_thread(self) -> Outlet | WriterThread | None:
        return self._outlet

    @_writer_thread.setter
    def _writer_thread(self, thread: WriterThread | None) -> None:
        """Take an outlet instead of Textual's thread, for which all wait when it is behind."""
        self._outlet, self._asked_at, self._answers = thread, 0.0, False
        if thread is not None and isinstance(self._file, io.TextIOWrapper):
            self._outlet = Outlet(self._file, self._catch_up)

    def start_application_mode(self) -> None:
        """Take the terminal, and find out whether it answers."""
        self._own.start_application_mode()
        if isinstance(self._outlet, Outlet):
            self._outlet.write(_ASK)

    def holds_frames(self) -> bool:
        """Whether the next frame has to wait; the newest is painted as soon as it need not."""
        # Said first: what is waited for may come while it is looked for.
        self._held = True
        busy = isinstance(self._outlet, Outlet) and self._outlet.is_busy
        self._held = busy or self._is_late()
        if self._held and not busy:
            self._loop.call_later(_LOST_S, self._catch_up)
        return self._held

    def end_frame(self, *, whole: bool) -> None:
        """Ask whether the frame is drawn; one that was painted in part goes on then."""
        self._ask()
        if not whole:
            self._held = True
            if not self._asked_at:
                self._catch_up()

    def write(self, data: str) -> None:
        """Write, and count it."""
        self._unasked_bytes += len(data)
        self._own.write(data)

    def process_message(self, message: Message) -> None:
        """Hand an event to the app; what the terminal answered goes no further."""
        if isinstance(message, CursorPosition):
            self._answered.set()
            self._loop.call_soon_threadsafe(self._note_answer, monotonic())
            return
        self._own.process_message(message)

    def stop_application_mode(self) -> None:
        """Leave the terminal as it was, at once; what it has not taken yet is not drawn."""
        if isinstance(self._outlet, Outlet):
            taken = self._outlet.empty(_PATIENCE_S)
            # An answer that came later would be typed into the program that comes next.
            if taken and self._asked_at and not self._answered.wait(_PATIENCE_S):
                self._outlet.drop_taken()
            self._asked_at = 0.0
        self._own.stop_application_mode()

    @property
    def _own(self) -> Any:
        return super()

    def _ask(self) -> None:
        """Ask whether all is drawn so far, if that is worth it."""
        if not self._answers or (self._asked_at and monotonic() - self._asked_at < _LOST_S):
            return
        if self._unasked_bytes >= (_UNASKED_BYTES if self._is_quick else 1):
            self._asked_at, self._asked_bytes = monotonic(), self._unasked_bytes
            self._unasked_bytes = 0
            self._answered.clear()
            self._own.write(_ASK)

    def _is_late(self) -> bool:
        """Whether an answer has to come before more is written."""
        waited_s = monotonic() - self._asked_at
        if not self._asked_at or waited_s > _LOST_S:
            return False
        much = self.frame_bytes is not None or self._unasked_bytes > _UNANSWERED_BYTES
        return much or waited_s > 2 * self._way_s + _QUICK_S

    def _note_answer(self, came_at: float) -> None:
        self._answers = True
        if self._asked_at:
            took_s = came_at - self._asked_at
            self._way_s = min(self._way_s, took_s)
            self._is_quick = took_s < _QUICK_S
            self._note_speed(took_s - self._way_s)
            self._asked_at = 0.0
            self._ask()
            self._catch_up()

    def _note_speed(self, drawing_s: float) -> None:
        """Learn how much the line takes at once."""
        if drawing_s > _AT_ONCE_S:
            taken = int(self._asked_bytes * _AT_ONCE_S / drawing_s)
            self.frame_bytes = max(taken, _LEAST_BYTES)
        elif self.frame_bytes and drawing_s < _AT_ONCE_S / 4:
            more = 2 * max(self._asked_bytes, self.frame_bytes // 2)
            self.frame_bytes = more if more < _ENOUGH_BYTES else None

    def _catch_up(self) -> None:
        """Have the frame painted that was held, from any thread."""
        if self._held:
            self._held = False
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._app.call_later(self._paint_held)

    def _paint_held(self) -> None:
        if self._app._batch_count:  # what is painted now would be shown to nobody
            self._held = True
            self._loop.call_later(_QUICK_S, self._catch_up)
        elif self._app.screen_stack:
            screen = self._app.screen
            # What has changed since waits for a timer of Textual's, and would be forgotten.
            screen._compositor.update_widgets(screen._dirty_widgets)
            screen._compositor_refresh()

"""Going on after a stop: by ctrl+z and `fg`, or by signals that nobody asked the app about."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable
from functools import cache
from threading import Event, Thread
from typing import Any

from textual.app import App
from textual.driver import Driver


@cache
def with_going_on(driver: type[Driver]) -> type[Driver]:
    """A driver that goes on after any stop with one reader, where it reads a terminal."""
    if not hasattr(driver, "run_input_thread"):
        return driver
    return type("GoingOnDriver", (_GoingOn, driver), {})


class _GoingOn:
    """Ends what still reads and writes from before a stop, then begins anew."""

    exit_event: Event
    attrs_before: list[Any] | None
    close: Callable[[], None]
    _app: App[Any]
    _key_thread: Thread | None
    _loop: AbstractEventLoop
    _auto_restart: bool
    _is_to_go_on = False

    def resume_application_mode(self) -> None:
        """Go on after a stop; after one that was not asked for, by SIGSTOP, still with one reader.

        Two would take each other's keys, and who leaves would wait for one of them for ever.
        """
        attributes = self._end_reading()
        super().resume_application_mode()  # type: ignore[misc]
        self.attrs_before = attributes or self.attrs_before
        self._app.call_later(self._app.refresh, layout=True)  # others wrote there meanwhile

    def _sigcont_application(self, *_: object) -> None:
        """Have the loop go on after a stop.

        What the signal interrupts, be it this for another signal, may hold the locks that it needs.
        """
        if not self._is_to_go_on and not self._loop.is_closed():
            self._is_to_go_on = True
            self._loop.call_soon_threadsafe(self._go_on)

    def _go_on(self) -> None:
        self._is_to_go_on = False
        if self._auto_restart and not self._app._exit:  # who leaves gives the terminal back
            self.resume_application_mode()

    def _end_reading(self) -> list[Any] | None:
        """End the threads that still read and write; how the terminal was before the app had it.

        What was typed is kept, unlike when the app itself gives the terminal away.
        """
        if self._key_thread is None or not self._key_thread.is_alive():
            return None
        self.exit_event.set()
        self._key_thread.join()
        self.exit_event.clear()
        self.close()
        return self.attrs_before

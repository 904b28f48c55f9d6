"""Letting go of what was shown and is not any more, once the screen is at rest."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from textual._styles_cache import StylesCache
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from tui_sessions.daemon_thread import in_daemon_thread
from tui_sessions.tui.screens.main.base import MainBase

REST_S = 0.15
"""Seconds after the last chat was opened or dialog closed before there is time to tidy up."""
LONGEST_REST_S = 10.0
"""What a dialog has begun, as a search in a thread, has ended by then."""


class Tidying:
    """Tidies up behind dialogs and chats.

    Their widgets refer to each other, so only the collector frees them; by itself it lets dozens of
    them gather first, and what is freed piecemeal among what is kept never goes back to the system.
    """

    def __init__(self, screen: MainBase) -> None:
        self._screen = screen
        self._waiting: Timer | None = None
        self._rest_s = REST_S
        self._dialogs: weakref.WeakSet[Screen[Any]] = weakref.WeakSet()

    def watch(self) -> None:
        """Know of every dialog from now on, for as long as there is anything of it."""
        self._screen.app.screen_change_signal.subscribe(self._screen, self._note)

    def _note(self, screen: Screen[Any]) -> None:
        if screen is not self._screen:
            self._dialogs.add(screen)

    def soon(self) -> None:
        """Tidy up once nothing more has been opened or closed for a moment."""
        self._rest_s = REST_S
        self._tidy_later()

    def _tidy_later(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self._screen.set_timer(self._rest_s, self._tidy)

    def _tidy(self) -> None:
        self._waiting = None
        # It is off until the start is over, when there is nothing to tidy up yet.
        if gc.isenabled():
            self.forget_painted()
            # Here and not in a thread: what ends with its widgets may belong to the event loop.
            gc.collect()
            self._screen.in_background(self._let_go_of_memory, "tidy")
            self._look_again()

    def _look_again(self) -> None:
        """Tidy up once more later, where something under way still holds a dialog of the past."""
        if self._rest_s < LONGEST_REST_S and self._dialogs - set(self._screen.app.screen_stack):
            self._rest_s *= 2
            self._tidy_later()

    def forget_painted(self) -> None:
        """Drop what Textual has kept of every line for each way in which it was cut to pieces.

        What is on the terminal stays there; what has to be painted again is painted anew.
        """
        for widget in self._screen.walk_children(Widget, with_self=True):
            widget._styles_cache.clear()
        # It would keep what the widgets of a thousand dialogs have painted.
        StylesCache.get_inner_outer.cache_clear()

    async def _let_go_of_memory(self) -> None:
        from tui_sessions.engine.freed_memory import return_gaps

        screen = self._screen
        if screen.app.screen is screen and screen.opened.is_set():  # no dialog looks for anything
            await screen.manager.rest()
        await in_daemon_thread(return_gaps)

"""Letting go of what was shown and is not any more, once the screen is at rest."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from textual import events, on, work
from textual._styles_cache import StylesCache
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from tui_sessions.daemon_thread import in_daemon_thread
from tui_sessions.tui.screens.main.drafting import Drafting

REST_S = 0.15
"""Seconds after the last chat was opened or dialog closed before there is time to tidy up."""
LONGEST_REST_S = 10.0
"""What a dialog has begun, as a search in a thread, has ended by then."""


class Tidying(Drafting):
    """Tidies up behind dialogs and chats.

    Their widgets refer to each other, so only the collector frees them; by itself it lets dozens of
    them gather first, and what is freed piecemeal among what is kept never goes back to the system.
    """

    _tidying: Timer | None = None
    _rest_s = REST_S

    def on_mount(self) -> None:
        """Know of every dialog for as long as there is anything of it."""
        self._dialogs: weakref.WeakSet[Screen[Any]] = weakref.WeakSet()
        self.app.screen_change_signal.subscribe(self, self._note)

    def _note(self, screen: Screen[Any]) -> None:
        if screen is not self:
            self._dialogs.add(screen)

    @on(events.ScreenResume)
    def tidy_soon(self) -> None:
        """Tidy up once nothing more has been opened or closed for a moment."""
        self._rest_s = REST_S
        self._tidy_later()

    def _tidy_later(self) -> None:
        if self._tidying is not None:
            self._tidying.stop()
        self._tidying = self.set_timer(self._rest_s, self._tidy)

    def _tidy(self) -> None:
        self._tidying = None
        # It is off until the start is over, when there is nothing to tidy up yet.
        if gc.isenabled():
            self._forget_painted()
            # Here and not in a thread: what ends with its widgets may belong to the event loop.
            gc.collect()
            self._return_gaps()
            self._look_again()

    def _look_again(self) -> None:
        """Tidy up once more later, where something under way still holds a dialog of the past."""
        if self._rest_s < LONGEST_REST_S and self._dialogs - set(self.app.screen_stack):
            self._rest_s *= 2
            self._tidy_later()

    def _forget_painted(self) -> None:
        """Drop what Textual has kept of every line for each way in which it was cut to pieces.

        What is on the terminal stays there; what has to be painted again is painted anew.
        """
        for widget in self.walk_children(Widget, with_self=True):
            widget._styles_cache.clear()
        # It would keep what the widgets of a thousand dialogs have painted.
        StylesCache.get_inner_outer.cache_clear()

    @work(group="tidy", exclusive=True)
    async def _return_gaps(self) -> None:
        from tui_sessions.engine.freed_memory import return_gaps

        await in_daemon_thread(return_gaps)

"""Letting go of what was shown and is not any more, once the screen is at rest."""

from __future__ import annotations

import gc

from textual import events, on, work
from textual._styles_cache import StylesCache
from textual.timer import Timer
from textual.widget import Widget

from tui_sessions.daemon_thread import in_daemon_thread
from tui_sessions.tui.screens.main.drafting import Drafting

REST_S = 0.15
"""Seconds after the last chat was opened or dialog closed before there is time to tidy up."""


class Tidying(Drafting):
    """Tidies up behind dialogs and chats.

    Their widgets refer to each other, so only the collector frees them; by itself it lets dozens of
    them gather first, and what is freed piecemeal among what is kept never goes back to the system.
    """

    _tidying: Timer | None = None

    @on(events.ScreenResume)
    def tidy_soon(self) -> None:
        """Tidy up once nothing more has been opened or closed for a moment."""
        if self._tidying is not None:
            self._tidying.stop()
        self._tidying = self.set_timer(REST_S, self._tidy)

    def _tidy(self) -> None:
        self._tidying = None
        # It is off until the start is over, when there is nothing to tidy up yet.
        if gc.isenabled():
            self._forget_painted()
            # Here and not in a thread: what ends with its widgets may belong to the event loop.
            gc.collect()
            self._return_gaps()

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

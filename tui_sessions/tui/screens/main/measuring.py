"""How full the open chat's context window is."""

from __future__ import annotations

import asyncio

import msgspec
from textual import work

from tui_sessions.errors import SessionsError
from tui_sessions.model.context import ContextUse
from tui_sessions.tui.screens.main.noticing import Noticing
from tui_sessions.tui.widgets.context_meter import ContextInfo

_ASK_AFTER_S = (0.0, 1.0, 5.0)
"""Seconds before each question for the context: an endpoint may be slow to tell its window."""


class Measuring(Noticing):
    """Keeps the meter true: after each reply, in another chat, with another model."""

    context_info: ContextInfo | None = None
    """What is known of the open chat's context."""
    _measured: tuple[str, str] | None = None
    """The session and chat that were measured last, or are being measured."""
    _measured_as: object = None
    """How they were then, as far as it counts."""

    def measure_context(self) -> None:
        """Measure the open chat again if something has changed that counts."""
        session = self.current.session
        chat = session.chat(self.current.chat_id or "") if session else None
        if session is None or chat is None or not chat.message_count:
            self._measured = self.context_info = None
            return
        place, now = (session.id, chat.id), (session.updated_at, chat.agent)
        if place != self._measured:
            self.context_info = None
        elif now == self._measured_as:
            return
        if place not in self.manager.running() and place not in self.elsewhere:
            self._measured, self._measured_as = place, now
            self._measure(*place)

    @work(exclusive=True, group="context")
    async def _measure(self, session_id: str, chat_id: str) -> None:
        """Ask the engine, again where it does not know the window yet but looks for it."""
        for delay in _ASK_AFTER_S:
            await asyncio.sleep(delay)
            await self.read_whole()
            try:
                use = await self.manager.context(session_id, chat_id)
            except SessionsError:
                return
            here = (self.current.session_id, self.current.chat_id)
            if self.gone or here != (session_id, chat_id):
                return
            if here in self.manager.running():
                self._measured_as = None  # what comes of the turn is measured at its end
                return
            self._show_context(use)
            if use.window is not None:
                return

    def _show_context(self, use: ContextUse) -> None:
        share = self.settings.checkpoints.share
        self.context_info = ContextInfo(use.tokens, use.window, use.estimated, share)
        self.status.show(msgspec.structs.replace(self.status.info, context=self.context_info))

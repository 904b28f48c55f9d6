"""How full the open chat's context window is."""

from __future__ import annotations

import asyncio
from functools import partial

import msgspec

from tui_sessions.errors import SessionsError
from tui_sessions.model.context import ContextUse
from tui_sessions.tui.screens.main.base import MainBase
from tui_sessions.tui.widgets.context_meter import ContextInfo

_ASK_AFTER_S = (0.0, 1.0, 5.0)
"""Seconds before each question for the context: an endpoint may be slow to tell its window."""


class Measuring:
    """Keeps the meter true: after each reply, in another chat, with another model."""

    def __init__(self, screen: MainBase) -> None:
        self._screen = screen
        self.info: ContextInfo | None = None
        """What is known of the open chat's context."""
        self._measured: tuple[str, str] | None = None
        """The session and chat that were measured last, or are being measured."""
        self._measured_as: object = None
        """How they were then, as far as it counts."""

    def measure(self) -> None:
        """Measure the open chat again if something has changed that counts."""
        session = self._screen.current.session
        chat = session.chat(self._screen.current.chat_id or "") if session else None
        if session is None or chat is None or not chat.message_count:
            self._measured = self.info = None
            return
        place, now = (session.id, chat.id), (session.updated_at, chat.agent)
        if place != self._measured:
            self.info = None
        elif now == self._measured_as:
            return
        if place not in self._screen.manager.running() and place not in self._screen.elsewhere:
            self._measured, self._measured_as = place, now
            self._screen.in_background(partial(self._ask, *place), "context")

    async def _ask(self, session_id: str, chat_id: str) -> None:
        """Ask the engine, again where it does not know the window yet but looks for it."""
        for delay in _ASK_AFTER_S:
            await asyncio.sleep(delay)
            await self._screen.read_whole()
            try:
                use = await self._screen.manager.context(session_id, chat_id)
            except SessionsError:
                return
            here = (self._screen.current.session_id, self._screen.current.chat_id)
            if self._screen.gone or here != (session_id, chat_id):
                return
            if here in self._screen.manager.running():
                self._measured_as = None  # what comes of the turn is measured at its end
                return
            self._show_context(use)
            if use.window is not None:
                return

    def _show_context(self, use: ContextUse) -> None:
        share = self._screen.settings.checkpoints.share
        self.info = ContextInfo(use.tokens, use.window, use.estimated, share)
        self._screen.status.show(
            msgspec.structs.replace(self._screen.status.info, context=self.info)
        )

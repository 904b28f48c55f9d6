"""Keeping which replies nobody has seen."""

from __future__ import annotations

import asyncio
import contextlib

from tui_sessions.tui.screens.main.base import MainBase


class UnreadKeeping:
    """Writes the marks of unread replies down, and recalls them at the next start."""

    def __init__(self, screen: MainBase) -> None:
        self._screen = screen

    async def recall(self) -> None:
        """Mark again what nobody had seen when the app ended."""
        await asyncio.to_thread(self._screen.unread.load)
        for session_id, chat_id in self._screen.unread:
            self._screen.session_tree.set_unread(session_id, chat_id, True)

    def keep(self) -> None:
        """Write down which replies nobody has seen; a disk that is full has no say in that."""
        self._screen.in_background(self._write, "unread", exclusive=False)

    async def _write(self) -> None:
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self._screen.unread.save)

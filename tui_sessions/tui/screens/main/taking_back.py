"""What was done and can be taken back, the latest first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from textual.notifications import Notification

from tui_sessions.errors import ChatNotFound, InvalidValue, MessageNotFound, SessionNotFound
from tui_sessions.tui.screens.main.base import MainBase

_KEPT = 50
_POINTLESS = (SessionNotFound, ChatNotFound, MessageNotFound, InvalidValue)
"""Failures of an undo that no later try would be spared from."""

Undo = Callable[[], Awaitable[object]]


class _Undoable(msgspec.Struct, eq=False):
    """Something that can be taken back."""

    text: str
    undo: Undo
    notice: Notification
    """What says so on the screen."""
    deleted: str = ""
    """The session that was deleted, where it is that."""


class TakingBack:
    """Remembers how to take things back, and says so where they are done and undone."""

    def __init__(self, screen: MainBase) -> None:
        self._screen = screen
        self._key = screen.settings.keymap.get("tree.undo", "u")
        self._done: list[_Undoable] = []

    def __len__(self) -> int:
        return len(self._done)

    def remember(self, text: str, undo: Undo, *, deleted: str = "") -> None:
        """Say what was done and how to take it back.

        Args:
            text: what was done.
            undo: what takes it back.
            deleted: the session that was deleted, where it is that.
        """
        notice = self._screen.say(f"{text}  ·  {self._key} in the tree takes it back")
        self._done.append(_Undoable(text, undo, notice, deleted))
        del self._done[:-_KEPT]

    async def take_back(self) -> None:
        """Take the last deletion or change back."""
        if not self._done:
            self._screen.say("There is nothing to take back; T shows the trash.")
            return
        last = self._done[-1]
        async with self._screen.telling():
            try:
                await last.undo()
            except _POINTLESS:
                said = f"{last.text}: it cannot be taken back any more, or is back already."
            else:
                said = f"Taken back: {last.text}"
            self._done.remove(last)
            self._screen.say(said, instead=last.notice)

    async def drop_undone(self) -> None:
        """Forget the deletions of sessions that are there again, with the notices that say so."""
        for deletion in [one for one in self._done if one.deleted]:
            session = await self._screen.manager.known_session(deletion.deleted)
            if session is not None and deletion in self._done:
                self._done.remove(deletion)
                self._screen.say(f"{session.title} is back.", instead=deletion.notice)

"""What is open and was deleted, here or in another window; what is typed stays to hand."""

from __future__ import annotations

import msgspec
from textual.notifications import Notification

from tui_sessions.model.session import Session
from tui_sessions.tui.screens.main.base import OpenChat
from tui_sessions.tui.screens.main.opening import Opening


class _Lost(msgspec.Struct, frozen=True):
    """An open session that another window deleted."""

    session_id: str
    chat_id: str | None
    instead: OpenChat
    """What is shown in its place."""
    notice: Notification
    carried: bool
    """What is typed now was typed there."""
    typed: str
    """What was in the composer once it was left."""


class GoneElsewhere:
    """Leaves what was deleted, and goes back to it once the other window has taken that back."""

    def __init__(self, screen: Opening) -> None:
        self._screen = screen
        self._lost: _Lost | None = None

    def leave_deleted(self, session_id: str) -> None:
        """Show an empty chat where a deleted session was; the keys stay where they are."""
        if self._screen.current.session_id == session_id:
            in_composer = self._screen.composer.has_focus
            self._screen.begin_session(self._screen.current.workspace_id, focus=False)
            if not in_composer and self._screen.focused is None:
                self._screen.composer.focus()

    def leave_lost(self, session: Session) -> None:
        """Leave the open session, which another window deleted; what is typed goes along."""
        self._screen.drafting.take_over_value()
        had, typed = self._screen.current, self._screen.composer.draft
        self.leave_deleted(session.id)
        carried = self._carry(had, typed)
        what = f"{session.title} was deleted in another window or program."
        notice = self._screen.say(f"{what} What you typed is still here." if carried else what)
        left_with = self._screen.composer.draft
        self._lost = _Lost(
            session.id, had.chat_id, self._screen.current, notice, carried, left_with
        )

    async def find_lost(self) -> None:
        """Go back to the session that is there again, unless the person has gone on."""
        lost = self._lost
        if lost is None:
            return
        session = await self._screen.manager.known_session(lost.session_id)
        if self._has_gone_on(lost):
            self._lost = None
        elif session is not None:
            self._lost = None
            if lost.carried:
                back = OpenChat(session.workspace_id, session, lost.chat_id)
                self._screen.drafting.put(back, self._screen.composer.draft)
                self._screen.composer.draft = ""
            self._screen.say(f"{session.title} is back.", instead=lost.notice)
            self._screen.open_chat(session.id, lost.chat_id, focus=False)

    def _has_gone_on(self, lost: _Lost) -> bool:
        """Whether the person does something else by now."""
        if self._screen.current is not lost.instead or self._screen.current.session is not None:
            return True
        return not lost.carried and self._screen.composer.draft != lost.typed

    def _carry(self, had: OpenChat, typed: str) -> bool:
        """Put what was typed into the composer, unless something waits there; whether it is."""
        if not typed or self._screen.composer.draft:
            return False
        self._screen.drafting.put(had, "")
        self._screen.composer.draft = typed
        self._screen.drafting.keep()
        return True

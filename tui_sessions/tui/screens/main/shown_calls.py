"""The tool calls of the open chat as they are shown, and the bar that asks about them."""

from __future__ import annotations

from tui_sessions.model.events import ReplyEvent
from tui_sessions.tui.screens.main.areas import ChatArea
from tui_sessions.tui.screens.main.other_windows import OtherWindows
from tui_sessions.tui.screens.main.turn_calls import ChatKey
from tui_sessions.tui.widgets.transcript import CallStates


class ShownCalls:
    """Keeps the calls of the open chat true, and the marks of those that wait elsewhere."""

    def __init__(self, screen: OtherWindows) -> None:
        self._screen = screen

    def follow(self, event: ReplyEvent) -> None:
        """Take in what became of tool calls, and show it."""
        key = (event.session_id, event.chat_id)
        waited = bool(self._screen.calls.waiting(key))
        self._screen.calls.follow(event)
        waits = bool(self._screen.calls.waiting(key))
        if waited != waits:
            self._screen.session_tree.set_waiting(*key, waits)
            self._screen.refresh_status()
        if key == self.open_key():
            self.show()

    def show(self) -> None:
        """Show how far the open chat's tool calls are, and which one waits."""
        key = self.open_key()
        # How far calls are in another window is not known, but that they are not lost.
        unknown: CallStates | None = {} if self._screen.answered_elsewhere else None
        states = self._screen.calls.states(key) if key else None
        self._screen.transcript.follow_calls(unknown if states is None else states)
        waiting = self._screen.calls.waiting(key) if key else ()
        if waiting:
            self._screen.query_one(ChatArea).bring(self._screen.approval_bar, lowest=True)
        self._screen.approval_bar.show(waiting)

    def forget(self, session_id: str) -> None:
        """Drop the calls of a session that is gone."""
        self._screen.calls.forget_session(session_id)
        self.show()
        self._screen.refresh_status()

    def open_key(self) -> ChatKey | None:
        """The open chat's session and id; None where it has not begun."""
        session_id, chat_id = self._screen.current.session_id, self._screen.current.chat_id
        return (session_id, chat_id) if session_id and chat_id else None

"""What is folded in the messages: thoughts, tool calls and results."""

from __future__ import annotations

from tui_sessions.tui.widgets.transcript.message_view import MessageView


class FoldedView(MessageView):
    """Opens and closes folds."""

    def folds_toggled(self, message_id: str, opened: bool) -> None:
        """Hear that folds of a message were opened or closed."""

    def action_toggle_folds(self) -> None:
        """Unfold what is folded in the message under the cursor, or fold all of it."""
        folds = self.chat.folds(self._cursor) if self.chat.messages else []
        if folds:
            opened = self.chat.opened.get(self.chat.messages[self._cursor].id, set())
            self._set_folds(self._cursor, set() if opened.issuperset(folds) else set(folds))
            self.viewport.reveal(self._cursor)
            self.update_view()

    def _set_folds(self, place: int, opened: set[str]) -> None:
        message_id = self.chat.messages[place].id
        more = len(opened) > len(self.chat.opened.get(message_id, ()))
        self.chat.opened[message_id] = opened
        self.viewport.following = False
        self.chat.forget(place)
        self.update_view()
        self.viewport.following = self.at_end
        self.folds_toggled(message_id, more)

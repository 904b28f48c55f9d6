"""Going through the messages of a chat with the keys."""

from __future__ import annotations

from tui_sessions.tui.widgets.transcript.searched_view import SearchedView


class WalkedView(SearchedView):
    """Moves the cursor from message to message, and the window by lines and pages."""

    def action_next_message(self) -> None:
        """Go to the next message, its top first where it does not fit."""
        start = self._visible_cursor(1)
        if start + 1 >= len(self.chat.messages):
            self.action_last_message()
        else:
            self._go(start + 1)

    def action_previous_message(self) -> None:
        """Go to the message before."""
        self._go(self._visible_cursor(-1) - 1)

    def action_first_message(self) -> None:
        """Go to the first message."""
        self._put_cursor(0)
        self.viewport.jump(0)
        self.update_view()

    def action_last_message(self) -> None:
        """Go to the end and follow it."""
        self._put_cursor(len(self.chat.messages) - 1)
        self.viewport.follow()
        self.update_view()

    def action_line_up(self) -> None:
        """Scroll one line up."""
        self.scroll_by(-1)

    def action_line_down(self) -> None:
        """Scroll one line down."""
        self.scroll_by(1)

    def action_scroll_page_up(self) -> None:
        """Scroll a screenful up; the cursor comes along."""
        self.scroll_by(-max(self.size.height - 2, 1))
        self._bring_cursor()

    def action_scroll_page_down(self) -> None:
        """Scroll a screenful down; the cursor comes along."""
        self.scroll_by(max(self.size.height - 2, 1))
        self._bring_cursor()

    def _visible_cursor(self, direction: int) -> int:
        """Where the cursor starts from: at the edge of the screen if it is not on it."""
        rows = self._rows
        if not rows or rows[0].index <= self._cursor <= rows[-1].index:
            return self._cursor
        return rows[0].index - 1 if direction > 0 else rows[-1].index + 1

    def _bring_cursor(self) -> None:
        rows = self._rows
        if rows:
            self._put_cursor(max(rows[0].index, min(self._cursor, rows[-1].index)))
            self.refresh()

"""Where the keys go among the panes, and what that and the width show of them."""

from __future__ import annotations

from textual import events, on

from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.widgets.session_tree import SessionTree


class Panes(Ground):
    """Folds panes away by width and by key."""

    def on_mount(self) -> None:
        """Arrange the panes before they are drawn for the first time."""
        self.panes.arrange(self.app.size.width)

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the panes for the new width."""
        self.panes.arrange(event.size.width)

    def action_pane(self, name: str) -> None:
        """Go to a pane; again on a side pane: fold it away."""
        if name == "chat":
            self.panes.show_chat()
            return
        pane = self.panes.pane(name)
        if pane.display and pane.has_focus_within:
            self.panes.fold(name)
            return
        self.panes.bring(name)
        (self.session_tree if name == "tree" else self.inspector).focus()
        self.rows_wanted = name == "inspector"
        self.refresh_inspector()

    def action_filter_tree(self) -> None:
        """Show the tree and filter it."""
        if not self.session_tree.has_focus_within:
            self.action_pane("tree")
        self.session_tree.begin_filter()

    def action_filter(self) -> None:
        """Filter the tree as one types."""
        self.session_tree.begin_filter()

    @on(events.DescendantFocus)
    def show_chat_with_the_keys(self) -> None:
        """Bring the chat to the front where the keys have gone into it, as for finding."""
        chat = self.panes.pane("chat")
        if not chat.display and chat.has_focus_within:
            self.panes.leave_front()

    @on(SessionTree.Opened)
    def leave_tree(self) -> None:
        """Make room for what was opened."""
        self.panes.leave_front("tree")

"""Which panes are to be seen at which width, and where the keys go."""

from __future__ import annotations

from textual import events, on
from textual.widget import Widget

from tui_sessions.tui.screens.main.areas import ChatArea, InspectorArea, TreeArea
from tui_sessions.tui.screens.main.engine_feed import EngineFeed
from tui_sessions.tui.widgets.session_tree import SessionTree

TWO_PANES = 80
"""Columns from which the tree stands beside the chat."""
THREE_PANES = 120
"""Columns from which the inspector stands there as well."""


class Panes(EngineFeed):
    """Folds panes away by width and by key."""

    _folded: frozenset[str] = frozenset()
    _front: str | None = None
    """The side pane that was brought to the front where there is no room for it."""

    def on_mount(self) -> None:
        """Arrange the panes before they are drawn for the first time."""
        self.arrange_panes(self.app.size.width)

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the panes for the new width."""
        self.arrange_panes(event.size.width)

    def action_pane(self, name: str) -> None:
        """Go to a pane; again on a side pane: fold it away."""
        if name == "chat":
            self.show_chat_pane()
            return
        pane = self._pane(name)
        if pane.display and pane.has_focus_within:
            self._fold(name)
            return
        self._folded -= {name}
        self._front = None if self._has_room(name) else name
        self.arrange_panes()
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

    def show_chat_pane(self) -> None:
        """Bring the chat to the front and put the cursor into the composer."""
        if self._front is not None:
            self._front = None
            self.arrange_panes()
        self.composer.focus()

    def arrange_panes(self, width: int | None = None) -> None:
        """Show the panes that there is room for."""
        width = self.size.width if width is None else width
        front = self._front
        tree = "tree" not in self._folded and (width >= TWO_PANES or front == "tree")
        inspector = "inspector" not in self._folded and (
            width >= THREE_PANES or front == "inspector"
        )
        if front == "inspector" and width < THREE_PANES:
            tree = False
        alone = front is not None and width < TWO_PANES
        self._pane("tree").display = tree
        self._pane("inspector").display = inspector
        self._pane("chat").display = not alone
        self.set_class(alone, "-alone")
        self.call_after_refresh(self.refresh_inspector)

    def _fold(self, name: str) -> None:
        if self._front == name:
            self._front = None
        else:
            self._folded |= {name}
        self.arrange_panes()
        self.composer.focus()

    def _has_room(self, name: str) -> bool:
        return self.size.width >= (TWO_PANES if name == "tree" else THREE_PANES)

    def _pane(self, name: str) -> Widget:
        kinds: dict[str, type[Widget]] = {
            "tree": TreeArea,
            "chat": ChatArea,
            "inspector": InspectorArea,
        }
        return self.query_one(kinds[name])

    @on(events.DescendantFocus)
    def show_chat_with_the_keys(self) -> None:
        """Bring the chat to the front where the keys have gone into it, as for finding."""
        chat = self._pane("chat")
        if self._front is not None and not chat.display and chat.has_focus_within:
            self._front = None
            self.arrange_panes()

    @on(SessionTree.Opened)
    def leave_front(self) -> None:
        """Make room for what was opened."""
        if self._front == "tree":
            self._front = None
            self.arrange_panes()

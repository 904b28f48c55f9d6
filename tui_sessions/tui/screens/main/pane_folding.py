"""Which panes are to be seen: as many as there is room for, less what was folded away."""

from __future__ import annotations

from textual.widget import Widget

from tui_sessions.tui.screens.main.areas import ChatArea, InspectorArea, TreeArea
from tui_sessions.tui.screens.main.surroundings import Surroundings

TWO_PANES = 80
"""Columns from which the tree stands beside the chat."""
THREE_PANES = 120
"""Columns from which the inspector stands there as well."""
_PANES: dict[str, type[Widget]] = {
    "tree": TreeArea,
    "chat": ChatArea,
    "inspector": InspectorArea,
}


class PaneFolding:
    """Knows what is folded away and what is in front, and shows the panes accordingly."""

    def __init__(self, screen: Surroundings) -> None:
        self._screen = screen
        self._folded: frozenset[str] = frozenset()
        self._front: str | None = None
        """The side pane that was brought to the front where there is no room for it."""

    def pane(self, name: str) -> Widget:
        """The pane of a name: `tree`, `chat` or `inspector`."""
        return self._screen.query_one(_PANES[name])

    def bring(self, name: str) -> None:
        """Unfold a side pane; where there is no room for it, it comes to the front."""
        self._folded -= {name}
        self._front = None if self._has_room(name) else name
        self.arrange()

    def fold(self, name: str) -> None:
        """Fold a side pane away, and go on in the chat."""
        if self._front == name:
            self._front = None
        else:
            self._folded |= {name}
        self.arrange()
        self._screen.composer.focus()

    def show_chat(self) -> None:
        """Bring the chat to the front and put the cursor into the composer."""
        self.leave_front()
        self._screen.composer.focus()

    def leave_front(self, name: str | None = None) -> None:
        """Have no side pane before the chat any more, or not this one."""
        if self._front is not None and name in (None, self._front):
            self._front = None
            self.arrange()

    def arrange(self, width: int | None = None) -> None:
        """Show the panes that there is room for."""
        width = self._screen.size.width if width is None else width
        front = self._front
        tree = "tree" not in self._folded and (width >= TWO_PANES or front == "tree")
        inspector = "inspector" not in self._folded and (
            width >= THREE_PANES or front == "inspector"
        )
        if front == "inspector" and width < THREE_PANES:
            tree = False
        alone = front is not None and width < TWO_PANES
        self.pane("tree").display = tree
        self.pane("inspector").display = inspector
        self.pane("chat").display = not alone
        self._screen.set_class(alone, "-alone")
        self._screen.call_after_refresh(self._screen.refresh_inspector)

    def _has_room(self, name: str) -> bool:
        width = self._screen.size.width
        return width >= (TWO_PANES if name == "tree" else THREE_PANES)

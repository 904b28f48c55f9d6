"""One line of the tree, as cheap as can be: there may be a hundred thousand."""

from __future__ import annotations

import msgspec

from tui_sessions.tui.widgets.session_tree.target import Kind, Target


class Row(msgspec.Struct, frozen=True, gc=False):
    """A line of the tree; its texts are looked up when it is drawn.

    None can be part of a circle: the garbage collector leaves them out.
    """

    kind: Kind
    workspace_id: str
    session_id: str | None = None
    chat_id: str | None = None
    path: str | None = None
    depth: int = 0
    """How many rows it lies below; the nearest row above with less is its parent."""
    guides: str = ""
    """The lines that lead to it from its parents."""
    unfolded: bool | None = None
    """Whether all below it is shown; None where there is nothing below."""

    @property
    def target(self) -> Target:
        """What the row stands for."""
        return Target(self.kind, self.workspace_id, self.session_id, self.chat_id, self.path)

    def stands_for(self, target: Target) -> bool:
        """Whether it is the target's row."""
        return (
            self.session_id == target.session_id
            and self.chat_id == target.chat_id
            and self.kind == target.kind
            and self.path == target.path
            and self.workspace_id == target.workspace_id
        )

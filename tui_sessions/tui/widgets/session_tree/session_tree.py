"""The tree pane: what it shows comes down by methods, what the person does goes up as messages."""

from __future__ import annotations

from textual import on

from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.session_tree.filtered_sessions import FilteredSessions
from tui_sessions.tui.widgets.session_tree.renamed_in_place import RenamedInPlace
from tui_sessions.tui.widgets.session_tree.target import Target
from tui_sessions.tui.widgets.session_tree.tree_rows import TreeRows


class SessionTree(RenamedInPlace, FilteredSessions):
    """Workspaces, their sessions, and the sessions' chats and children.

    `focus()` puts the focus on its rows. Everything may be called before it is mounted.
    """

    DEFAULT_CSS = """
    SessionTree {
        layers: default edit;
        width: 1fr;
        height: 1fr;
    }
    """

    class TreeMessage(FieldMessage):
        """What all messages of the tree have in common."""

        tree: SessionTree

        @property
        def control(self) -> SessionTree:
            """The sender, as `on` wants it."""
            return self.tree

    class Opened(TreeMessage):
        """A session, chat or damaged file was picked with enter or a click."""

        target: Target

    class Highlighted(TreeMessage):
        """The cursor has come to stand on something else."""

        target: Target

    class Renamed(TreeMessage):
        """A new name was typed over a row; it is never empty."""

        target: Target
        text: str

    class RenameCancelled(TreeMessage):
        """Editing ended without a new name."""

    class SessionsWanted(TreeMessage):
        """A workspace was unfolded: `fill` is to be called with its sessions."""

        workspace_id: str

    class MatchesWanted(TreeMessage):
        """Not all sessions are known here: `take_in` is to be called with those that fit."""

        words: tuple[str, ...]

    class FilterChanged(TreeMessage):
        """What is filtered for has been searched for everywhere."""

        count: int
        """The sessions found; all of them without a filter."""

    def filtered(self, count: int) -> None:
        """Tell what the filter has left."""
        self.post_message(self.FilterChanged(self, count))

    def matches_missing(self, words: tuple[str, ...]) -> None:
        """Ask for the sessions that fit and are not known here."""
        self.post_message(self.MatchesWanted(self, words))

    def name_typed(self, target: Target, text: str | None) -> None:
        """Tell the new name, or that there is none."""
        if text is None:
            self.post_message(self.RenameCancelled(self))
        else:
            self.post_message(self.Renamed(self, target, text))

    @on(TreeRows.Moved)
    def pass_highlighted(self, event: TreeRows.Moved) -> None:
        """Tell the screen where the cursor is."""
        event.stop()
        self.post_message(self.Highlighted(self, event.target))

    @on(TreeRows.Unfolded)
    def ask_for_sessions(self, event: TreeRows.Unfolded) -> None:
        """Ask the screen for the sessions that are to be seen."""
        event.stop()
        self.post_message(self.SessionsWanted(self, event.workspace_id))

    @on(TreeRows.Picked)
    def pass_opened(self, event: TreeRows.Picked) -> None:
        """Tell the screen what to open."""
        event.stop()
        self.post_message(self.Opened(self, event.target))

"""All workspaces as one list of visible rows, folded and filtered."""

from __future__ import annotations

from collections.abc import Iterator

from tui_sessions.tui.widgets.session_tree.branch import Branch, Hits
from tui_sessions.tui.widgets.session_tree.filter_words import FilterWords
from tui_sessions.tui.widgets.session_tree.row import Row
from tui_sessions.tui.widgets.session_tree.target import Target
from tui_sessions.tui.widgets.session_tree.visible_rows import VisibleRows

MANY_NAMED = 8
"""With more workspaces than this found by their names, their sessions are not asked for."""


class Outline(VisibleRows):
    """The rows of the tree, and which of them are folded or filtered away."""

    def take_wanted(self) -> list[str]:
        """The workspaces to be seen before their sessions are known; each is told once.

        Those are what is unfolded, and while filtering, what is found by its own name.
        """
        self._arrange()
        wanted = [branch for branch in self._branches.values() if self._wants(branch)]
        if self.words and len(wanted) > MANY_NAMED:
            return []
        for branch in wanted:
            branch.asked_for = True
        return [branch.workspace.id for branch in wanted]

    def first_found(self, target: Target | None) -> Target | None:
        """The target if the filter found it, else the first session that it did find."""
        if target is not None and self._is_found(target.workspace_id, target.session_id):
            return target
        for place in range(len(self)):
            row = self.row(place)
            if row is not None and self._is_found(row.workspace_id, row.session_id):
                return row.target
        return target

    def _is_found(self, workspace_id: str, session_id: str | None) -> bool:
        branch = self._branches.get(workspace_id)
        return bool(branch and branch.hits and session_id in branch.hits.sessions)

    def fold(self, row: Row, unfolded: bool) -> None:
        """Show or hide all below a row."""
        self._folds.put(row, unfolded)
        branch = self._branches.get(row.workspace_id)
        if branch is not None:
            branch.forget_rows()
        self._stale = True

    def reveal(self, session_id: str, chat_id: str | None = None) -> Target | None:
        """Unfold what hides a session or chat; what stands for it, if it is known."""
        session = self.session(session_id)
        if session is None:
            return None
        branch = self._branches[session.workspace_id]
        is_row = len(session.chats) > 1 and session.chat(chat_id or "") is not None
        self._folds.reveal(session, branch.sessions, chats=is_row)
        branch.forget_rows()
        self._stale = True
        if is_row:
            return Target("chat", session.workspace_id, session.id, chat_id)
        return Target("session", session.workspace_id, session.id)

    def search(self, query: str) -> Iterator[None]:
        """Filter in small steps; the rows change at the last of them."""
        words = FilterWords(query)
        found: dict[str, tuple[int, Hits]] = {}
        for branch in list(self._branches.values()) if words else ():
            changes = branch.changes
            for hits in branch.search(words):
                found[branch.workspace.id] = (changes, hits)
                yield
        self.words = words
        self._folds.filter(bool(words))
        for branch in self._branches.values():
            changes, branch.hits = found.get(branch.workspace.id, (-1, None))
            branch.forget_rows()
            if changes != branch.changes:
                self._search_again(branch)
        self._stale = True

    def _wants(self, branch: Branch) -> bool:
        if branch.complete or branch.asked_for or not len(branch):
            return False
        if self.words:
            return not self.words.missing_from(branch.name.casefold())
        return self._is_unfolded(branch.workspace.id)

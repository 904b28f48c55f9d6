"""Which rows there are, without computing any below a folded one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from tui_sessions.tui.widgets.session_tree.branch import Branch, Hits
from tui_sessions.tui.widgets.session_tree.folds import Folds
from tui_sessions.tui.widgets.session_tree.known_branches import KnownBranches
from tui_sessions.tui.widgets.session_tree.row import Row
from tui_sessions.tui.widgets.session_tree.target import Target

MANY = 2000
"""With more sessions found than this, folded workspaces stay folded."""


class VisibleRows(KnownBranches):
    """The rows of the tree one below the other, and what lies around each."""

    def __init__(self) -> None:
        super().__init__()
        self.current_workspace: str | None = None
        self._count = 0
        self._folds = Folds()
        self._order: list[Branch] = []
        self._starts: list[int] = []
        self._length = 0

    @property
    def count(self) -> int:
        """How many sessions the filter found."""
        self._arrange()
        return self._count

    def __len__(self) -> int:
        self._arrange()
        return self._length

    def row(self, index: int) -> Row | None:
        """The visible row at a place, if there is one."""
        self._arrange()
        if not 0 <= index < self._length:
            return None
        place = bisect_right(self._starts, index) - 1
        return self._rows(self._order[place])[index - self._starts[place]]

    def index_of(self, target: Target | None) -> int | None:
        """Where a target is visible."""
        self._arrange()
        if target is None:
            return None
        for branch, start in zip(self._order, self._starts, strict=True):
            if branch.workspace.id == target.workspace_id:
                for place, row in enumerate(self._rows(branch)):
                    if row.stands_for(target):
                        return start + place
        return None

    def parent_index(self, index: int) -> int | None:
        """The row that a row lies below."""
        row = self.row(index)
        for above in range(index - 1, -1, -1):
            candidate = self.row(above)
            if row and candidate and candidate.depth < row.depth:
                return above
        return None

    def has_rows_below(self, index: int) -> bool:
        """Whether anything below a row is visible."""
        row, following = self.row(index), self.row(index + 1)
        return row is not None and following is not None and following.depth > row.depth

    def session_beside(self, session_id: str, step: int) -> Target | None:
        """The session that many visible session rows away from another."""
        session = self.session(session_id)
        if session is None:
            return None
        place = self.index_of(Target("session", session.workspace_id, session_id))
        while place is not None and step:
            place += 1 if step > 0 else -1
            row = self.row(place)
            if row is None:
                return None
            if row.kind == "session":
                step += -1 if step > 0 else 1
        row = None if place is None else self.row(place)
        return row.target if row else None

    def _rows(self, branch: Branch) -> Sequence[Row]:
        return branch.rows(self._is_unfolded(branch.workspace.id), self._folds.active)

    def _is_unfolded(self, workspace_id: str) -> bool:
        at_first = self.current_workspace or self._newest_at_first
        by_default = workspace_id == at_first or len(self._branches) == 1
        return self._folds.is_unfolded(workspace_id, by_default, self._count <= MANY)

    def _arrange(self) -> None:
        if not self._stale:
            return
        shown = [b for b in self._branches.values() if b.hits is None or _found(b.hits)]
        shown.sort(key=lambda branch: branch.newest, reverse=True)
        shown.sort(key=lambda branch: branch.workspace.id != self.current_workspace)
        self._order, self._starts, self._length = shown, [], 0
        found = sum(len(b.hits.sessions) for b in shown if b.hits is not None)
        if (found > MANY) != (self._count > MANY):
            self.forget_rows()
        self._count = found
        for branch in shown:
            self._starts.append(self._length)
            self._length += len(self._rows(branch))
        self._stale = False

    def _is_first(self, branch: Branch) -> bool:
        return branch in self._order[:1]


def _found(hits: Hits) -> bool:
    return bool(hits.sessions or hits.problems)

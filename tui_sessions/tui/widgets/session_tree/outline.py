"""All workspaces as one list of visible rows; nothing is computed below a folded one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tui_sessions.model.session import Session, Workspace
from tui_sessions.tui.widgets.session_tree.branch import Branch, Hits
from tui_sessions.tui.widgets.session_tree.filter_words import FilterWords
from tui_sessions.tui.widgets.session_tree.folds import Folds
from tui_sessions.tui.widgets.session_tree.row import Row
from tui_sessions.tui.widgets.session_tree.target import ProblemRow, Target

MANY = 2000
"""With more sessions found than this, folded workspaces stay folded."""
MANY_NAMED = 8
"""With more workspaces than this found by their names, their sessions are not asked for."""


class Outline:
    """The rows of the tree, and which of them are folded."""

    def __init__(self) -> None:
        self.current_workspace: str | None = None
        self._newest_at_first: str | None = None
        self.words = FilterWords()
        self._count = 0
        self._branches: dict[str, Branch] = {}
        self._homes: dict[str, str] = {}
        self._folds = Folds()
        self._order: list[Branch] = []
        self._starts: list[int] = []
        self._length = 0
        self._stale = True

    def show(
        self,
        workspaces: Sequence[Workspace],
        counts: Mapping[str, tuple[int, datetime]],
        problems: Sequence[ProblemRow],
        *,
        counting: bool = False,
    ) -> None:
        """Follow what there is; what is known of the sessions, and what is folded, stays.

        Args:
            workspaces: all of them, even without sessions.
            counts: how many sessions each workspace has, and when one was last used.
            problems: the files that could not be read.
            counting: the other workspaces may have sessions as well.
        """
        known = {workspace.id: workspace for workspace in workspaces}
        known |= {key: Workspace(id=key) for key in counts if key not in known}
        self._branches = {key: self._branches.get(key) or Branch(known[key]) for key in known}
        for workspace_id, branch in self._branches.items():
            branch.survey(known[workspace_id], *counts.get(workspace_id, (0, None)))
            branch.counted = not counting or workspace_id in counts
            shown = [row for row in problems if row.workspace_id == workspace_id]
            if shown != branch.problems:
                branch.problems = shown
                branch.forget_rows()
        self._homes = {key: home for key, home in self._homes.items() if home in known}
        if self._branches and self._newest_at_first is None:
            newest = max(self._branches.values(), key=lambda branch: branch.newest)
            self._newest_at_first = newest.workspace.id
        for branch in self._branches.values():
            self._search_again(branch)
        self._stale = True

    def fill(self, workspace_id: str, sessions: Sequence[Session]) -> None:
        """Take in all sessions of a workspace; of one that is gone meanwhile there are none."""
        if not sessions and workspace_id not in self._branches:
            return
        branch = self._branch(workspace_id)
        for session_id in branch.sessions:
            self._homes.pop(session_id, None)
        self._homes |= dict.fromkeys((session.id for session in sessions), workspace_id)
        branch.fill(sessions)
        self._search_again(branch)
        self._stale = True

    def ask_again(self) -> None:
        """Have every workspace asked for again when it is to be seen."""
        for branch in self._branches.values():
            branch.complete = branch.asked_for = False

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

    @property
    def is_complete(self) -> bool:
        """Whether all sessions are known here."""
        return all(branch.complete or not len(branch) for branch in self._branches.values())

    def put(self, session: Session) -> bool:
        """Add a session or replace what is known of it; whether rows may have moved."""
        home = self._homes.get(session.id)
        if home is not None and home != session.workspace_id:
            self.drop(session.id)
        self._homes[session.id] = session.workspace_id
        branch = self._branch(session.workspace_id)
        newest = branch.newest
        moved = branch.put(session) or (newest != branch.newest and branch not in self._order[:1])
        if moved:
            self._search_again(branch)
            self._stale = True
        return moved

    def drop(self, session_id: str) -> None:
        """Take a session out, and what is damaged of it."""
        for branch in self._homes_of(session_id):
            branch.drop(session_id)
            self._search_again(branch)
        self._homes.pop(session_id, None)
        self._stale = True

    def forget_rows(self) -> None:
        """Make all rows anew when they are next asked for."""
        for branch in self._branches.values():
            branch.forget_rows()
        self._stale = True

    def session(self, session_id: str | None) -> Session | None:
        """The session with that id, if it is known."""
        home = self._homes.get(session_id) if session_id else None
        return self._branches[home].sessions.get(session_id or "") if home is not None else None

    def branch(self, workspace_id: str) -> Branch | None:
        """What is known of a workspace."""
        return self._branches.get(workspace_id)

    @property
    def total(self) -> int:
        """How many sessions there are, shown or not."""
        return sum(map(len, self._branches.values()))

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

    def _search_again(self, branch: Branch) -> None:
        if self.words:
            *_, branch.hits = branch.search(self.words)
            branch.forget_rows()

    def _homes_of(self, session_id: str) -> list[Branch]:
        home = self._homes.get(session_id)
        if home is not None:
            return [self._branches[home]]
        return [
            branch
            for branch in self._branches.values()
            if any(problem.session_id == session_id for problem in branch.problems)
        ]

    def _branch(self, workspace_id: str) -> Branch:
        """The branch of a workspace, made where a session names one that nobody listed."""
        if workspace_id not in self._branches:
            self._branches[workspace_id] = Branch(Workspace(id=workspace_id))
        return self._branches[workspace_id]

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


def _found(hits: Hits) -> bool:
    return bool(hits.sessions or hits.problems)

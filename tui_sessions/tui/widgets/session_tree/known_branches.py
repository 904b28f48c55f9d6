"""All workspaces with what is known of their sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from tui_sessions.model.session import Session, Workspace
from tui_sessions.tui.widgets.session_tree.branch import Branch
from tui_sessions.tui.widgets.session_tree.filter_words import FilterWords
from tui_sessions.tui.widgets.session_tree.target import ProblemRow


class KnownBranches:
    """What is known of each workspace, and which of it the filter leaves."""

    def __init__(self) -> None:
        self.words = FilterWords()
        self._branches: dict[str, Branch] = {}
        self._homes: dict[str, str] = {}
        """The workspace of each session."""
        self._newest_at_first: str | None = None
        self._stale = True
        """What follows from all this has to be looked up again."""

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

    @property
    def is_complete(self) -> bool:
        """Whether all sessions are known here."""
        return all(branch.complete or not len(branch) for branch in self._branches.values())

    def put(self, session: Session) -> bool:
        """Add a session or replace what is known of it; whether rows may have moved."""
        moved = self._take(session)
        if moved:
            self._search_again(self._branches[session.workspace_id])
            self._stale = True
        return moved

    def take_in(self, sessions: Iterable[Session]) -> None:
        """Add sessions; which of them the filter finds shows the next search."""
        for session in sessions:
            self._stale = self._take(session) or self._stale

    def _take(self, session: Session) -> bool:
        home = self._homes.get(session.id)
        if home is not None and home != session.workspace_id:
            self.drop(session.id)
        self._homes[session.id] = session.workspace_id
        branch = self._branch(session.workspace_id)
        newest = branch.newest
        return branch.put(session) or (newest != branch.newest and not self._is_first(branch))

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

    def _is_first(self, branch: Branch) -> bool:
        """Whether nothing stands above a branch, so that it cannot move up."""
        return False

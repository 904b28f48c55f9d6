"""From a workspace's sessions to rows: who stands under whom, and what is folded away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.lineage import roots_and_children
from tui_sessions.model.session import Chat, Session
from tui_sessions.tui.widgets.session_tree.row import Row
from tui_sessions.tui.widgets.session_tree.target import ProblemRow

MAX_GUIDES = 32
"""Cells of indent at most: a line of a thousand forks must not cost a million cells."""


class BranchRows:
    """Collects the rows of one workspace."""

    def __init__(self, workspace_id: str, folds: Mapping[tuple[str, ...], bool]) -> None:
        self._workspace_id = workspace_id
        self._folds = folds
        self._rows: list[Row] = []
        self._children: dict[str, list[Session]] = {}
        self._found: Mapping[str, set[str]] | None = None

    def below(
        self,
        sessions: Sequence[Session],
        problems: Sequence[ProblemRow],
        found_chats: Mapping[str, set[str]] | None,
    ) -> list[Row]:
        """The rows below the workspace's own.

        `found_chats` are those the filter found; None without a filter.
        """
        self._found = found_chats
        archived = [s for s in sessions if s.state is SessionState.ARCHIVED]
        live = sessions
        if archived:
            live = [s for s in sessions if s.state is not SessionState.ARCHIVED]
        self._add_sessions(live, 1, "")
        self._add_archive(archived)
        self._rows += [self._problem_row(problem) for problem in problems]
        return self._rows

    def _add_archive(self, archived: Sequence[Session]) -> None:
        if not archived:
            return
        unfolded = self._folds.get(("archive", self._workspace_id), self._found is not None)
        self._rows.append(Row("archive", self._workspace_id, depth=1, unfolded=unfolded))
        if unfolded:
            self._add_sessions(archived, 2, "  ")

    def _problem_row(self, problem: ProblemRow) -> Row:
        return Row("problem", self._workspace_id, problem.session_id, None, problem.path, 1)

    def _add_sessions(self, sessions: Sequence[Session], depth: int, indent: str) -> None:
        """Add them with all below them, each parent before its children."""
        roots, self._children = roots_and_children(sessions)
        for root in roots:
            if len(root.chats) < 2 and root.id not in self._children:
                self._rows.append(
                    Row("session", self._workspace_id, root.id, None, None, depth, indent)
                )
            else:
                self._add_family(root, depth, indent)

    def _add_family(self, root: Session, depth: int, indent: str) -> None:
        # A stack and not a recursion: forks of forks may go deeper than Python does.
        waiting: list[tuple[Session | Chat, str | None, int, str, str]] = [
            (root, None, depth, indent, indent)
        ]
        while waiting:
            item, owner, level, guides, below = waiting.pop()
            if isinstance(item, Chat):
                self._rows.append(
                    Row("chat", self._workspace_id, owner, item.id, None, level, guides)
                )
                continue
            shown, unfolded = self._below(item)
            self._rows.append(
                Row("session", self._workspace_id, item.id, None, None, level, guides, unfolded)
            )
            for place, child in reversed(list(enumerate(shown, 1))):
                here, further = ("╰╴", "  ") if place == len(shown) else ("├╴", "│ ")
                indents = ((below + here)[-MAX_GUIDES:], (below + further)[-MAX_GUIDES:])
                waiting.append((child, item.id, level + 1, *indents))

    def _below(self, session: Session) -> tuple[Sequence[Session | Chat], bool | None]:
        """What is shown below a session, and whether that is all there is."""
        children = self._children.get(session.id, ())
        chats = session.chats if len(session.chats) > 1 else ()
        if not children and not chats:
            return (), None
        fold = self._folds.get(("session", session.workspace_id, session.id))
        if fold is False:
            return (), False
        if fold is None:
            found = (self._found or {}).get(session.id, ())
            some = [chat for chat in chats if chat.id in found]
            return [*some, *children], len(some) == len(chats)
        return [*chats, *children], True

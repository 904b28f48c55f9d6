"""What is folded and unfolded in the tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session
from tui_sessions.tui.widgets.session_tree.row import Row


class Folds:
    """What the person has folded and unfolded; while filtering, that is forgotten afterwards."""

    def __init__(self) -> None:
        self._lasting: dict[tuple[str, ...], bool] = {}
        self._while_filtering: dict[tuple[str, ...], bool] = {}
        self._filtering = False

    @property
    def active(self) -> dict[tuple[str, ...], bool]:
        """What holds now: whether a row is unfolded, by its kind, workspace and session."""
        return self._while_filtering if self._filtering else self._lasting

    def filter(self, filtering: bool) -> None:
        """Begin anew to filter, or stop."""
        self._filtering = filtering
        self._while_filtering = {}

    def put(self, row: Row, unfolded: bool) -> None:
        """Fold or unfold a row."""
        key = (row.kind, row.workspace_id)
        self.active[(*key, row.session_id) if row.session_id else key] = unfolded

    def is_unfolded(self, workspace_id: str, by_default: bool, few_found: bool) -> bool:
        """Whether a workspace is unfolded; what a filter finds is, unless it is nearly everything.

        Then it is counted, not listed, where it was folded.
        """
        key = ("workspace", workspace_id)
        if self._filtering:
            by_default = self._lasting.get(key, by_default) or few_found
        return self.active.get(key, by_default)

    def reveal(self, session: Session, beside: Mapping[str, Session], *, chats: bool) -> None:
        """Unfold what hides a session, and its own chats if they are wanted.

        Args:
            session: what is to be seen.
            beside: the sessions of its workspace, by id.
            chats: whether one of its chats is to be seen as well.
        """
        workspace_id = session.workspace_id
        for folds in (self._lasting, self._while_filtering):
            folds["workspace", workspace_id] = True
            if session.state is SessionState.ARCHIVED:
                folds["archive", workspace_id] = True
            for parent in _ancestors_folded(session, beside, folds):
                folds["session", workspace_id, parent] = True
            if chats:
                folds["session", workspace_id, session.id] = True


def _ancestors_folded(
    session: Session, beside: Mapping[str, Session], folds: Mapping[tuple[str, ...], bool]
) -> Iterator[str]:
    """The ancestors that have to be unfolded for a session to be seen."""
    seen = {session.id}
    link = session.parent
    while link is not None and link.session_id not in seen:
        parent = beside.get(link.session_id)
        if parent is None:
            return
        seen.add(parent.id)
        if folds.get(("session", parent.workspace_id, parent.id)) is False:
            yield parent.id
        link = parent.parent

"""What comes down to the tree: workspaces, sessions and the marks on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Self

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import var

from tui_sessions.model.clock import now
from tui_sessions.model.session import Session, Workspace
from tui_sessions.tui.widgets.session_tree.outline import Outline
from tui_sessions.tui.widgets.session_tree.target import ProblemRow, Target
from tui_sessions.tui.widgets.session_tree.tree_rows import TreeRows


class ShownSessions(Vertical):
    """Shows what is known, and follows its changes."""

    current_workspace: var[str | None] = var(None, init=False)
    """The workspace that stands first."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = now,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - as all widgets call it
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._outline = Outline()
        self._rows = TreeRows(self._outline, clock)

    def compose(self) -> ComposeResult:
        """The rows."""
        yield self._rows

    def focus(self, scroll_visible: bool = True) -> Self:
        """Put the focus on the rows."""
        self._rows.focus(scroll_visible)
        return self

    @property
    def cursor_target(self) -> Target | None:
        """What the cursor is on; None in an empty tree."""
        return self._rows.target

    @property
    def total(self) -> int:
        """How many sessions there are, shown or not."""
        return self._outline.total

    def outline_replaced(self) -> None:
        """Hear that other workspaces may be shown."""

    def show(
        self,
        workspaces: Sequence[Workspace],
        counts: Mapping[str, tuple[int, datetime]],
        problems: Sequence[ProblemRow] = (),
        *,
        counting: bool = False,
    ) -> None:
        """Follow what there is; what is unfolded, the cursor and the scroll position stay.

        Args:
            workspaces: all of them, even without sessions.
            counts: how many sessions each workspace has, and when one was last used.
            problems: the files that could not be read.
            counting: the other workspaces may have sessions as well.
        """
        self._outline.show(workspaces, counts, problems, counting=counting)
        self.outline_replaced()
        self._rows.settle()

    def fill(self, workspace_id: str, sessions: Sequence[Session]) -> None:
        """Take in all sessions of a workspace, as `SessionsWanted` asks for."""
        self._outline.fill(workspace_id, sessions)
        self._rows.settle()

    def ask_again(self) -> None:
        """Much has changed: ask for the sessions of what is unfolded anew."""
        self._outline.ask_again()
        self._rows.settle_soon()

    def update_session(self, session: Session) -> None:
        """Add a session, or follow a change of it."""
        if self._outline.put(session):
            self._rows.settle_soon()
        else:
            self._rows.refresh_session(session.id)

    def remove_session(self, session_id: str) -> None:
        """Take a session out; the cursor stays in place."""
        self._outline.drop(session_id)
        self._rows.forget(session_id)
        self._rows.settle_soon()

    def set_open(self, session_id: str | None, chat_id: str | None = None) -> None:
        """Mark what is open on screen, and unfold what hides it."""
        self._rows.open = (session_id, chat_id) if session_id else None
        if session_id:
            self._outline.reveal(session_id, chat_id)
        self._rows.settle()

    def set_running(self, session_id: str, chat_id: str | None, running: bool) -> None:
        """Mark a chat that is answering, or no longer is."""
        self._rows.mark(self._rows.running, (session_id, chat_id), running)

    def set_unread(self, session_id: str, chat_id: str | None, unread: bool) -> None:
        """Mark a chat that has something new, or no longer has."""
        self._rows.mark(self._rows.unread, (session_id, chat_id), unread)

    def set_waiting(self, session_id: str, chat_id: str | None, waiting: bool) -> None:
        """Mark a chat in which a tool waits for the person, or no longer does."""
        self._rows.mark(self._rows.waiting, (session_id, chat_id), waiting)

    def move_to(self, session_id: str, chat_id: str | None = None) -> bool:
        """Put the cursor on a session or chat, unfolding what hides it; whether it is there."""
        target = self._outline.reveal(session_id, chat_id)
        return target is not None and self._rows.move_to(target)

    def session_beside(self, session_id: str, step: int) -> Target | None:
        """The session that many session rows below, or above where negative."""
        return self._outline.session_beside(session_id, step)

    def watch_current_workspace(self, workspace_id: str | None) -> None:
        """Put the workspace first."""
        self._outline.current_workspace = workspace_id
        self._outline.forget_rows()
        self._rows.settle_soon()

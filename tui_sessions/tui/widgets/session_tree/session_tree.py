"""The tree pane: what it shows comes down by methods, what the person does goes up as messages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Self

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import var

from tui_sessions.model.clock import now
from tui_sessions.model.session import Session, Workspace
from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.session_tree.filter_bar import FilterBar
from tui_sessions.tui.widgets.session_tree.name_input import NameInput
from tui_sessions.tui.widgets.session_tree.outline import Outline
from tui_sessions.tui.widgets.session_tree.target import ProblemRow, Target
from tui_sessions.tui.widgets.session_tree.tree_rows import TreeRows

_SLICE_S = 0.001
"""How long filtering keeps the screen waiting at a time: a key takes a dozen turns."""


class SessionTree(Vertical):
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

    filter: var[str] = var("", init=False)
    """The words that are searched for; empty: everything is shown."""
    current_workspace: var[str | None] = var(None, init=False)
    """The workspace that stands first."""

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
        self._bar = FilterBar()

    def compose(self) -> ComposeResult:
        """The rows; the filter's line comes above them when it is first needed."""
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
        if self.filter and self.is_mounted:
            self._search(self.filter)
        self._rows.settle()

    def on_mount(self) -> None:
        """Filter by what was asked for before there was a screen."""
        if self.filter:
            self.call_after_refresh(self.watch_filter, self.filter)

    def fill(self, workspace_id: str, sessions: Sequence[Session]) -> None:
        """Take in all sessions of a workspace, as `SessionsWanted` asks for."""
        self._outline.fill(workspace_id, sessions)
        self._rows.settle()

    def take_in(self, found: Sequence[Session]) -> None:
        """Take in some sessions that the filter may find, as `MatchesWanted` asks for."""
        for session in found:
            self._outline.put(session)
        self._search(self.filter)

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

    def begin_filter(self) -> None:
        """Show the filter's field and put the focus there."""
        self._furnished_bar().open()

    def begin_rename(self) -> bool:
        """Edit the name under the cursor in place; False where that cannot be."""
        target = self.cursor_target
        session = self._outline.session(target.session_id) if target else None
        if target is None or session is None or target.kind not in ("session", "chat"):
            return False
        if self.query(NameInput):
            return False
        chat = session.chat(target.chat_id or "") if target.kind == "chat" else None
        text = chat.name if chat else session.label
        start_empty = chat is None and session.auto_label
        self._rows.scroll_to_cursor()
        field = NameInput(target, text, start_empty=start_empty)
        self.mount(field)
        self._place(field)
        field.focus()
        return True

    def watch_filter(self, query: str) -> None:
        """Search for the new words."""
        if not self.is_mounted:
            return
        self._furnished_bar().show(query, self._outline.count if query.split() else None)
        self._search(query)
        if query.split() and not self._outline.is_complete:
            self.post_message(self.MatchesWanted(self, tuple(query.split())))

    def watch_current_workspace(self, workspace_id: str | None) -> None:
        """Put the workspace first."""
        self._outline.current_workspace = workspace_id
        self._outline.forget_rows()
        self._rows.settle_soon()

    @work(exclusive=True, group="filter")
    async def _search(self, query: str) -> None:
        """Search in slices, so that the next key is never kept waiting."""
        started = time.monotonic()
        for _ in self._outline.search(query):
            if time.monotonic() - started > _SLICE_S:
                await asyncio.sleep(0)
                started = time.monotonic()
        searching = bool(query.split())
        target = self._rows.target
        if not searching and target is not None and target.session_id is not None:
            self._outline.reveal(target.session_id, target.chat_id)
        self._rows.settle()
        self._rows.refresh_bindings()
        if searching and (target := self._outline.first_found(target)) is not None:
            self._rows.move_to(target)
            self._rows.show_from_top()
        count = self._outline.count if searching else self._outline.total
        self._furnished_bar().show(query, count if searching else None)
        self.post_message(self.FilterChanged(self, count))

    def _furnished_bar(self) -> FilterBar:
        if not self._bar.is_attached:
            self.mount(self._bar, before=self._rows)
        return self._bar

    def _place(self, field: NameInput) -> None:
        """Lay the field over the row."""
        region = self._rows.name_region(field.target)
        if region is None:
            field.action_give_up()
            return
        offset = region.offset + (self._rows.region.offset - self.content_region.offset)
        field.styles.offset = (offset.x, offset.y)
        field.styles.width = region.width

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

    @on(TreeRows.Shifted)
    def follow_row(self, event: TreeRows.Shifted) -> None:
        """Keep the count true, and the field over its row; out of sight, the field is given up."""
        event.stop()
        if self.filter.split():
            self._bar.show(self._bar.field.value, self._outline.count)
        for field in self.query(NameInput):
            self._place(field)

    @on(TreeRows.FilterCleared)
    @on(FilterBar.Closed)
    def leave_filter(self, event: TreeRows.FilterCleared | FilterBar.Closed) -> None:
        """Go back to the rows, all of them or what is left."""
        event.stop()
        self.focus()
        if isinstance(event, TreeRows.FilterCleared) or event.clear:
            self.filter = ""
        self._bar.set_class(bool(self.filter), "-shown")

    @on(FilterBar.Typed)
    def filter_as_typed(self, event: FilterBar.Typed) -> None:
        """Filter by what stands in the field."""
        event.stop()
        self.filter = event.text

    @on(NameInput.Done)
    async def finish_rename(self, event: NameInput.Done) -> None:
        """Tell the screen the new name."""
        event.stop()
        had_focus = event.control.has_focus
        await event.control.remove()
        if had_focus:
            self.focus()
        if event.text is None:
            self.post_message(self.RenameCancelled(self))
        else:
            self.post_message(self.Renamed(self, event.target, event.text))

"""Filtering the tree, while a person types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import on, work
from textual.reactive import var
from textual.worker import Worker

from tui_sessions.model.session import Session
from tui_sessions.tui.slices import Slices
from tui_sessions.tui.widgets.session_tree.filter_bar import FilterBar
from tui_sessions.tui.widgets.session_tree.shown_sessions import ShownSessions
from tui_sessions.tui.widgets.session_tree.tree_rows import TreeRows


class FilteredSessions(ShownSessions):
    """Leaves of the rows what the words of a filter are in."""

    filter: var[str] = var("", init=False)
    """The words that are searched for; empty: everything is shown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._bar = FilterBar()

    def filtered(self, count: int) -> None:
        """Hear that the filter was searched for everywhere, and how many sessions are left."""

    def matches_missing(self, words: tuple[str, ...]) -> None:
        """Hear that there may be more matches than the sessions that are known here."""

    def outline_replaced(self) -> None:
        """Filter anew."""
        if self.filter and self.is_mounted:
            self._search(self.filter)

    def on_mount(self) -> None:
        """Filter by what was asked for before there was a screen."""
        if self.filter:
            self.call_after_refresh(self.watch_filter, self.filter)

    def take_in(self, found: Sequence[Session]) -> None:
        """Take in some sessions that the filter may find, as `MatchesWanted` asks for."""
        self._outline.take_in(found)
        self._search(self.filter)

    def begin_filter(self) -> None:
        """Show the filter's field and put the focus there."""
        self._furnished_bar().open()

    def searches_under_way(self) -> list[Worker[Any]]:
        """What a key on the rows has to wait for, as it changes what the cursor is on."""
        if not self._rows.has_focus:
            return []
        return [w for w in self.workers if w.node is self and not w.is_finished]

    def watch_filter(self, query: str) -> None:
        """Search for the new words."""
        if not self.is_mounted:
            return
        self._furnished_bar().show(query, self._outline.count if query.split() else None)
        self._search(query)
        if query.split() and not self._outline.is_complete:
            self.matches_missing(tuple(query.split()))

    @work(exclusive=True, group="filter")
    async def _search(self, query: str) -> None:
        """Search in slices, so that the next key is never kept waiting."""
        slices = Slices()
        for _ in self._outline.search(query):
            await slices.rest()
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
        self.filtered(count)

    def _furnished_bar(self) -> FilterBar:
        if not self._bar.is_attached:
            self.mount(self._bar, before=self._rows)
        return self._bar

    @on(TreeRows.Shifted)
    def count_again(self, event: TreeRows.Shifted) -> None:
        """Keep the count true."""
        event.stop()
        if self.filter.split():
            self._bar.show(self._bar.field.value, self._outline.count)

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

"""Finding words in the chat: what is found is marked where it is seen, and gone through."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from textual.style import Style

from tui_sessions.tui.slices import Slices
from tui_sessions.tui.widgets.transcript.folded_view import FoldedView
from tui_sessions.tui.widgets.transcript.viewport import Row

if TYPE_CHECKING:
    from tui_sessions.tui.widgets.transcript.finder import Finder

_TELL_EVERY_S = 0.15


class SearchedView(FoldedView):
    """Looks for what a person types, while they type on."""

    _finder: Finder | None = None

    def matches_counted(self, current: int, total: int, searching: bool) -> None:
        """Hear which match is shown, counted from one (0 for none), and of how many so far."""

    def messages_changed(self) -> None:
        """Forget what was found in other messages."""
        self.clear_find()

    async def find(self, query: str, *, stay: bool = False) -> int:
        """Mark a text everywhere and say how often it is there; another search ends this one.

        The first match from the cursor on is brought into view as soon as it is found, unless it
        is to stay as it is. What was marked before stays so until then.
        """
        if not query:
            self.clear_find()
            return 0
        from tui_sessions.tui.widgets.transcript.finder import Finder

        finder = self._finder = Finder(query)
        slices, shown, told = Slices(), stay, perf_counter()
        for _ in finder.search(self.chat, self._cursor):
            await slices.rest()
            if self._finder is not finder:
                return finder.total
            if finder.nearest is not None and not shown:
                shown = True
                self._bring_match(finder)
                self.update_view()
            if not stay and perf_counter() - told > _TELL_EVERY_S:
                told = perf_counter()
                self.matches_counted(0, finder.total, True)
        if finder.has_gone_on:
            self._bring_match(finder)
        self._tell_match(finder)
        return finder.total

    @property
    def found_text(self) -> str:
        """What is marked now, or still looked for."""
        return self._finder.query if self._finder else ""

    def find_next(self) -> None:
        """Go to the next match."""
        self._step_match(1)

    def find_previous(self) -> None:
        """Go to the match before."""
        self._step_match(-1)

    def clear_find(self) -> None:
        """Mark nothing any more."""
        self._finder = None
        self.refresh()

    def action_find_next(self) -> None:
        """Go to the next match."""
        self.find_next()

    def action_find_previous(self) -> None:
        """Go to the match before."""
        self.find_previous()

    def _step_match(self, by: int) -> None:
        finder = self._finder
        if finder is not None and finder.step(by):
            self._bring_match(finder)
            self._tell_match(finder)

    def _tell_match(self, finder: Finder) -> None:
        self.update_view()
        self.matches_counted(finder.current + 1, finder.total, False)

    def _bring_match(self, finder: Finder) -> None:
        where = finder.place()
        if where is not None and where[0] < len(self.chat.messages):
            self._reveal_match(finder, *where)

    def _reveal_match(self, finder: Finder, index: int, number: int) -> None:
        self._put_cursor(index)
        places = finder.starts(index, self.chat.lines(index))
        if number >= len(places) and (folds := self.chat.folds(index)):
            self._set_folds(index, set(folds))
            places = finder.starts(index, self.chat.lines(index))
        if places:
            self.viewport.reveal_line(index, places[min(number, len(places) - 1)][0])
        else:
            self.viewport.reveal(index)

    def update_lines(self) -> None:
        """Paint the lines that have changed; while a search is shown, its marks may have too."""
        if self._finder is None:
            super().update_lines()
        else:
            self.update_view()

    def row_overlays(self, row: Row) -> list[tuple[int, int, Style]]:
        """The matches of a search."""
        if self._finder is None:
            return []
        lines = self.chat.lines(row.index)
        spans = self._finder.spans(row.index, lines).get(row.place, [])
        if not spans:
            return []
        style = self.look_of("transcript--match")
        current = self.look_of("transcript--match-current")
        chosen = self._finder.current_span(row.index, lines)
        return [
            (start, end, current if (row.place, start) == chosen else style) for start, end in spans
        ]

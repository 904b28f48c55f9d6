"""The list of results, two lines each, of which only those on screen are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.session_tree.lines import strip_of
from tui_sessions.tui.widgets.switcher_results.entries import Entry, TextHit
from tui_sessions.tui.widgets.switcher_results.ranking import Query
from tui_sessions.tui.widgets.switcher_results.result_painter import ResultPainter

_FEW = 8
"""So many places stay above the messages that were found, so that these are near."""


class ResultList(ScrollView):
    """Places to go to, and below them the messages found by their text."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {
        "switcher--active",
        "switcher--beside",
        "switcher--cursor",
        "switcher--detail",
        "switcher--faded",
        "switcher--heading",
        "switcher--match",
        "switcher--open-mark",
        "switcher--place",
        "switcher--problem",
        "switcher--title",
        "switcher--waiting",
    }
    DEFAULT_CSS = """
    ResultList {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        color: $foreground;

        & > .switcher--title { text-style: bold; }
        & > .switcher--detail { color: $foreground 66%; }
        & > .switcher--place { color: $text-secondary; }
        & > .switcher--heading { color: $foreground 66%; text-style: italic; }
        & > .switcher--match { color: $text-warning; text-style: bold underline; }
        & > .switcher--open-mark { color: $primary; }
        & > .switcher--faded { color: $foreground 66%; }
        & > .switcher--active { color: $text-success; }
        & > .switcher--waiting { color: $text-warning; text-style: bold; }
        & > .switcher--beside { color: $text-secondary; }
        & > .switcher--problem { color: $text-error; }
        & > .switcher--cursor {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
        }
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False)
    """The result under the cursor, counted from the top."""

    class Picked(FieldMessage):
        """A result was clicked on."""

        results: ResultList
        result: Entry | TextHit

        @property
        def control(self) -> ResultList:
            """The sender, as `on` wants it."""
            return self.results

    class EndReached(FieldMessage):
        """The cursor stands on the last of the messages that are there."""

        results: ResultList

        @property
        def control(self) -> ResultList:
            """The sender, as `on` wants it."""
            return self.results

    def __init__(self, open_session_id: str | None, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._open_session_id = open_session_id
        self._clock = clock
        self._query = Query("")
        self._all_entries: Sequence[Entry] = ()
        self._entries: Sequence[Entry] = ()
        self._hits: Sequence[TextHit] = ()
        self._heading = ""

    def show(self, entries: Sequence[Entry], query: Query, *, keep: bool = False) -> None:
        """Replace the places; the first is under the cursor then.

        With `keep` the cursor stays on what it was moved to.
        """
        moved_to = self.result if keep and self.cursor else None
        self._all_entries, self._query = entries, query
        self.cursor = 0
        self._resize()
        self.scroll_to(y=0, animate=False, immediate=True)
        self._return_to(moved_to)

    def show_hits(self, hits: Sequence[TextHit], heading: str) -> None:
        """Replace the messages below, under a heading; without one there is nothing there.

        The cursor stays on the message that it is on.
        """
        moved_to = self.result
        self._hits, self._heading = hits, heading
        self._resize()
        if isinstance(moved_to, TextHit):
            self._return_to(moved_to)

    def on_unmount(self) -> None:
        """Let go of thousands of results: the widget is kept until the collector comes by."""
        self._all_entries = self._entries = self._hits = ()

    @property
    def result(self) -> Entry | TextHit | None:
        """What is under the cursor."""
        return self._result(self.cursor)

    def __len__(self) -> int:
        return len(self._entries) + len(self._hits)

    def move(self, step: int) -> None:
        """Move the cursor by results."""
        self.cursor += step
        top = 0 if not self.cursor else self._first_line(self.cursor)
        region = Region(0, top, self.scrollable_content_region.width, 2)
        self.scroll_to_region(region, animate=False, immediate=True, force=True)

    def move_page(self, step: int) -> None:
        """Move the cursor by pages."""
        self.move(step * max(self.scrollable_content_region.height // 2 - 1, 1))

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a result."""
        return max(min(cursor, len(self) - 1), 0)

    def watch_cursor(self, before: int, after: int) -> None:
        """Draw the results that look different now."""
        for place in (before, after):
            self.refresh_lines(self._first_line(place), 2)
        if self._hits and after == len(self) - 1:
            self.post_message(self.EndReached(self))

    def render_line(self, y: int) -> Strip:
        """One line of what is on screen."""
        line = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        base = self.visual_style
        if self._heading and line == self._heading_line:
            content = Content.styled(f" {self._heading}", "heading")
            return strip_of(content.truncate(width, ellipsis=True), base, self._style, width)
        place = self._place_of(line)
        result = self._result(place)
        if result is None:
            return Strip.blank(width, base.rich_style)
        is_cursor = place == self.cursor
        second = (line - self._first_line(place)) == 1
        painter = ResultPainter(self._query, self._open_session_id, self._clock(), width)
        content = painter.paint(result, second=second)
        if is_cursor:
            base = self.get_visual_style("switcher--cursor")
        style = self._plain_style if is_cursor else self._style
        return strip_of(content, base, style, width)

    def on_click(self, event: events.Click) -> None:
        """Pick what is clicked on."""
        place = self._place_of(event.y + self.scroll_offset.y)
        result = self._result(place)
        if result is not None and event.button == 1:
            event.stop()
            self.cursor = place
            self.post_message(self.Picked(self, result))

    def on_resize(self) -> None:
        """Fit the results to the new size."""
        self._resize()

    @property
    def _heading_line(self) -> int:
        return 2 * len(self._entries)

    def _first_line(self, place: int) -> int:
        below_heading = place >= len(self._entries) and bool(self._heading)
        return 2 * place + (1 if below_heading else 0)

    def _place_of(self, line: int) -> int:
        if self._heading and line >= self._heading_line:
            return -1 if line == self._heading_line else (line - 1) // 2
        return line // 2

    def _result(self, place: int) -> Entry | TextHit | None:
        if 0 <= place < len(self._entries):
            return self._entries[place]
        place -= len(self._entries)
        return self._hits[place] if 0 <= place < len(self._hits) else None

    def _return_to(self, moved_to: Entry | TextHit | None) -> None:
        """Put the cursor on a result, if it is still there and elsewhere now."""
        if moved_to is None:
            return
        results = [*map(_key, self._entries), *map(_key, self._hits)]
        key = _key(moved_to)
        if key in results and (place := results.index(key)) != self.cursor:
            self.move(place - self.cursor)

    def _resize(self) -> None:
        cut = bool(self._hits) and self.cursor < _FEW
        self._entries = self._all_entries[:_FEW] if cut else self._all_entries
        lines = 2 * len(self) + bool(self._heading)
        self.virtual_size = Size(self.scrollable_content_region.width, lines)
        self.cursor = self.validate_cursor(self.cursor)
        self.refresh()

    def _style(self, name: str | Style) -> Style:
        return self.get_visual_style(f"switcher--{name}", partial=True)

    def _plain_style(self, name: str | Style) -> Style:
        # The cursor brings its own colours; marks in others could not be read on it.
        return self._style(name).without_color


def _key(result: Entry | TextHit) -> tuple[str | None, ...]:
    """What tells results apart, whatever was found of them."""
    if isinstance(result, TextHit):
        return ("hit", result.session_id, result.chat_id, result.message_id)
    return ("place", result.session.id, result.chat_id)

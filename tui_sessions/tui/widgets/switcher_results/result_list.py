"""The list of results, two lines each, of which only those on screen are drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from tui_sessions.model.session import UNTITLED
from tui_sessions.tui.drawing import draw_line, relative_time
from tui_sessions.tui.field_message import FieldMessage
from tui_sessions.tui.widgets.session_tree import row_marks as marks
from tui_sessions.tui.widgets.session_tree.lines import fitted, strip_of
from tui_sessions.tui.widgets.switcher_results.entries import Entry, TextHit
from tui_sessions.tui.widgets.switcher_results.ranking import Query

_MARKUP = re.compile(
    r"^\s*\|[-:| ]+\|?\s*$|^\s*(?:#{1,6}|[-+*>])\s+|`+|\*+(?=\S)|(?<=\S)\*+|^\s*\|\s*", re.MULTILINE
)
_FEW = 8
"""So many places stay above the messages that were found, so that these are near."""
_BETWEEN = re.compile(r"\s*\|\s*|\s+")


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
        content = self._content(result, second, width)
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

    def _content(self, result: Entry | TextHit, second: bool, width: int) -> Content:
        if isinstance(result, TextHit):
            return self._hit(result, second, width)
        return self._place(result, second, width)

    def _place(self, entry: Entry, second: bool, width: int) -> Content:
        if second:
            number = f" · {entry.message_count:,} msg" if entry.message_count else ""
            preview = draw_line(_without_markup(entry.preview[: width * 8]))
            return self._details(entry.workspace, number, preview, width)
        here = entry.chat_id in (None, entry.session.active_chat_id)
        is_open = here and entry.session.id == self._open_session_id
        gutter = (marks.OPEN, "open-mark") if is_open else (" ", "")
        left = Content.assemble(gutter, marks.STATES[entry.session.state], " ")
        age = relative_time(entry.session.last_active_at, self._clock())
        right = Content.assemble("  ", (age, "detail"), " ")
        room = max(width - left.cell_length - right.cell_length, 0)
        title = self._matched(entry.name, width).stylize_before("title")
        return Content.assemble(left, fitted(title, room), right)

    def _hit(self, hit: TextHit, second: bool, width: int) -> Content:
        if second:
            return self._details(hit.workspace, _role(hit), _snippet(hit, width), width)
        age = relative_time(hit.time, self._clock()) if hit.time else ""
        right = Content.assemble("  ", (age, "detail"), " ")
        title = draw_line((hit.label or UNTITLED)[: width * 8]).stylize_before("title")
        room = max(width - right.cell_length, 0)
        return Content.assemble(fitted(Content.assemble(" ❯ ", title), room), right)

    def _details(self, workspace: str, number: str, text: Content, width: int) -> Content:
        """The second line: where it is, how much, and what it says."""
        place = self._matched(workspace, width).stylize_before("place")
        place = fitted(place, min(place.cell_length, 24))
        dot = " · " if text.plain.strip() else ""
        parts = ("   ", place, (number + dot, "detail"), text.stylize_before("detail"), " ")
        return fitted(Content.assemble(*parts), width - 1)

    def _matched(self, text: str, width: int) -> Content:
        line = draw_line(text[: width * 8])
        for start, end in self._query.spans(line.plain):
            line = line.stylize("match", start, end)
        return line

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


def _snippet(hit: TextHit, width: int) -> Content:
    """The text around what was found, from so near before it that it can be seen."""
    text, marked = hit.snippet.text, hit.snippet.marks
    line = draw_line(text[: width * 8])
    for start, end in marked:
        line = line.stylize("match", start, end)
    return line


def _role(hit: TextHit) -> str:
    return f" · {hit.role}" if hit.role else ""


def _without_markup(text: str) -> str:
    """The words of a Markdown text in one line, nearly as a person would read them out."""
    return _BETWEEN.sub(" ", _MARKUP.sub("", text)).strip()

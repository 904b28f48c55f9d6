"""Draws the rows that are on screen, line by line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from itertools import cycle

from textual.content import Content
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.timer import Timer

from tui_sessions.tui.widgets.session_tree import row_marks as marks
from tui_sessions.tui.widgets.session_tree.lines import strip_of
from tui_sessions.tui.widgets.session_tree.outline import Outline
from tui_sessions.tui.widgets.session_tree.row import Row
from tui_sessions.tui.widgets.session_tree.row_painter import AroundRow, ChatKey, RowPainter

EMPTY = """\
No sessions yet.

ctrl+n starts one: just type and press enter.

ctrl+p, then “import”, brings in what you have from other tools."""
NOTHING_FOUND = """\
Nothing matches.

Escape shows everything again."""


class RowCanvas(ScrollView):
    """The drawn side of the tree; nothing is kept but what lines are made of."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {
        "tree--active",
        "tree--beside",
        "tree--cursor",
        "tree--faded",
        "tree--guide",
        "tree--hover",
        "tree--match",
        "tree--open-mark",
        "tree--problem",
        "tree--running",
        "tree--strong",
        "tree--temporary",
        "tree--unread-mark",
        "tree--untitled",
        "tree--waiting",
    }
    DEFAULT_CSS = """
    RowCanvas {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        color: $foreground;

        & > .tree--strong { text-style: bold; }
        & > .tree--active { color: $text-success; }
        & > .tree--running { color: $text-accent; text-style: bold; }
        & > .tree--waiting { color: $text-warning; text-style: bold; }
        & > .tree--beside { color: $text-secondary; }
        & > .tree--faded { color: $foreground 66%; }
        & > .tree--untitled { color: $foreground 66%; text-style: italic; }
        & > .tree--guide { color: $foreground 25%; }
        & > .tree--temporary { color: $text-warning; }
        & > .tree--problem { color: $text-error; }
        & > .tree--match { color: $text-warning; text-style: bold underline; }
        & > .tree--open-mark { color: $primary; }
        & > .tree--unread-mark { color: $text-accent; text-style: bold; }
        & > .tree--hover { background: $foreground 6%; }
        & > .tree--cursor { background: $block-cursor-blurred-background; }
        &:focus > .tree--cursor {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
        }
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False)
    """The row under the cursor, counted from the top."""
    hovered: reactive[int | None] = reactive(None, repaint=False)
    """The row under the mouse."""

    def __init__(self, outline: Outline, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.outline = outline
        self.open: ChatKey | None = None
        self.running: set[ChatKey] = set()
        self.unread: set[ChatKey] = set()
        self.waiting: set[ChatKey] = set()
        self._clock = clock
        self._frames = cycle(marks.RUNNING)
        self._frame = marks.RUNNING_STILL
        self._turning: Timer | None = None

    def on_mount(self) -> None:
        """Keep the times and the running marks going."""
        self.set_interval(60, self.refresh)
        self._turning = self.set_interval(1 / 8, self._turn_running_marks, pause=True)
        self.mark(self.running, None, False)

    def mark(self, marked: set[ChatKey], key: ChatKey | None, is_marked: bool) -> None:
        """Add to, or take from, what is running, unread or waiting."""
        if key is not None:
            (marked.add if is_marked else marked.discard)(key)
            self.refresh_session(key[0])
        if self._turning is not None:
            (self._turning.resume if self.running else self._turning.pause)()

    def forget(self, session_id: str) -> None:
        """Take all marks from a session that is no more."""
        for marked in (self.running, self.unread, self.waiting):
            for key in [key for key in marked if key[0] == session_id]:
                self.mark(marked, key, False)

    def refresh_session(self, session_id: str) -> None:
        """Draw a session's rows again, and its workspace's, where they are on screen."""
        session = self.outline.session(session_id)
        workspace_id = session.workspace_id if session else None
        top = self.scroll_offset.y
        for place in range(top, top + self.size.height):
            row = self.outline.row(place)
            if row is None:
                break
            heads = row.kind == "workspace" and row.workspace_id == workspace_id
            if heads or row.session_id == session_id:
                self.refresh_line(place)

    def watch_hovered(self, before: int | None, after: int | None) -> None:
        """Draw the two rows that look different now."""
        for place in (before, after):
            if place is not None:
                self.refresh_line(place)

    def render_line(self, y: int) -> Strip:
        """One line of what is on screen."""
        place = y + self.scroll_offset.y
        row = self.outline.row(place)
        width = self.scrollable_content_region.width
        if row is None:
            return self._hint_line(place - len(self.outline), width)
        style_of = self._style
        base = self.visual_style
        if place == self.cursor:
            base = self.get_visual_style("tree--cursor")
            style_of = self._plain_style if self.has_focus else self._style
        elif place == self.hovered:
            base = self.get_visual_style("tree--hover")
        return strip_of(self.painter(row).paint(row), base, style_of, width)

    def painter(self, row: Row) -> RowPainter:
        """What draws a row as things stand."""
        branch = self.outline.branch(row.workspace_id)
        if branch is None:
            raise LookupError(f"A row of the unknown workspace {row.workspace_id!r}.")
        around = AroundRow(
            self._clock(),
            self.outline.words,
            self.open,
            self.running,
            self.unread,
            self.waiting,
            self._frame,
        )
        return RowPainter(branch, around, self.scrollable_content_region.width)

    def _style(self, name: str | Style) -> Style:
        return self.get_visual_style(f"tree--{name}", partial=True)

    def _plain_style(self, name: str | Style) -> Style:
        # The cursor brings its own colours; marks in others could not be read on it.
        return self._style(name).without_color

    def _hint_line(self, place: int, width: int) -> Strip:
        """A line below the rows: empty, but for what to do where there is nothing to see."""
        base = self.visual_style
        is_empty = not len(self.outline) if self.outline.words else not self.outline.total
        if not is_empty or width <= 4:
            return Strip.blank(width, base.rich_style)
        lines = _wrapped(NOTHING_FOUND if self.outline.words else EMPTY, width - 4)
        line = lines[place - 1] if 1 <= place <= len(lines) else Content()
        return strip_of(
            Content.assemble("  ", line), base + self._style("faded"), self._style, width
        )

    def _turn_running_marks(self) -> None:
        if not self.is_on_screen:
            return
        moving = self.app.animation_level != "none"
        self._frame = next(self._frames) if moving else marks.RUNNING_STILL
        for session_id in {session_id for session_id, _ in self.running}:
            self.refresh_session(session_id)


@lru_cache(2)
def _wrapped(text: str, width: int) -> list[Content]:
    return Content(text).wrap(width)

"""One line of tabs that scrolls to keep the active one in sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import msgspec
from textual import events
from textual.content import Content
from textual.widget import Widget

from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.field_message import FieldMessage

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_WIDEST = 28
_EARLIER, _LATER = "\u2039", "\u203a"


class Tab(msgspec.Struct, frozen=True):
    """What a tab shows."""

    id: str
    name: str
    running: bool = False
    unread: bool = False
    waiting: bool = False
    """A tool call waits for the person."""

    def drawn(self, active: bool, frame: int) -> Content:
        """The tab, with a cell of space on both sides."""
        mark, mark_style = " ", ""
        if self.waiting:
            mark, mark_style = "?", "bold $text-warning"
        elif self.running:
            mark, mark_style = FRAMES[frame % len(FRAMES)], "$text-primary"
        elif self.unread and not active:
            mark, mark_style = "•", "bold $text-accent"
        style = (
            "bold underline $foreground"
            if active
            else "$foreground"
            if self.unread or self.waiting
            else "$foreground 66%"
        )
        name = draw_line(self.name.strip() or "Chat").truncate(_WIDEST, ellipsis=True)
        return Content.assemble((mark, mark_style), name.stylize(style), " ")


class TabRow(Widget):
    """The tabs, drawn; what does not fit is cut, with a mark at the cut edge."""

    DEFAULT_CSS = """
    TabRow {
        height: 1;
    }
    """

    class Clicked(FieldMessage):
        """A tab was clicked."""

        tab_id: str

    def __init__(self) -> None:
        super().__init__()
        self._tabs: tuple[Tab, ...] = ()
        self._active: str | None = None
        self._active_index = 0
        self._first = 0
        self._frame = 0

    def show(self, tabs: Sequence[Tab], active: str | None) -> None:
        """Show these tabs."""
        self._tabs = tuple(tabs)
        self._active = active
        places = (index for index, tab in enumerate(self._tabs) if tab.id == active)
        self._active_index = next(places, 0)
        self.refresh()

    def turn(self) -> None:
        """Draw the marks of those at work one step further."""
        self._frame += 1
        self.refresh()

    def render(self) -> Content:
        """The line."""
        return Content("").join(part for _, part in self._parts())

    def on_click(self, event: events.Click) -> None:
        """Find the tab under the mouse; at a mark, the nearest one that is cut off."""
        column = event.x
        for tab_id, part in self._parts():
            column -= part.cell_length
            if column < 0:
                self.post_message(self.Clicked(tab_id))
                return

    def on_resize(self) -> None:
        """Fit the tabs into the new width."""
        self.refresh()

    def _parts(self) -> list[tuple[str, Content]]:
        """What is on the line from left to right, and the tab that each part stands for.

        Only tabs near the line are drawn: a session may have thousands of chats.
        """
        if not self._tabs:
            return []
        drawn = cache(self._drawn)
        width = self.size.width
        first = self._first_shown(lambda index: drawn(index).cell_length, width)
        parts: list[tuple[str, Content]] = []
        if first > 0:
            parts.append((self._tabs[first - 1].id, Content.styled(_EARLIER, "bold $text-accent")))
            width -= 1
        for index in range(first, len(self._tabs)):
            tab = drawn(index)
            later = index < len(self._tabs) - 1
            if tab.cell_length > width - later:
                if index == first:
                    parts.append((self._tabs[index].id, tab.truncate(max(width - later, 0))))
                    index += 1  # noqa: PLW2901 - the mark stands for the tab after this one
                if index < len(self._tabs):
                    parts.append(
                        (self._tabs[index].id, Content.styled(_LATER, "bold $text-accent"))
                    )
                break
            parts.append((self._tabs[index].id, tab))
            width -= tab.cell_length
        return parts

    def _drawn(self, index: int) -> Content:
        tab = self._tabs[index]
        return tab.drawn(tab.id == self._active, self._frame)

    def _first_shown(self, width_of: Callable[[int], int], width: int) -> int:
        """The first tab to show: as it was, unless the active one would be out of sight."""
        active = self._active_index
        count = len(self._tabs)
        first = max(min(self._first, active), min(_earliest(width_of, active, width), active))
        # No room is left empty behind the last one.
        self._first = min(first, _earliest(width_of, count - 1, width))
        return self._first


def _earliest(width_of: Callable[[int], int], last: int, width: int) -> int:
    """The first of the tabs that fit into a width up to a last one, with a mark at both ends."""
    first, room = last + 1, width - 2
    while first > 0 and (room := room - width_of(first - 1)) >= 0:
        first -= 1
    return first

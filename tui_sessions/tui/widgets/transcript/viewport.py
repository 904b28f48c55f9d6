"""Which lines are on screen; the place is held by message, so corrected heights never move it."""

from __future__ import annotations

import msgspec

from tui_sessions.tui.widgets.transcript.drawn_chat import DrawnChat
from tui_sessions.tui.widgets.transcript.line import Line
from tui_sessions.tui.widgets.transcript.message_lines import Setting

_BELOW = 3
"""So many lines may stand below a message that are not marked as its own."""


class Row(msgspec.Struct, frozen=True):
    """A line on screen and where it comes from."""

    index: int
    place: int
    line: Line

    def same_as(self, other: Row) -> bool:
        """Whether the very same line is there."""
        same_place = self.index == other.index and self.place == other.place
        return same_place and self.line is other.line


class Viewport:
    """A window on a chat, held by the message and line at its top, or by the end."""

    def __init__(self, chat: DrawnChat) -> None:
        self.chat = chat
        self.height = 1
        self.index = 0
        self.offset = 0
        self.following = True
        self.at_end = True

    @property
    def top(self) -> int:
        """The line of the whole chat at the top of the window."""
        return self.chat.heights.top(self.index) + self.offset

    def draw_with(self, setting: Setting) -> None:
        """Draw with another width or name, staying at about the same text."""
        if setting == self.chat.setting or self.index >= len(self.chat.messages):
            self.chat.draw_with(setting)
            return
        before = max(self.chat.heights[self.index], 1)
        self.chat.draw_with(setting)
        if self.offset:
            self.offset = self.offset * len(self.chat.lines(self.index)) // before

    def rows(self) -> list[Row]:
        """The lines on screen, drawn now as far as they were not."""
        if not self.chat.messages:
            self.index = self.offset = 0
            self.at_end = self.following = True
            return []
        if self.following:
            self._hold_end()
        rows = self._collect()
        if len(rows) < self.height and (self.index or self.offset):
            self._hold_end()
            rows = self._collect()
        last = rows[-1]
        at_last = last.index == len(self.chat.messages) - 1
        self.at_end = at_last and last.place == len(self.chat.lines(last.index)) - 1
        return rows

    def hold(self, index: int, offset: int = 0) -> None:
        """Put a line of a message at the top; the end follows no more."""
        self.index = max(min(index, len(self.chat.messages) - 1), 0)
        self.offset = max(offset, 0)
        self.following = False

    def scroll(self, lines: int) -> None:
        """Move by lines, exactly; by estimate when it is far."""
        if not self.chat.messages:
            return
        if abs(lines) > 10 * self.height + 200:
            self.jump(self.top + lines)
            return
        index, offset = self.index, self.offset + lines
        while offset < 0 and index > 0:
            index -= 1
            offset += len(self.chat.lines(index))
        last = len(self.chat.messages) - 1
        while index < last and offset >= (size := len(self.chat.lines(index))):
            offset -= size
            index += 1
        self.hold(index, min(offset, len(self.chat.lines(index)) - 1))
        self._settle()

    def jump(self, line: int) -> None:
        """Go to a line of the whole chat."""
        if line >= self.chat.heights.total - self.height:
            self.follow()
        else:
            self.hold(*self.chat.heights.find(line))
            self._settle()

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True

    def reveal(self, index: int) -> None:
        """Bring a message into view with the least scrolling, its top first."""
        if index < self.index or (index == self.index and self.offset):
            self.hold(index)
            self._settle()
            return
        lines = self.chat.lines(index)
        size = len(lines) - sum(not line.marked for line in lines[-_BELOW:])
        above = 0
        for other in range(self.index, index):
            above += len(self.chat.lines(other)) - (self.offset if other == self.index else 0)
            if above > 2 * self.height:
                break
        if above + size <= self.height:
            return
        self.hold(index)
        if size < self.height and above <= 2 * self.height:
            self.scroll(size - self.height)
        self._settle()

    def reveal_line(self, index: int, place: int) -> None:
        """Bring a line into view, with some lines above it where it was not."""
        if not any(row.index == index and row.place == place for row in self.rows()):
            self.hold(index, place)
            self.scroll(-(self.height // 3))

    def _settle(self) -> None:
        """Follow again once the end is reached."""
        self.rows()
        self.following = self.at_end

    def _collect(self) -> list[Row]:
        rows: list[Row] = []
        index = self.index
        self.offset = min(self.offset, len(self.chat.lines(index)) - 1)
        start = self.offset
        while index < len(self.chat.messages) and len(rows) < self.height:
            lines = self.chat.lines(index)
            end = min(len(lines), start + self.height - len(rows))
            rows += [Row(index, place, lines[place]) for place in range(start, end)]
            index, start = index + 1, 0
        return rows

    def _hold_end(self) -> None:
        room = self.height
        index = len(self.chat.messages) - 1
        size = len(self.chat.lines(index))
        while size < room and index:
            room -= size
            index -= 1
            size = len(self.chat.lines(index))
        self.index, self.offset = index, max(size - room, 0)

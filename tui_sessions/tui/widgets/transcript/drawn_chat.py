"""The messages of a chat with their heights, and the lines of those that were drawn lately."""

from __future__ import annotations

from collections.abc import Sequence

from tui_sessions.model.message import Message, SummaryPart, TextPart
from tui_sessions.tui.widgets.transcript.growing_reply import GrowingReply
from tui_sessions.tui.widgets.transcript.heights import Heights
from tui_sessions.tui.widgets.transcript.line import Line
from tui_sessions.tui.widgets.transcript.message_lines import Setting, all_folds, message_lines

_KEPT_LINES = 4000
_FOLD_SIZE = 40


class DrawnChat:
    """Draws messages when they are asked for; until then their heights are estimates."""

    def __init__(self) -> None:
        self.messages: Sequence[Message] = ()
        self.heights = Heights()
        self.setting = Setting()
        self.inherited = 0
        self.opened: dict[str, set[str]] = {}
        self.growing: dict[str, GrowingReply] = {}
        self._sizes: list[int] = []
        self._places: dict[str, int] | None = None
        self._lines: dict[int, list[Line]] = {}
        self._kept = 0
        self._own = False

    def show(self, messages: Sequence[Message], inherited: int) -> None:
        """Take other messages."""
        self.messages, self._own = messages, False
        self.inherited = inherited
        self.growing.clear()
        self._places = None
        self._sizes = [_size(message) for message in messages]
        self._estimate()

    def draw_with(self, setting: Setting) -> None:
        """Draw with another width or name from now on."""
        if setting != self.setting:
            self.setting = setting
            self._estimate()

    def lines(self, index: int) -> list[Line]:
        """The lines of a message, its height corrected to them."""
        lines = self._lines.pop(index, None)
        if lines is None:
            lines = self._draw(index)
            self._kept += len(lines)
            self.heights[index] = len(lines)
        self._lines[index] = lines
        if self._kept > _KEPT_LINES:
            self._drop_oldest()
        return lines

    def forget(self, index: int) -> None:
        """Draw a message anew when it is asked for next."""
        self._kept -= len(self._lines.pop(index, ()))

    def forget_all(self) -> None:
        """Draw everything anew when it is asked for next."""
        self._lines.clear()
        self._kept = 0

    def place_of(self, message_id: str | None) -> int | None:
        """Where a message stands; None when it is not here."""
        if self._places is None:
            self._places = {message.id: place for place, message in enumerate(self.messages)}
        return None if message_id is None else self._places.get(message_id)

    def append(self, message: Message) -> int:
        """Add a message at the end and return its place."""
        self._owned().append(message)
        place = len(self.messages) - 1
        if self._places is not None:
            self._places[message.id] = place
        self._sizes.append(_size(message))
        self.heights.append(self._height(self._sizes[-1]))
        return place

    def replace(self, place: int, message: Message) -> None:
        """Put another value of a message in its place; its height is corrected at once."""
        self._owned()[place] = message
        self._sizes[place] = _size(message)
        self.forget(place)
        self.lines(place)

    def remove(self, place: int) -> None:
        """Take a message out."""
        message = self._owned().pop(place)
        del self._sizes[place]
        self.opened.pop(message.id, None)
        self.growing.pop(message.id, None)
        self.inherited -= place < self.inherited
        heights = [self.heights[index] for index in range(len(self.heights)) if index != place]
        self.heights = Heights(heights)
        self._places = None
        self.forget_all()

    def folds(self, place: int) -> list[str]:
        """The folds of a message."""
        message = self.messages[place]
        reply = self.growing.get(message.id)
        return all_folds(reply.message() if reply else message)

    def _owned(self) -> list[Message]:
        if not self._own or not isinstance(self.messages, list):
            self.messages, self._own = list(self.messages), True
        return self.messages

    def _draw(self, index: int) -> list[Line]:
        message = self.messages[index]
        opened = self.opened.get(message.id, ())
        reply = self.growing.get(message.id)
        if reply is not None:
            return reply.lines(self.setting, opened)
        below = bool(self.inherited) and index == self.inherited - 1
        return message_lines(message, self.setting, opened, forked_below=below)

    def _drop_oldest(self) -> None:
        """Let go of what was not asked for lately, but never of a screenful."""
        screenful = 100 if self._kept < 40 * _KEPT_LINES else 4
        while self._kept > _KEPT_LINES and len(self._lines) > screenful:
            self.forget(next(iter(self._lines)))

    def _estimate(self) -> None:
        width = max(self.setting.width * 4 // 5, 1)
        self.heights = Heights([3 + size // width if size >= 0 else 2 for size in self._sizes])
        self.forget_all()

    def _height(self, size: int) -> int:
        return 3 + size // max(self.setting.width * 4 // 5, 1) if size >= 0 else 2


def _size(message: Message) -> int:
    """How much text of a message is shown, roughly; -1 for one folded line."""
    if message.hidden:
        return -1
    size = 0
    for part in message.content:
        size += len(part.text) if isinstance(part, (TextPart, SummaryPart)) else _FOLD_SIZE
    return size

"""The messages of a chat with their heights, and the lines of those that were drawn lately."""

from __future__ import annotations

from collections.abc import Iterator, MutableSequence, Sequence

from textual.content import Content

from tui_sessions.model.history import UNREAD, History
from tui_sessions.model.message import Message, Part, ToolCallPart, ToolResultPart
from tui_sessions.tui.widgets.transcript.around_message import around_message
from tui_sessions.tui.widgets.transcript.growing_reply import GrowingReply
from tui_sessions.tui.widgets.transcript.heights import Heights
from tui_sessions.tui.widgets.transcript.line import DIM, Line, blank_line
from tui_sessions.tui.widgets.transcript.message_lines import (
    AroundMessage,
    Setting,
    all_folds,
    message_lines,
)
from tui_sessions.tui.widgets.transcript.message_sizes import likely_heights, likely_sizes, size_of
from tui_sessions.tui.widgets.transcript.tool_pairs import reply_above
from tui_sessions.tui.widgets.transcript.tool_states import CallStates

_KEPT_LINES = 1000


class DrawnChat:
    """Draws messages when they are asked for; until then their heights are estimates."""

    def __init__(self) -> None:
        self.messages: Sequence[Message] = ()
        self.heights = Heights()
        self.setting = Setting()
        self.inherited = 0
        self.opened: dict[str, set[str]] = {}
        self.growing: dict[str, GrowingReply] = {}
        self.call_states: CallStates | None = None
        """The calls of the turn that is under way; None where no turn is."""
        self._sizes: list[int] = []
        self._places: dict[str, int] | None = None
        self._lines: dict[int, Sequence[Line]] = {}
        self._kept = 0
        self._own = False

    def show(self, messages: Sequence[Message], inherited: int) -> None:
        """Take other messages."""
        self.messages, self._own = messages, False
        self.inherited = inherited
        self.growing.clear()
        self.call_states = None
        self._places = None
        self._sizes = likely_sizes(messages, _unread(messages))
        self._estimate()

    def complete(self, messages: Sequence[Message]) -> bool:
        """Take the messages that were not read yet; False where the others are not the same."""
        unread = _unread(self.messages)
        if len(messages) != len(self.messages):
            return False
        if unread and _ids(messages[unread:]) != _ids(self.messages[unread:]):
            return False
        self.messages, self._own, self._places = messages, False, None
        for place in [place for place in self._lines if place < unread]:
            self.forget(place)
        return True

    def draw_with(self, setting: Setting) -> None:
        """Draw with another width or name from now on."""
        if setting != self.setting:
            self.setting = setting
            self._estimate()

    def lines(self, index: int) -> Sequence[Line]:
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
            self._places = {one: place for place, one in enumerate(_ids(self.messages))}
        return None if message_id is None else self._places.get(message_id)

    def append(self, message: Message) -> int:
        """Add a message at the end and return its place."""
        self._owned().append(message)
        place = len(self.messages) - 1
        if self._places is not None:
            self._places[message.id] = place
        size = size_of(message)
        self._sizes.append(size)
        self.heights.append(*likely_heights([size], self.setting.width))
        if place:
            self._draw_again(reply_above(self.messages, place - 1), place - 1)
        return place

    def replace(self, place: int, message: Message) -> None:
        """Put another value of a message in its place; its height is corrected at once."""
        self._owned()[place] = message
        self._sizes[place] = size_of(message)
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
        return all_folds(reply.message() if reply else message, self._around(place))

    def parts(self, place: int) -> Iterator[Part]:
        """What is drawn in a message's place: a call stands with its result."""
        message = self.messages[place]
        calls = any(isinstance(part, ToolCallPart) for part in message.content)
        if message.role != "tool" and not calls:
            yield from message.content
            return
        around = self._around(place)
        for part in message.content:
            if isinstance(part, ToolResultPart) and part.call_id in around.calls:
                yield around.calls[part.call_id]
            if not (isinstance(part, ToolCallPart) and part.id in around.answered):
                yield part
        yield from around.unanswered

    def follow_calls(self, states: CallStates | None) -> None:
        """Draw the calls of the last reply as far as they have come."""
        if states == self.call_states:
            return
        self.call_states = None if states is None else dict(states)
        if self.messages:
            last = len(self.messages) - 1
            self._draw_again(reply_above(self.messages, last), last)

    def _draw_again(self, first: int, last: int) -> None:
        """Draw messages that look different now, their heights corrected at once."""
        for place in range(first, last + 1):
            self.forget(place)
            self.lines(place)

    def _owned(self) -> MutableSequence[Message]:
        if not self._own or not isinstance(self.messages, MutableSequence):
            before = self.messages
            self.messages = before.copy() if isinstance(before, History) else [*before]
            self._own = True
        return self.messages

    def _draw(self, index: int) -> Sequence[Line]:
        message = self.messages[index]
        if message is UNREAD:
            return _unread_lines(self.heights[index])
        opened = self.opened.get(message.id, ())
        reply = self.growing.get(message.id)
        if reply is not None:
            return reply.lines(self.setting, opened)
        return message_lines(message, self.setting, opened, self._around(index))

    def _around(self, index: int) -> AroundMessage:
        return around_message(
            self.messages,
            index,
            inherited=self.inherited,
            running=self.call_states,
            keys=self.setting.keys,
        )

    def _drop_oldest(self) -> None:
        """Let go of what was not asked for lately, but never of a screenful."""
        screenful = 100 if self._kept < 40 * _KEPT_LINES else 4
        while self._kept > _KEPT_LINES and len(self._lines) > screenful:
            self.forget(next(iter(self._lines)))

    def _estimate(self) -> None:
        self.heights = Heights(likely_heights(self._sizes, self.setting.width))
        self.forget_all()


def _unread(messages: Sequence[Message]) -> int:
    """How many messages at the beginning are not read yet."""
    return messages.unread if isinstance(messages, History) else 0


def _unread_lines(height: int) -> list[Line]:
    """What stands where a message is being read: it takes as much room as it is likely to."""
    return [Line(Content.styled("…", DIM), source=""), *(blank_line() for _ in range(1, height))]


def _ids(messages: Sequence[Message]) -> Sequence[str]:
    if isinstance(messages, History):
        return messages.ids()
    return [message.id for message in messages]

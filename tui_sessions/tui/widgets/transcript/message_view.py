"""Messages on the scrolling surface: what is shown, the cursor, and replies on their way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from time import perf_counter

import msgspec
from textual.timer import Timer

from tui_sessions.model.history import UNREAD
from tui_sessions.model.message import Message, TextPart
from tui_sessions.tui.widgets.transcript.chat_view import ChatView
from tui_sessions.tui.widgets.transcript.cut_off import NextKeys
from tui_sessions.tui.widgets.transcript.growing_reply import GrowingReply
from tui_sessions.tui.widgets.transcript.markdown import code_blocks
from tui_sessions.tui.widgets.transcript.tool_states import CallStates
from tui_sessions.tui.widgets.transcript.view_state import ViewState
from tui_sessions.tui.widgets.transcript.wait import Wait

_FRAME_S = 1 / 40
_REST = 2
"""How many times as long as drawing a frame took, the next one is waited with at least."""
_TICK_S = 1.0


class MessageView(ChatView):
    """Shows a chat's messages, one of them under the cursor."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._cursor = 0
        self._flush_waits = False
        self._flush_due = 0.0
        self._countdown: Timer | None = None

    def cursor_moved(self) -> None:
        """Hear that the cursor stands on another message."""

    def messages_changed(self) -> None:
        """Hear that other messages are shown."""

    def show(
        self,
        messages: Sequence[Message],
        *,
        inherited: int = 0,
        agent_name: str = "",
        cursor: str | None = None,
        keep_position: bool = False,
    ) -> None:
        """Show other messages, from the end or from the message `cursor`.

        Args:
            messages: all of them, oldest first; read when they come into view, never copied.
            inherited: how many of them a fork took over.
            agent_name: how the header of a reply names the agent.
            cursor: the message to put the cursor on.
            keep_position: stay where the person is, as far as the messages are still there.
        """
        state = self.view_state() if keep_position else ViewState()
        self._drop_selection()
        setting = self.chat.setting
        self.chat.setting = msgspec.structs.replace(
            setting, width=self.body_width, agent_name=agent_name
        )
        self.chat.show(messages, inherited)
        self.messages_changed()
        self.restore(state)
        if cursor is not None:
            self.scroll_to_message(cursor)

    def complete(self, messages: Sequence[Message]) -> bool:
        """Take all messages of a chat of which only the end was there; the person stays in place.

        False where they do not end with what is shown: then nothing is done.
        """
        if not self.chat.complete(messages):
            return False
        self.update_view()
        return True

    def append(self, message: Message) -> None:
        """Add a message at the end; the end stays in view if it was."""
        place = self.chat.append(message)
        if self.following and self._cursor >= place - 1:
            self._put_cursor(place, moved=place == 0)
        self.update_view()

    def replace(self, message: Message) -> None:
        """Show another value of a message; it is added where it is not there yet."""
        place = self.chat.place_of(message.id)
        if place is None:
            self.append(message)
            return
        self.chat.replace(place, message)
        self.update_view()

    def remove_message(self, message_id: str) -> None:
        """Take a message out; the cursor stays in place."""
        place = self.chat.place_of(message_id)
        if place is None:
            return
        top = self.viewport.index
        self.chat.remove(place)
        if place < top:
            self.viewport.index -= 1
        elif place == top:
            self.viewport.offset = 0
            self.viewport.index = max(min(top, len(self.chat.messages) - 1), 0)
        self._put_cursor(self._cursor - (place < self._cursor), moved=place == self._cursor)
        self._drop_selection()
        self.messages_changed()
        self.update_view()

    def begin_reply(self, message: Message, *, elsewhere: bool = False) -> None:
        """Show a reply that is on its way, at the end; `elsewhere`: in another window."""
        place = self.chat.place_of(message.id)
        self.chat.growing[message.id] = GrowingReply(message, elsewhere=elsewhere)
        if place is None:
            self.append(message)
        else:
            self.chat.forget(place)
            self.update_view()

    def extend_reply(self, message_id: str, text: str, kind: str = "text") -> None:
        """Add to a reply, `kind` being `text` or `thinking`; drawn with the next frame."""
        reply = self.chat.growing.get(message_id)
        if reply is None:
            return
        reply.extend(text, kind)
        if not self.is_attached:
            self._flush_replies()
        elif not self._flush_waits:
            self._flush_waits = True
            rest = self._flush_due - perf_counter()
            if rest > 0:
                self.set_timer(rest, self._flush_replies)
            else:
                self.call_next(self._flush_replies)

    def hold_reply(self, message_id: str, until: datetime, reason: str) -> None:
        """Say why a reply waits, and count down until it goes on by itself."""
        reply = self.chat.growing.get(message_id)
        if reply is None:
            return
        reply.wait = Wait(until, reason)
        self._count_down()
        if self._countdown is None and self.is_attached:
            self._countdown = self.set_interval(_TICK_S, self._count_down)

    def _count_down(self) -> None:
        """Draw the waits one second shorter; without one, the clock stops."""
        if any(reply.wait is not None for reply in self.chat.growing.values()):
            self._flush_replies()
        elif self._countdown is not None:
            self._countdown.stop()
            self._countdown = None

    def name_agent(self, agent_name: str) -> None:
        """Name the agent in the headers of replies otherwise."""
        self.viewport.draw_with(msgspec.structs.replace(self.chat.setting, agent_name=agent_name))
        self.update_view()

    def name_keys(self, keys: NextKeys) -> None:
        """Name these keys where a reply is cut off."""
        self.viewport.draw_with(msgspec.structs.replace(self.chat.setting, keys=keys))
        self.update_view()

    def follow_calls(self, states: CallStates | None) -> None:
        """Show how far the tool calls of the turn that is under way are; None: none is."""
        self.chat.follow_calls(states)
        self.update_view()

    def end_reply(self, message: Message) -> None:
        """Show a reply as it is at its end."""
        self.chat.growing.pop(message.id, None)
        self.replace(message)

    def _flush_replies(self) -> None:
        self._flush_waits = False
        started = perf_counter()
        for message_id in self.chat.growing:
            place = self.chat.place_of(message_id)
            if place is not None:
                self.chat.forget(place)
                self.chat.lines(place)
        self.update_lines()
        took = perf_counter() - started
        self._flush_due = started + max(_FRAME_S, _REST * took)

    @property
    def cursor_message_id(self) -> str | None:
        """The id of the message under the cursor."""
        message = self.message_at_cursor()
        return message.id if message is not None else None

    def message_at_cursor(self) -> Message | None:
        """The message under the cursor, with what has arrived of it so far."""
        if not 0 <= self._cursor < len(self.chat.messages):
            return None
        message = self.chat.messages[self._cursor]
        if message is UNREAD:
            return None
        reply = self.chat.growing.get(message.id)
        return reply.message() if reply is not None else message

    def code_blocks_at_cursor(self) -> list[str]:
        """The code in the message under the cursor, as it was written."""
        message = self.message_at_cursor()
        parts = message.content if message is not None else ()
        return [
            code for part in parts if isinstance(part, TextPart) for code in code_blocks(part.text)
        ]

    def scroll_to_message(self, message_id: str) -> None:
        """Put the cursor on a message and bring it into view."""
        place = self.chat.place_of(message_id)
        if place is not None:
            self._go(place)

    def _go(self, place: int) -> None:
        place = max(min(place, len(self.chat.messages) - 1), 0)
        self._put_cursor(place)
        if self.chat.messages:
            self.viewport.reveal(place)
        self.update_view()

    def _drop_selection(self) -> None:
        """Select nothing: the selected lines are others now."""
        if self.is_attached and self.text_selection is not None:
            self.screen.clear_selection()

    def _put_cursor(self, place: int, *, moved: bool = False) -> None:
        place = max(min(place, len(self.chat.messages) - 1), 0)
        if place != self._cursor or moved:
            self._cursor = place
            self.cursor_moved()

    def view_state(self) -> ViewState:
        """Where the person is, for `restore`."""
        messages = self.chat.messages
        top = messages[self.viewport.index].id if messages else None
        return ViewState(
            cursor=self.cursor_message_id,
            top=top,
            offset=self.viewport.offset,
            following=self.following,
            opened={key: frozenset(folds) for key, folds in self.chat.opened.items() if folds},
        )

    def restore(self, state: ViewState) -> None:
        """Go back to where the person was, as far as it is still there."""
        self.chat.opened = {key: set(folds) for key, folds in state.opened.items()}
        self.chat.forget_all()
        cursor = self.chat.place_of(state.cursor) if state.cursor else None
        top = self.chat.place_of(state.top) if state.top else None
        if state.following or top is None:
            self.viewport.follow()
        else:
            self.viewport.hold(top, state.offset)
        self._put_cursor(len(self.chat.messages) - 1 if cursor is None else cursor, moved=True)
        self.update_view()

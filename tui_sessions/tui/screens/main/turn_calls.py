"""The tool calls of the turns that are under way, as far as the engine has told of them."""

from __future__ import annotations

from tui_sessions.model.events import (
    ReplyEnd,
    ReplyEvent,
    ReplyStarted,
    ReplyStep,
    ToolAsked,
    ToolDone,
    ToolStarted,
)
from tui_sessions.model.message import ToolCallPart, ToolResultPart
from tui_sessions.tui.widgets.transcript import CallState, CallStates

ChatKey = tuple[str, str]
"""A session's and a chat's id."""


class TurnCalls:
    """Which calls wait for a person, and how far the others are, by chat."""

    def __init__(self) -> None:
        self._states: dict[ChatKey, dict[str, CallState]] = {}
        self._asked: dict[ChatKey, dict[str, ToolAsked]] = {}

    def follow(self, event: ReplyEvent) -> None:
        """Take in what the engine told."""
        key = (event.session_id, event.chat_id)
        match event:
            case ReplyStarted():
                self._states[key] = {}
            case ReplyStep(message=message):
                calls = [part.id for part in message.content if isinstance(part, ToolCallPart)]
                self._states[key] = dict.fromkeys(calls, CallState.QUEUED)
            case ToolAsked(call=call):
                self._set(key, call.id, CallState.ASKED)
                self._asked.setdefault(key, {})[call.id] = event
            case ToolStarted(call=call):
                self._set(key, call.id, CallState.RUNNING)
            case ToolDone(message=message):
                for part in message.content:
                    if isinstance(part, ToolResultPart):
                        self._set(key, part.call_id, None)
            case ReplyEnd():
                self._states.pop(key, None)
                self._asked.pop(key, None)

    def answered(self, asked: ToolAsked, *, allowed: bool) -> None:
        """Note what the person said, before the engine tells what comes of it."""
        key = (asked.session_id, asked.chat_id)
        if asked.call.id in self._states.get(key, {}):
            self._set(key, asked.call.id, CallState.RUNNING if allowed else CallState.REFUSED)

    def states(self, key: ChatKey) -> CallStates | None:
        """How far the calls of a chat's running turn are; None where no turn runs."""
        return self._states.get(key)

    def waiting(self, key: ChatKey) -> list[ToolAsked]:
        """The calls of a chat that wait for a person, in the order they were asked."""
        return list(self._asked.get(key, {}).values())

    def waiting_chats(self) -> list[ChatKey]:
        """The chats that wait for a person, the longest waiting first."""
        return [key for key, calls in self._asked.items() if calls]

    def forget_session(self, session_id: str) -> None:
        """Drop what is known of a session that is gone."""
        for known in (self._states, self._asked):
            for key in [key for key in known if key[0] == session_id]:
                del known[key]

    def _set(self, key: ChatKey, call_id: str, state: CallState | None) -> None:
        states = self._states.setdefault(key, {})
        if state is None:
            states.pop(call_id, None)
        else:
            states[call_id] = state
        if state is not CallState.ASKED:
            asked = self._asked.get(key, {})
            asked.pop(call_id, None)
            if not asked:
                self._asked.pop(key, None)

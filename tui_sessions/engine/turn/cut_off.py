"""Where a turn broke off, and how it can go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tui_sessions.engine.turn.requests import after_last_prompt
from tui_sessions.model.message import Message, ToolCallPart, ToolResultPart

_BROKEN = ("partial", "stopped", "failed")


class CutOff(NamedTuple):
    """A turn that did not come to its end."""

    reply: Message | None = None
    """Its last reply; None where none had begun."""
    runs_tools: bool = False
    """It ends with tool calls: what they give comes next, not more of its text."""
    calls: Sequence[ToolCallPart] = ()
    """Those of the calls that have no result."""


def cut_off(messages: Sequence[Message]) -> CutOff | None:
    """How the last turn of a chat broke off; None where it is whole, or there is none."""
    start = after_last_prompt(messages)
    if not start:
        return None
    turn = messages[start:]
    place = next((p for p in range(len(turn) - 1, -1, -1) if _is_reply(turn[p])), None)
    if place is None:
        return CutOff()
    reply = turn[place]
    reason = reply.metadata.get("finish_reason")
    broken = reply.status in _BROKEN
    calls = [part for part in reply.content if isinstance(part, ToolCallPart)]
    if calls and (reason == "tool_call" or (broken and reply.content[-1] is calls[-1])):
        answered = _results(turn[place:])
        return CutOff(reply, True, [call for call in calls if call.id not in answered])
    return CutOff(reply) if broken or reason == "length" else None


def _is_reply(message: Message) -> bool:
    return message.role == "assistant" and not message.hidden


def _results(messages: Sequence[Message]) -> set[str]:
    """The calls that have a result."""
    return {
        part.call_id
        for message in messages
        for part in message.content
        if isinstance(part, ToolResultPart)
    }

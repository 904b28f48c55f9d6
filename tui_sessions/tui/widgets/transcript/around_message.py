"""What stands around a message in its chat, as far as the message looks different for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui_sessions.model.message import Message, ToolCallPart, ToolResultPart
from tui_sessions.tui.widgets.transcript.cut_off import NextKeys, next_steps
from tui_sessions.tui.widgets.transcript.message_lines import AroundMessage
from tui_sessions.tui.widgets.transcript.tool_pairs import (
    calls_before,
    is_answer,
    reply_above,
    results_below,
)
from tui_sessions.tui.widgets.transcript.tool_states import CallState, CallStates


def around_message(
    messages: Sequence[Message],
    index: int,
    *,
    inherited: int,
    running: CallStates | None,
    keys: NextKeys,
) -> AroundMessage:
    """What a message's look depends on besides itself.

    Args:
        messages: those of its chat.
        index: where it stands.
        inherited: how many of them come from the parent of a fork.
        running: the calls of the turn that is under way; None where no turn is.
        keys: what can be pressed where a reply was cut off.
    """
    is_last = index == len(messages) - 1
    follows = not is_last and _is_answer(messages, index + 1)
    calls: dict[str, ToolCallPart] = {}
    answered: list[str] = []
    unanswered: list[ToolCallPart] = []
    if messages[index].role == "tool":
        calls = calls_before(messages, index)
        if not follows and _is_answer(messages, index):
            unanswered = _unanswered(messages, reply_above(messages, index), calls.values())
    elif follows:
        answered = [call.id for call in _calls_of(messages[index])]
    return AroundMessage(
        calls=calls,
        answered=answered,
        unanswered=unanswered,
        states=_states(messages, index, running),
        results_follow=follows,
        next_steps=next_steps(messages, keys) if is_last and running is None else "",
        forked_below=bool(inherited) and index == inherited - 1,
    )


def _states(messages: Sequence[Message], index: int, running: CallStates | None) -> CallStates:
    """How far the calls of a turn are whose results do not stand below them."""
    place = reply_above(messages, index)
    calls = {call.id: call for call in _calls_of(messages[place])}
    open_calls = [call.id for call in _unanswered(messages, place, calls.values())] if calls else []
    if not open_calls:
        return {}
    if running is not None and reply_above(messages, len(messages) - 1) == place:
        return {call: running.get(call, CallState.QUEUED) for call in open_calls}
    later = {
        part.call_id
        for message in messages[place + 1 : place + 50]
        for part in message.content
        if isinstance(part, ToolResultPart)
    }
    return {call: CallState.LOST for call in open_calls if call not in later}


def _unanswered(
    messages: Sequence[Message], index: int, calls: Iterable[ToolCallPart]
) -> list[ToolCallPart]:
    answered = results_below(messages, index)
    return [call for call in calls if call.id not in answered]


def _calls_of(message: Message) -> list[ToolCallPart]:
    return [part for part in message.content if isinstance(part, ToolCallPart)]


def _is_answer(messages: Sequence[Message], index: int) -> bool:
    return is_answer(messages[index], calls_before(messages, index))

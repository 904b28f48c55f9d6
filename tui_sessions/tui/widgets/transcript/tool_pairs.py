"""Which tool calls and results belong together, looked up among the messages around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui_sessions.model.message import Message, Part, ToolCallPart, ToolResultPart

_REACH = 200
"""Messages around one that are looked at."""


def calls_before(messages: Sequence[Message], index: int) -> dict[str, ToolCallPart]:
    """The calls of the reply right above, with nothing but results in between, by their ids."""
    for other in range(index - 1, max(index - _REACH, -1), -1):
        message = messages[other]
        if message.role == "assistant" and not message.hidden:
            return {part.id: part for part in message.content if isinstance(part, ToolCallPart)}
        if message.role == "user" and not message.hidden:
            break
    return {}


def results_below(messages: Sequence[Message], index: int) -> set[str]:
    """The calls whose results stand right below a reply."""
    return {
        part.call_id
        for other in _turn_below(messages, index)
        if (message := messages[other]).role == "tool" and not message.hidden
        for part in message.content
        if isinstance(part, ToolResultPart)
    }


def reply_above(messages: Sequence[Message], index: int) -> int:
    """Where the reply stands that the results at a place belong to; the place itself else."""
    place = index
    while place > 0 and index - place < _REACH and messages[place].role == "tool":
        place -= 1
    return place


def has_open_calls(messages: Sequence[Message]) -> bool:
    """Whether a chat ends with tool calls that have no result yet."""
    if not messages:
        return False
    place = reply_above(messages, len(messages) - 1)
    answered = results_below(messages, place)
    return any(
        isinstance(part, ToolCallPart) and part.id not in answered
        for part in messages[place].content
    )


def is_answer(message: Message, calls: dict[str, ToolCallPart]) -> bool:
    """Whether a message is nothing but results of these calls."""
    return (
        message.role == "tool"
        and not message.hidden
        and bool(message.content)
        and all(_answers(part, calls) for part in message.content)
    )


def _answers(part: Part, calls: dict[str, ToolCallPart]) -> bool:
    return isinstance(part, ToolResultPart) and part.call_id in calls


def _turn_below(messages: Sequence[Message], index: int) -> Iterator[int]:
    for other in range(index + 1, min(index + _REACH, len(messages))):
        message = messages[other]
        if message.role != "tool" and not message.hidden:
            return
        yield other

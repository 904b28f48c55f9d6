"""A history as any model can take it, whichever tool and model it was had with.

Nothing of this changes what is kept: it is done to the messages that are about to be sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, groupby

import msgspec

from tui_sessions.model.message import Message, OpaquePart, Part, ToolCallPart, ToolResultPart

LONGEST_RESULT = 8_000
"""Characters of a tool's result in a turn that is over; most of a history is such results."""


def sendable(messages: Sequence[Message]) -> list[Message]:
    """The messages with what only their own tool could use left out.

    - Parts of unknown types are left out.
    - A result that stands in a reply, as tools of the endpoint give it, becomes a message after it.
    - Each call has an id of its own, and at most one result.
    - Results of the turns that are over are cut where they are very long, and say so.
    """
    last_prompt = max(
        (place for place, m in enumerate(messages) if m.role == "user" and not m.hidden),
        default=len(messages),
    )
    over = [_shortened(message) for message in messages[:last_prompt]]
    known = (_known(message) for message in (*over, *messages[last_prompt:]))
    apart = [part for message in known for part in _results_apart(message)]
    return list(_paired(apart))


def _shortened(message: Message) -> Message:
    content = tuple(_short(part) for part in message.content)
    return message if content == message.content else _with(message, content)


def _short(part: Part) -> Part:
    return cut_result(part, LONGEST_RESULT) if isinstance(part, ToolResultPart) else part


def cut_result(part: ToolResultPart, longest: int) -> ToolResultPart:
    """The beginning and the end of a result that is longer than it may be, and a mark between."""
    left_out = len(part.text) - longest
    if left_out <= 0:
        return part
    tail = longest // 4
    head, end = part.text[: longest - tail], part.text[-tail:]
    text = f"{head}\n[… {left_out:,} characters left out …]\n{end}"
    return msgspec.structs.replace(part, text=text)


def _known(message: Message) -> Message:
    content = tuple(part for part in message.content if not isinstance(part, OpaquePart))
    return message if len(content) == len(message.content) else _with(message, content)


def _results_apart(message: Message) -> Iterator[Message]:
    """A reply without results is itself; another one is cut before and after each of them."""
    if message.role != "assistant":
        yield message
        return
    for is_result, parts in groupby(message.content, lambda p: isinstance(p, ToolResultPart)):
        split = _with(message, tuple(parts))
        yield msgspec.structs.replace(split, role="tool") if is_result else split


def _paired(messages: Iterable[Message]) -> Iterator[Message]:
    numbers = count(2)
    used: set[str] = set()
    waiting: dict[str, str] = {}
    """The ids that calls without a result are sent with, by the ids they have in the history."""
    for message in messages:
        content: list[Part] = []
        for part in message.content:
            if isinstance(part, ToolCallPart):
                own = part.id
                while own in used:
                    own = f"{part.id}-{next(numbers)}"
                used.add(own)
                waiting[part.id] = own
                content.append(msgspec.structs.replace(part, id=own))
            elif isinstance(part, ToolResultPart):
                known = waiting.pop(part.call_id, None)
                if known is None and part.call_id in used:
                    # A second result of one call: an update of what was told already.
                    continue
                content.append(msgspec.structs.replace(part, call_id=known or part.call_id))
            else:
                content.append(part)
        if content:
            yield _with(message, tuple(content))


def _with(message: Message, content: tuple[Part, ...]) -> Message:
    return msgspec.structs.replace(message, content=content)

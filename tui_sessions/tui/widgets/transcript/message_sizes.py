"""How much of each message is shown, roughly, and how tall it is likely to be for that."""

from __future__ import annotations

from collections.abc import Sequence

from tui_sessions.model.message import Message, SummaryPart, TextPart

_FOLD_SIZE = 40
_MEASURED = 400
"""Of longer chats only so many messages tell how long the others are likely to be."""


def likely_sizes(messages: Sequence[Message], unread: int) -> list[int]:
    """How much text of each message is shown: no long chat is read as a whole for it.

    Args:
        messages: all of them.
        unread: how many at the beginning are not read yet.
    """
    if len(messages) <= _MEASURED:
        return [size_of(message) for message in messages]
    there = messages[unread:]
    step = max(len(there) // (_MEASURED // 8), 1)
    samples = [size_of(message) for message in there[::step]]
    likely = [sum(samples) // len(samples)] * len(messages)
    likely[-len(samples) :] = [size_of(message) for message in messages[-len(samples) :]]
    return likely


def size_of(message: Message) -> int:
    """How much text of a message is shown, roughly; -1 for one folded line."""
    if message.hidden or message.role == "tool":
        return -1
    size = 0
    for part in message.content:
        size += len(part.text) if isinstance(part, (TextPart, SummaryPart)) else _FOLD_SIZE
    return size


def likely_heights(sizes: Sequence[int], width: int) -> list[int]:
    """The lines that messages of these sizes are likely to take in so many columns."""
    in_a_line = max(width * 4 // 5, 1)
    return [3 + size // in_a_line if size >= 0 else 2 for size in sizes]

"""Replies in which the results of tools stand between what the model wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from tui_sessions.model.message import Message, Part, TextPart, ThinkingPart


@dataclass(slots=True)
class _Step:
    """What the model wrote up to its calls, and what those gave back."""

    written: list[Part] = field(default_factory=list)
    results: list[Part] = field(default_factory=list)


def reply_messages(reply: Message, parts: Iterable[tuple[str, Part]]) -> list[Message]:
    """A reply as messages: what the model wrote, and after each round of calls their results.

    Args:
        reply: the message without its content; the first one made keeps its id and usage.
        parts: in the source's order, each with its role, `assistant` or `tool`.
    """
    steps = [_Step()]
    for role, part in parts:
        if role == "tool":
            steps[-1].results.append(part)
            continue
        if steps[-1].results and isinstance(part, (TextPart, ThinkingPart)):
            steps.append(_Step())
        steps[-1].written.append(part)
    made: list[Message] = []
    for number, step in enumerate(steps, 1):
        name = reply.id if number == 1 else f"{reply.id}-step{number}"
        later = {} if number == 1 else {"usage": None, "elapsed_s": None}
        if step.written or not step.results:
            content = tuple(step.written)
            made.append(msgspec.structs.replace(reply, id=name, content=content, **later))
        if step.results:
            results = Message(
                id=f"{name}-results",
                role="tool",
                content=tuple(step.results),
                created_at=reply.created_at,
                hidden=reply.hidden,
                metadata=reply.metadata,
            )
            made.append(results)
    return made

"""Which messages of a chat are sent to its agent."""

from __future__ import annotations

from collections.abc import Sequence

from tui_sessions.model.message import Message, SummaryPart, TextPart


def messages_to_send(messages: Sequence[Message], max_messages: int | None) -> list[Message]:
    """All that say something, from the last summary on; at most `max_messages`.

    System messages stay in any case, those before the summary too; but of several summaries only
    the last, which tells what the others told. The newest of all stays in any case: it is the
    question. What is left begins with a question where there is one: a reply without its question,
    or a tool's result without its call, is of no use and refused by some.

    Nothing is taken from the chat itself.
    """
    start = last_summary(messages)
    before = [m for m in messages[: max(start, 0)] if m.role == "system" and not is_summary(m)]
    sent = [m for m in [*before, *messages[max(start, 0) :]] if _says_something(m)]
    if max_messages is None or len(sent) <= max_messages:
        return sent
    room = max(max_messages - sum(message.role == "system" for message in sent), 1)
    others = [message for message in sent if message.role != "system"]
    kept = {message.id for message in _from_a_question(others[len(others) - room :])}
    return [message for message in sent if message.role == "system" or message.id in kept]


def _from_a_question(messages: Sequence[Message]) -> Sequence[Message]:
    asked = (place for place, m in enumerate(messages) if m.role == "user" and not m.hidden)
    return messages[next(asked, 0) :]


def last_summary(messages: Sequence[Message]) -> int:
    """Where the summary stands that everything before it can be left out for; -1: nowhere."""
    for place in range(len(messages) - 1, -1, -1):
        if is_summary(messages[place]):
            return place
    return -1


def is_summary(message: Message) -> bool:
    """Whether a message stands for all that was said before it."""
    return (
        message.role == "system"
        and message.status != "failed"
        and any(isinstance(part, SummaryPart) and part.text.strip() for part in message.content)
    )


def summarisable(messages: Sequence[Message]) -> list[Message]:
    """What was said since the last summary, and would be sent: what a new summary has to cover."""
    recent = messages[last_summary(messages) + 1 :]
    return [m for m in recent if m.role != "system" and _says_something(m)]


def _says_something(message: Message) -> bool:
    """Blank text says nothing: endpoints refuse it."""
    parts = message.content
    blank = all(isinstance(part, TextPart) and not part.text.strip() for part in parts)
    return not blank and message.status != "failed"

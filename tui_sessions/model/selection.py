"""Which messages of a chat are sent to its agent."""

from __future__ import annotations

from collections.abc import Sequence

from tui_sessions.model.message import Message


def messages_to_send(messages: Sequence[Message], max_messages: int | None) -> list[Message]:
    """All that say something; at most `max_messages`, where system messages and the newest stay.

    The newest of all stays in any case: it is the question.

    Nothing is taken from the chat itself.
    """
    sent = [message for message in messages if message.content and message.status != "failed"]
    if max_messages is None or len(sent) <= max_messages:
        return sent
    room = max(max_messages - sum(message.role == "system" for message in sent), 1)
    others = [message.id for message in sent if message.role != "system"]
    kept = set(others[len(others) - room :])
    return [message for message in sent if message.role == "system" or message.id in kept]

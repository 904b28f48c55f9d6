"""What of a chat is sent with a turn's request."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from tui_sessions.engine.turn.tool_calls import shortened
from tui_sessions.model.codec import own_message
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.message import Message, Part, TextPart, ToolResultPart
from tui_sessions.model.selection import messages_to_send
from tui_sessions.model.sendable import sendable

GO_ON = (
    "Your last reply was cut off. Go on with it from exactly where it ends: repeat nothing of it, "
    "and do not mention the interruption."
)


def sent_messages(
    messages: Sequence[Message],
    *,
    max_messages: int | None,
    longest_result: int,
    without: Collection[str] = (),
    continues: str | None = None,
) -> list[Message]:
    """The messages of a request, sharing nothing with the chat.

    Args:
        messages: the chat's.
        max_messages: how many at most; those of the turn itself are sent in any case.
        longest_result: characters of a tool's result that are sent.
        without: ids of messages that the reply takes the place of.
        continues: the id of the reply to go on with; nothing after it is sent.
    """
    chat = [message for message in messages if message.id not in without]
    if continues is not None:
        chat = _up_to(chat, continues)
    if max_messages is not None:
        turn = len(chat) - max(after_last_prompt(chat) - 1, 0)
        systems = sum(message.role == "system" for message in chat)
        max_messages = max(max_messages, systems + turn)
    sent = [
        _with_short_results(own_message(message), longest_result)
        for message in sendable(messages_to_send(chat, max_messages))
    ]
    if sent and sent[-1].id == continues and sent[-1].text:
        sent.append(Message(id=new_id(), hidden=True, content=(TextPart(GO_ON),)))
    return sent


def after_last_prompt(messages: Sequence[Message]) -> int:
    """Where the reply to the last prompt begins; 0 where there is no prompt."""
    for place in range(len(messages), 0, -1):
        if messages[place - 1].role == "user" and not messages[place - 1].hidden:
            return place
    return 0


def _up_to(messages: Sequence[Message], message_id: str) -> list[Message]:
    """The messages up to one, which counts whatever became of it."""
    place = next((p for p, m in enumerate(messages) if m.id == message_id), len(messages) - 1)
    last = msgspec.structs.replace(messages[place], status="partial", error=None)
    return [*messages[:place], last]


def _with_short_results(message: Message, longest: int) -> Message:
    if not any(isinstance(part, ToolResultPart) for part in message.content):
        return message
    content = tuple(_short(part, longest) for part in message.content)
    return msgspec.structs.replace(message, content=content)


def _short(part: Part, longest: int) -> Part:
    if not isinstance(part, ToolResultPart):
        return part
    return msgspec.structs.replace(part, text=shortened(part.text, longest))

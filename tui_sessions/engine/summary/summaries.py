"""Summaries as messages: what they look like, and where in a chat they go."""

from __future__ import annotations

from typing import Any

import msgspec

from tui_sessions.engine.summary.summariser import Summariser
from tui_sessions.errors import MessageNotFound
from tui_sessions.model.changes import Change, PutMessage, RemoveMessage, SetFields
from tui_sessions.model.codec import message_data
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.message import Message, SummaryPart


class SummaryDraft:
    """A summary that is being made."""

    def __init__(self) -> None:
        self.message_id = new_id()
        """The id that it will have."""
        self.summariser: Summariser | None = None
        """Who makes it, once that is known."""

    def message(self) -> Message:
        """The summary as far as it has come."""
        text = self.summariser.text if self.summariser else ""
        return summary_message(self.message_id, text, status="partial")

    def kept(self, reply: Message, covered: str, child_id: str) -> Message:
        """The summary as it is kept: with what it cost, and what it stands for.

        Args:
            reply: the model's.
            covered: the id of the last message that it covers.
            child_id: the id of the session that begins with it.
        """
        marks = {"message_id": covered, "session_id": child_id}
        return summary_message(
            self.message_id,
            reply.text.strip(),
            model=reply.model,
            usage=reply.usage,
            metadata={**reply.metadata, "checkpoint": marks},
        )


def summary_message(message_id: str, text: str, **fields: Any) -> Message:
    """A message that stands for what was said before it."""
    message = Message.from_text("system", "", id=message_id, **fields)
    return msgspec.structs.replace(message, content=(SummaryPart(text),))


def insertion(
    document: SessionDocument, chat_id: str, after: str, message: Message
) -> list[Change]:
    """What puts a message right behind another one.

    Raises:
        MessageNotFound: the other one is gone.
    """
    place = document.place_of(chat_id, after)
    chat = document.chat_data(chat_id)
    if place is None or chat is None:
        raise MessageNotFound(document.id, after)
    put = PutMessage(chat=chat_id, value=message_data(message))
    following: list[dict[str, Any]] = chat["messages"][place + 1 :]
    if not following:
        return [put]
    changes: list[Change] = [
        RemoveMessage(chat=chat_id, message=following[0]["id"], following=True),
        put,
        *(PutMessage(chat=chat_id, value=data) for data in following),
    ]
    inherited = chat.get("inherited") or 0
    if inherited > place + 1:
        # What came with a fork stays apart from what this session used itself.
        changes.append(SetFields(fields={"inherited": inherited + 1}, chat=chat_id))
    return changes

"""What a child takes over of its parent's chats: up to where, and without what is on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_sessions.engine.arguments import checked_text
from tui_sessions.engine.engine import Engine
from tui_sessions.errors import MessageNotFound
from tui_sessions.model.codec import own_json
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.spent import SPENT


class InheritedChats:
    """Copies chats for children; what a turn is still working on is left out."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def chat_at(self, parent: SessionDocument, message_id: str, chat_id: str | None) -> str:
        """The chat that holds the fork point, which must have arrived whole.

        Raises:
            MessageNotFound: it is in none, not in this one, or still on its way.
        """
        message_id = checked_text("message id", message_id)
        found = chat_id if chat_id is not None else parent.chat_of(message_id)
        if found is None or parent.chat_data(found) is None:
            raise MessageNotFound(parent.id, message_id)
        turn = self._engine.turns.get((parent.id, found))
        growing = turn is not None and turn.message_id == message_id
        if turn is None and (parent.id, found) in self._engine.claims.elsewhere:
            last = parent.messages(found)[-1:]
            growing = any(one.id == message_id and one.status == "partial" for one in last)
        if growing or parent.place_of(found, message_id) is None:
            raise MessageNotFound(parent.id, message_id)
        return found

    def chat_copy(
        self, session_id: str, chat: Mapping[str, Any], at: str | None, detached: bool
    ) -> dict[str, Any]:
        """The JSON of a chat as a child has it; it shares the messages, which never change."""
        messages = [] if detached else list(chat["messages"])
        turn = self._engine.turns.get((session_id, chat["id"]))
        if turn is not None:
            messages = [message for message in messages if message["id"] != turn.message_id]
        elif (session_id, chat["id"]) in self._engine.claims.elsewhere and grows(messages):
            messages.pop()
        if at is not None and not detached:
            place = next(i for i, message in enumerate(messages) if message["id"] == at)
            messages = messages[: place + 1]
        head = {key: value for key, value in chat.items() if key not in ("messages", SPENT)}
        return {**own_json(head), "messages": messages, "inherited": len(messages)}


def last_id(chats: Sequence[Mapping[str, Any]], chat_id: str | None) -> str | None:
    """The id of the last message of one of several chats."""
    for chat in chats:
        if chat["id"] == chat_id and chat["messages"]:
            return str(chat["messages"][-1]["id"])
    return None


def grows(messages: Sequence[Mapping[str, Any]]) -> bool:
    """Whether messages end with a reply that has not come to its end."""
    last = messages[-1] if messages else {}
    return last.get("role") == "assistant" and last.get("status") == "partial"

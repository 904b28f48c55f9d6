"""Deleting chats of a session, and putting them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tui_sessions.engine.documents.chats import check_chat_there
from tui_sessions.engine.long_chats import of_many
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.sessions.session_states import check_writable, tell_switched
from tui_sessions.errors import InvalidValue
from tui_sessions.model.changes import AddChat, RemoveChat
from tui_sessions.model.codec import json_object
from tui_sessions.model.format import DocumentError, check_chat
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.session import Chat, Session
from tui_sessions.model.spent import chat_returned, with_spent


class DeletingChats(Room):
    """Takes chats out of a session, and puts back what was taken."""

    async def delete_chat(self, session_id: str, chat_id: str) -> Session:
        """Delete a chat; if it was active, the first that remains becomes active.

        Raises:
            ChatNotFound: it is none of this session's.
            SessionStateError: the session has expired.
        """
        before = await self._sessions.read(session_id)
        check_writable(before, "delete_chat")
        check_chat_there(before, chat_id)
        turn = self._engine.turns.get((session_id, chat_id))
        if turn is not None:
            await turn.stop()
        await self._engine.claims.end(session_id, chat_id)
        async with self._sessions.edit(session_id) as document:
            check_writable(document, "delete_chat")
            check_chat_there(document, chat_id)
            active = document.head.active_chat_id
            removal = with_spent(document, [RemoveChat(chat=chat_id)])
            session = await self._saving.commit(session_id, removal)
        if session.active_chat_id != active:
            tell_switched(self._engine.bus, session)
        return session

    async def restore_chat(self, session_id: str, chat: Mapping[str, Any]) -> Session:
        """Put back a chat that was deleted, as `chat_json` gave it.

        Raises:
            InvalidValue: it is no chat, or its id is taken.
            SessionLimitError: the session has as many chats as it may.
        """
        data = _checked_chat(chat)
        async with self._sessions.edit(session_id) as document:
            session = document.head
            check_writable(session, "restore_chat")
            self._limits.check_chats(session)
            if session.chat(data["id"]):
                raise InvalidValue("chat id", data["id"], "one that no other chat has")
            changes = [AddChat(value=data), *chat_returned(document, data)]
            return await self._saving.commit(session_id, changes)

    async def chat_json(self, session_id: str, chat_id: str) -> dict[str, Any]:
        """A chat as its file has it, messages included; the caller's own."""
        document = await self._sessions.read(session_id)
        check_chat_there(document, chat_id)
        data = document.chat_data(chat_id) or {}
        return await of_many(len(data["messages"]), lambda: _copied(data))


def _copied(chat: dict[str, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(chat))
    return copied


def _checked_chat(chat: Mapping[str, Any]) -> dict[str, Any]:
    """A chat's JSON as one of our own."""
    data = json_object("chat", chat)
    check_id(data.get("id"), "chat id")
    try:
        check_chat(data)
        msgspec.convert({k: v for k, v in data.items() if k != "messages" and v is not None}, Chat)
    except (DocumentError, msgspec.ValidationError) as error:
        raise InvalidValue("chat", data["id"], f"a chat as its file has it: {error}") from error
    return data

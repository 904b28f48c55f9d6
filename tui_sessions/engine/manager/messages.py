"""Changing the messages of a chat, apart from the turns that make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_sessions.engine.arguments import checked_list, checked_text
from tui_sessions.engine.documents.chats import check_chat_there, chosen_chat
from tui_sessions.engine.given_messages import as_message, as_parts, label_changes
from tui_sessions.engine.kept_files import taken_in
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.sessions.session_states import check_writable
from tui_sessions.errors import InvalidValue, MessageNotFound
from tui_sessions.model.changes import (
    Change,
    ClearChat,
    PutMessage,
    RemoveMessage,
    SetFields,
    SetMessage,
)
from tui_sessions.model.clock import written_now
from tui_sessions.model.codec import (
    json_object,
    message_data,
    message_from,
    messages_from,
    own_message,
    parts_data,
)
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.message import Message, Part, TextPart
from tui_sessions.model.session import Session
from tui_sessions.model.spent import history_replaced, with_spent
from tui_sessions.model.unknown_keys import with_unknown_keys


class Messages(Room):
    """Adding to what was said, and changing it."""

    async def add_message(
        self,
        session_id: str,
        content: str | Sequence[Part] | Message,
        *,
        role: str = "user",
        chat_id: str | None = None,
        hidden: bool = False,
    ) -> Message:
        """Add a message without asking an agent.

        Args:
            session_id: the session's.
            content: text, parts, or a whole message; one with a known id replaces it. The data of
                pictures is kept in files beside the session, and a picture that is named by its
                path is read now.
            role: `system`, `user`, `assistant` or `tool`, unless a whole message is given.
            chat_id: the active chat by default; the first chat is made where there is none.
            hidden: neither a prompt nor a reply nor a label.

        Raises:
            SessionLimitError: the chat has as many messages as it may.
        """
        message = await taken_in(as_message(content, role, hidden=hidden))
        kept: list[PutMessage] = []

        async def put(document: SessionDocument) -> list[Change]:
            check_writable(document, "add_message")
            chosen, made = await self._agents.place_for(document, chat_id)
            if isinstance(content, Message) and document.chat_of(message.id) not in (None, chosen):
                raise InvalidValue(
                    "message id", message.id, "an id that no other chat of the session has"
                )
            if made or document.place_of(chosen, message.id) is None:
                self._limits.check_fits(document, chosen, 1)
            kept[:] = [PutMessage(chat=chosen, value=message_data(message))]
            return [*made, *kept, *label_changes(document, message)]

        await self._sessions.amend(session_id, put)
        if all(isinstance(part, TextPart) for part in message.content):
            return message
        return message_from(kept[0].value)  # its pictures may have gone into files

    async def edit_message(
        self, session_id: str, message_id: str, content: str | Sequence[Part]
    ) -> Message:
        """Change what a message says; its time, role and usage stay.

        Raises:
            MessageNotFound: no chat of the session holds it.
            SessionBusy: its chat is answering.
        """
        async with self._sessions.edit(session_id) as document:
            chat_id = await self._chat_with(document, message_id, "edit_message")
            place = document.place_of(chat_id, message_id) or 0
            metadata = {**document.messages(chat_id)[place].metadata, "edited_at": written_now()}
            edited_to = await taken_in(as_message(as_parts(content), "user"))
            fields = {"content": parts_data(edited_to.content), "metadata": metadata}
            change = SetMessage(chat=chat_id, message=message_id, fields=fields)
            await self._saving.commit(session_id, with_unknown_keys(document, [change]))
            edited = await self._engine.documents.read(session_id)
            return own_message(edited.messages(chat_id)[place])

    async def delete_message(self, session_id: str, message_id: str) -> Session:
        """Take a message out of its chat; what it used stays counted.

        Raises:
            MessageNotFound: no chat of the session holds it.
            SessionBusy: its chat is answering.
        """
        async with self._sessions.edit(session_id) as document:
            chat_id = await self._chat_with(document, message_id, "delete_message")
            removal = [RemoveMessage(chat=chat_id, message=message_id)]
            return await self._saving.commit(session_id, with_spent(document, removal))

    async def clear_history(self, session_id: str, chat_id: str | None = None) -> Session:
        """Take all messages out of a chat; what they used stays counted.

        Raises:
            SessionBusy: the chat is answering.
        """
        async with self._sessions.edit(session_id) as document:
            check_writable(document, "clear_history")
            chosen = chosen_chat(document, chat_id)
            await self._busy.check_free(session_id, chosen)
            return await self._saving.commit(
                session_id, with_spent(document, [ClearChat(chat=chosen)])
            )

    async def replace_history(
        self, session_id: str, chat_id: str, messages: Sequence[Message | Mapping[str, Any]]
    ) -> Session:
        """Put these messages in the place of a chat's, as when a deletion is undone.

        With their JSON, as `chat_json` gives it, what other programs keep in them stays.
        """
        values = [_message_json(message) for message in checked_list("messages", messages)]
        messages = messages_from(values)
        async with self._sessions.edit(session_id) as document:
            check_writable(document, "replace_history")
            check_chat_there(document, chat_id)
            await self._busy.check_free(session_id, chat_id)
            inherited = (document.chat_data(chat_id) or {}).get("inherited") or 0
            kept = {m.id for m in document.messages(chat_id)[:inherited]}
            count = sum(m.id in kept for m in messages)
            puts = with_unknown_keys(
                document, [PutMessage(chat=chat_id, value=value) for value in values]
            )
            self._limits.check_fits(document, chat_id, len(messages), instead=True)
            marks = SetFields(fields={"inherited": count}, chat=chat_id)
            spent = history_replaced(document, chat_id, messages[count:])
            return await self._saving.commit(
                session_id, [ClearChat(chat=chat_id), *puts, marks, *spent]
            )

    async def _chat_with(self, document: SessionDocument, message_id: str, operation: str) -> str:
        """The idle, writable chat that holds a message."""
        check_writable(document, operation)
        chat_id = document.chat_of(checked_text("message id", message_id))
        if chat_id is None:
            raise MessageNotFound(document.id, message_id)
        await self._busy.check_free(document.id, chat_id)
        return chat_id


def _message_json(message: Message | Mapping[str, Any]) -> dict[str, Any]:
    """A message as a file has it, of its JSON or of the value."""
    if not isinstance(message, Mapping):
        return message_data(as_message(message, "user"))
    data = json_object("message", message)
    if not isinstance(data.get("id"), str):
        raise InvalidValue("message", message, "the JSON of a message, with its id")
    return data

"""The messages of a chat, apart from the turns that make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_sessions.engine.arguments import checked_list, checked_text
from tui_sessions.engine.kept_files import taken_in
from tui_sessions.engine.manager.chats import Chats, check_writable
from tui_sessions.engine.manager.core import moment
from tui_sessions.engine.manager.given_messages import as_message, as_parts, label_changes
from tui_sessions.errors import FileNotKept, InvalidValue, MessageNotFound, SessionBusy
from tui_sessions.model.changes import (
    Change,
    ClearChat,
    PutMessage,
    RemoveMessage,
    SetFields,
    SetMessage,
)
from tui_sessions.model.codec import (
    json_object,
    message_data,
    message_from,
    messages_from,
    own_message,
    own_messages,
    parts_data,
)
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.history import History
from tui_sessions.model.kept_files import kept_name
from tui_sessions.model.message import Message, Part, TextPart
from tui_sessions.model.session import Session
from tui_sessions.model.spent import history_replaced, with_spent
from tui_sessions.model.unknown_keys import with_unknown_keys
from tui_sessions.stores.base import FileKeeping


class Messages(Chats):
    """Reading and changing what was said."""

    async def history(self, session_id: str, chat_id: str | None = None) -> list[Message]:
        """The messages of a chat, oldest first; the active chat's by default.

        A session without a chat has no messages. A reply that is on its way is there as far as it
        is on disk, with the status `partial`.

        Raises:
            ChatNotFound: the session has no such chat.
        """
        document = await self._read(session_id)
        if chat_id is None and not document.data["chats"]:
            return []
        await self._decoded(document, self._chat_id(document, chat_id))
        messages = self._messages(document, self._chat_id(document, chat_id))
        return own_messages(messages)

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
            chosen, made = await self._place_for(document, chat_id)
            if isinstance(content, Message) and document.chat_of(message.id) not in (None, chosen):
                raise InvalidValue(
                    "message id", message.id, "an id that no other chat of the session has"
                )
            if made or document.place_of(chosen, message.id) is None:
                self._check_fits(document, chosen, 1)
            kept[:] = [PutMessage(chat=chosen, value=message_data(message))]
            return [*made, *kept, *label_changes(document, message)]

        await self._amend(session_id, put)
        if all(isinstance(part, TextPart) for part in message.content):
            return message
        return message_from(kept[0].value)  # its pictures may have gone into files

    async def read_file(self, session_id: str, path: str) -> bytes:
        """A picture or file that is kept beside the session.

        ```python
        for part in message.content:
            if isinstance(part, ImagePart) and part.path:
                data = await manager.read_file(session.id, part.path)
        ```

        Args:
            session_id: the session's.
            path: the `path` of a part of one of its messages, `files/<name>`.

        Raises:
            FileNotKept: there is none, or the path is that of something else.
        """
        await self._read(session_id)
        name, store = kept_name(path), self._engine.store
        if name is None or not isinstance(store, FileKeeping):
            raise FileNotKept(session_id, path)
        try:
            return await store.read_file(session_id, name)
        except FileNotKept:
            raise FileNotKept(session_id, path) from None

    async def edit_message(
        self, session_id: str, message_id: str, content: str | Sequence[Part]
    ) -> Message:
        """Change what a message says; its time, role and usage stay.

        Raises:
            MessageNotFound: no chat of the session holds it.
            SessionBusy: its chat is answering.
        """
        async with self._edit(session_id) as document:
            chat_id = await self._chat_with(document, message_id, "edit_message")
            place = document.place_of(chat_id, message_id) or 0
            metadata = {**document.messages(chat_id)[place].metadata, "edited_at": moment()}
            edited_to = await taken_in(as_message(as_parts(content), "user"))
            fields = {"content": parts_data(edited_to.content), "metadata": metadata}
            change = SetMessage(chat=chat_id, message=message_id, fields=fields)
            await self._commit(session_id, [change])
            edited = await self._engine.documents.read(session_id)
            return own_message(edited.messages(chat_id)[place])

    async def open_history(self, session_id: str, chat_id: str | None = None) -> History:
        """The same as `history` for somebody who looks at a few of many: each is read when it is.

        Raises:
            ChatNotFound: the session has no such chat.
        """
        document = await self._read(session_id)
        if chat_id is None and not document.data["chats"]:
            return History()
        return document.history(self._chat_id(document, chat_id))

    async def delete_message(self, session_id: str, message_id: str) -> Session:
        """Take a message out of its chat; what it used stays counted.

        Raises:
            MessageNotFound: no chat of the session holds it.
            SessionBusy: its chat is answering.
        """
        async with self._edit(session_id) as document:
            chat_id = await self._chat_with(document, message_id, "delete_message")
            removal = [RemoveMessage(chat=chat_id, message=message_id)]
            return await self._commit(session_id, with_spent(document, removal))

    async def clear_history(self, session_id: str, chat_id: str | None = None) -> Session:
        """Take all messages out of a chat; what they used stays counted.

        Raises:
            SessionBusy: the chat is answering.
        """
        async with self._edit(session_id) as document:
            check_writable(document, "clear_history")
            chosen = self._chat_id(document, chat_id)
            await self._check_free(session_id, chosen)
            return await self._commit(session_id, with_spent(document, [ClearChat(chat=chosen)]))

    async def replace_history(
        self, session_id: str, chat_id: str, messages: Sequence[Message | Mapping[str, Any]]
    ) -> Session:
        """Put these messages in the place of a chat's, as when a deletion is undone.

        With their JSON, as `chat_json` gives it, what other programs keep in them stays.
        """
        values = [_message_json(message) for message in checked_list("messages", messages)]
        messages = messages_from(values)
        async with self._edit(session_id) as document:
            check_writable(document, "replace_history")
            self._check_chat(document, chat_id)
            await self._check_free(session_id, chat_id)
            inherited = (document.chat_data(chat_id) or {}).get("inherited") or 0
            kept = {m.id for m in document.messages(chat_id)[:inherited]}
            count = sum(m.id in kept for m in messages)
            puts = with_unknown_keys(
                document, [PutMessage(chat=chat_id, value=value) for value in values]
            )
            self._check_fits(document, chat_id, len(messages), instead=True)
            marks = SetFields(fields={"inherited": count}, chat=chat_id)
            spent = history_replaced(document, chat_id, messages[count:])
            return await self._commit(session_id, [ClearChat(chat=chat_id), *puts, marks, *spent])

    async def _place_for(
        self, document: SessionDocument, chat_id: str | None
    ) -> tuple[str, list[Change]]:
        """The chat that is meant, and what makes it where there is none and none is named."""
        if chat_id is not None or document.data["chats"]:
            return self._chat_id(document, chat_id), []
        first = await self._default_chat_change(document.id)
        return first.value["id"], [first]

    def _check_fits(
        self, document: SessionDocument, chat_id: str, more: int, *, instead: bool = False
    ) -> None:
        """Whether a chat has room for more messages, or for these instead of its own."""
        chat = document.chat_data(chat_id)
        present = 0 if instead or chat is None else len(chat["messages"])
        turn = self._engine.turns.get((document.id, chat_id))
        if turn is not None:
            # Places that its reply and the results of its tools are going to take.
            growing = document.place_of(chat_id, turn.message_id) is not None
            present += max(turn.owed - growing, 0)
        self._check_room(present + more)

    async def _chat_with(self, document: SessionDocument, message_id: str, operation: str) -> str:
        """The idle, writable chat that holds a message."""
        check_writable(document, operation)
        chat_id = document.chat_of(checked_text("message id", message_id))
        if chat_id is None:
            raise MessageNotFound(document.id, message_id)
        await self._check_free(document.id, chat_id)
        return chat_id

    async def _check_free(self, session_id: str, chat_id: str) -> None:
        """Refuse to touch what a turn works on, be it here or in another program."""
        self._check_idle(session_id, chat_id)
        await self._engine.claims.check((session_id, chat_id))

    def _check_idle(self, session_id: str, chat_id: str) -> None:
        if (session_id, chat_id) in self._engine.turns:
            raise SessionBusy(session_id, chat_id)


def _message_json(message: Message | Mapping[str, Any]) -> dict[str, Any]:
    """A message as a file has it, of its JSON or of the value."""
    if not isinstance(message, Mapping):
        return message_data(as_message(message, "user"))
    data = json_object("message", message)
    if not isinstance(data.get("id"), str):
        raise InvalidValue("message", message, "the JSON of a message, with its id")
    return data

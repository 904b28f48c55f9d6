"""What was said in a chat, to be read."""

from __future__ import annotations

from tui_sessions.engine.documents.chats import chosen_chat, decoded, messages_of
from tui_sessions.engine.manager.room import Room
from tui_sessions.errors import FileNotKept
from tui_sessions.model.codec import (
    own_messages,
)
from tui_sessions.model.history import History
from tui_sessions.model.kept_files import kept_name
from tui_sessions.model.message import Message
from tui_sessions.stores.base import FileKeeping


class Histories(Room):
    """Reading messages, and the files that belong to them."""

    async def history(self, session_id: str, chat_id: str | None = None) -> list[Message]:
        """The messages of a chat, oldest first; the active chat's by default.

        A session without a chat has no messages. A reply that is on its way is there as far as it
        is on disk, with the status `partial`.

        Raises:
            ChatNotFound: the session has no such chat.
        """
        document = await self._sessions.read(session_id)
        if chat_id is None and not document.data["chats"]:
            return []
        await decoded(self._engine.documents, document, chosen_chat(document, chat_id))
        messages = messages_of(document, chosen_chat(document, chat_id))
        return own_messages(messages)

    async def open_history(self, session_id: str, chat_id: str | None = None) -> History:
        """The same as `history` for somebody who looks at a few of many: each is read when it is.

        Raises:
            ChatNotFound: the session has no such chat.
        """
        document = await self._sessions.read(session_id)
        if chat_id is None and not document.data["chats"]:
            return History()
        return document.history(chosen_chat(document, chat_id))

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
        await self._sessions.read(session_id)
        name, store = kept_name(path), self._engine.store
        if name is None or not isinstance(store, FileKeeping):
            raise FileNotKept(session_id, path)
        try:
            return await store.read_file(session_id, name)
        except FileNotKept:
            raise FileNotKept(session_id, path) from None

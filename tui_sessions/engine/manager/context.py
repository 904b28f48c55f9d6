"""How full a chat's context window is."""

from __future__ import annotations

from tui_sessions.engine.documents.chats import chosen_chat, decoded
from tui_sessions.engine.manager.room import Room
from tui_sessions.errors import ChatNotFound
from tui_sessions.model.context import ContextUse

PATIENCE_S = 0.2
"""Seconds that a question about the context waits for a window that is not known yet."""


class Context(Room):
    """What a chat's next request would take."""

    async def context(self, session_id: str, chat_id: str | None = None) -> ContextUse:
        """How much of its model's context window a chat fills; the active chat by default.

        Counted by the provider as far as that goes, and estimated for what came since. A window
        that is not known yet is looked up in the background: it is there when asked again.

        Raises:
            ChatNotFound: the session has no such chat.
        """
        document = await self._sessions.read(session_id)
        if chat_id is None and not document.data["chats"]:
            return ContextUse(tokens=0, estimated=False)
        chosen = chosen_chat(document, chat_id)
        messages = await decoded(self._engine.documents, document, chosen)
        chat = document.head.chat(chosen)
        if chat is None:
            raise ChatNotFound(session_id, chosen)
        agent = chat.agent
        window = await self._engine.windows.window(agent.provider, agent.model, PATIENCE_S)
        return await self._contexts.of(chat, messages, window)

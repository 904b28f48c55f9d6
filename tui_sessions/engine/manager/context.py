"""How full a chat's context window is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tui_sessions.engine.long_chats import of_many
from tui_sessions.engine.manager.forks import Forks
from tui_sessions.errors import ChatNotFound
from tui_sessions.model.context import ContextUse, context_use
from tui_sessions.model.message import Message
from tui_sessions.model.session import Chat

PATIENCE_S = 0.2
"""Seconds that a question about the context waits for a window that is not known yet."""


class Context(Forks):
    """What a chat's next request would take."""

    async def context(self, session_id: str, chat_id: str | None = None) -> ContextUse:
        """How much of its model's context window a chat fills; the active chat by default.

        Counted by the provider as far as that goes, and estimated for what came since. A window
        that is not known yet is looked up in the background: it is there when asked again.

        Raises:
            ChatNotFound: the session has no such chat.
        """
        document = await self._read(session_id)
        if chat_id is None and not document.data["chats"]:
            return ContextUse(tokens=0, estimated=False)
        chosen = self._chat_id(document, chat_id)
        messages = await self._decoded(document, chosen)
        chat = document.session().chat(chosen)
        if chat is None:
            raise ChatNotFound(session_id, chosen)
        agent = chat.agent
        window = await self._engine.windows.window(agent.provider, agent.model, PATIENCE_S)
        return await self._context_use(chat, messages, window)

    async def _context_use(
        self, chat: Chat, messages: Sequence[Message], window: int | None
    ) -> ContextUse:
        """The same of messages that nobody changes meanwhile; many are counted in a thread."""
        count = partial(
            context_use,
            chat.agent,
            messages,
            tools=self._engine.tools.known_specs(chat.agent.tools),
            max_messages=chat.max_messages,
            window=window,
        )
        return await of_many(len(messages), count)

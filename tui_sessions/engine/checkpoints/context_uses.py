"""How much of its model's context window a chat takes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tui_sessions.engine.engine import Engine
from tui_sessions.engine.long_chats import of_many
from tui_sessions.model.context import ContextUse, context_use
from tui_sessions.model.message import Message
from tui_sessions.model.session import Chat


class ContextUses:
    """Counts what a chat's next request would take."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def of(self, chat: Chat, messages: Sequence[Message], window: int | None) -> ContextUse:
        """What these messages take, which nobody changes meanwhile; many are counted in a thread.

        Args:
            chat: whose they are.
            messages: what was said.
            window: the tokens that the model takes in, where that is known.
        """
        count = partial(
            context_use,
            chat.agent,
            messages,
            tools=self._engine.tools.known_specs(chat.agent.tools),
            max_messages=chat.max_messages,
            window=window,
        )
        return await of_many(len(messages), count)

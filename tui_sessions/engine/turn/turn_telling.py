"""What a turn tells: to whoever follows it, and to everybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any, TypeVar

from tui_sessions.errors import SessionsError
from tui_sessions.model.clock import now
from tui_sessions.model.events import (
    ReplyDone,
    ReplyEvent,
    ReplyFailed,
    ReplyStopped,
    ReplyWaiting,
)
from tui_sessions.model.message import Message

Told = TypeVar("Told", bound=ReplyEvent)


class TurnTelling:
    """The voice of one turn; it knows where the turn is."""

    def __init__(
        self, session_id: str, workspace_id: str, chat_id: str, tell: Callable[[ReplyEvent], None]
    ) -> None:
        self._session_id = session_id
        self.workspace_id = workspace_id
        """Where the session is."""
        self._chat_id = chat_id
        self._tell = tell
        self._events: asyncio.Queue[ReplyEvent | None] = asyncio.Queue()

    def tell(self, event: type[Told], message_id: str, /, **fields: Any) -> None:
        """Tell of something that concerns a message of the turn."""
        told = event(
            session_id=self._session_id,
            workspace_id=self.workspace_id,
            chat_id=self._chat_id,
            message_id=message_id,
            **fields,
        )
        self._events.put_nowait(told)
        self._tell(told)

    def tell_wait(self, message_id: str, seconds: float, reason: SessionsError, tries: int) -> None:
        """Tell that the provider is asked again after a wait."""
        self.tell(
            ReplyWaiting,
            message_id,
            seconds=seconds,
            until=now() + timedelta(seconds=seconds),
            reason=str(reason),
            attempt=tries + 1,
        )

    def tell_end(self, message: Message, error: SessionsError | None = None) -> None:
        """Tell how the turn ended."""
        if error is not None:
            self.tell(ReplyFailed, message.id, message=message, error=error)
        elif message.status == "stopped":
            self.tell(ReplyStopped, message.id, message=message)
        else:
            self.tell(ReplyDone, message.id, message=message)

    def end(self) -> None:
        """Nothing more will be told."""
        self._events.put_nowait(None)

    async def events(self) -> AsyncIterator[ReplyEvent]:
        """What is told, up to the end; to leave early stops nothing."""
        while (event := await self._events.get()) is not None:
            yield event

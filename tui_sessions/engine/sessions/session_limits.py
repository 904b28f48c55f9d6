"""How much there may be, and what is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from msgspec import structs

from tui_sessions.engine.engine import Engine
from tui_sessions.engine.sessions.catalog_questions import CatalogQuestions
from tui_sessions.errors import SessionLimitError
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session

_ACTIVE = frozenset({SessionState.ACTIVE.value})


class SessionLimits:
    """Checks against the limits of the settings; the caller holds what keeps the count still."""

    def __init__(self, engine: Engine, catalog: CatalogQuestions) -> None:
        self._engine = engine
        self._catalog = catalog

    def counted_alone(self, *, needed: bool = False) -> AbstractAsyncContextManager[object]:
        """What keeps other processes from making any, where they are limited or it is needed."""
        limits = self._engine.settings.limits
        counted = limits.sessions, limits.sessions_per_user, limits.active_sessions
        limited = any(limit is not None for limit in counted)
        return self._engine.alone() if limited or needed else nullcontext()

    async def check_new(self, session: Session) -> None:
        """Whether there is room for a session that is about to be made, or brought in active."""
        await self.check_sessions(session.user_id)
        if session.state is SessionState.ACTIVE:
            limit = self._engine.settings.limits.active_sessions
            await self._check_count(limit, "active_sessions", Wanted(states=_ACTIVE))

    async def check_sessions(self, user_id: str) -> None:
        """Whether a user may have one more session."""
        limits = self._engine.settings.limits
        await self._check_count(limits.sessions, "sessions", Wanted())
        owned = Wanted(user_id=user_id)
        await self._check_count(limits.sessions_per_user, "sessions_per_user", owned)

    async def check_returning(self, session: Session) -> None:
        """Whether there is room for a session that is back already, and so counted."""
        limits = self._engine.settings.limits
        others = Wanted(others_than=session.id)
        await self._check_count(limits.sessions, "sessions", others)
        owned = structs.replace(others, user_id=session.user_id)
        await self._check_count(limits.sessions_per_user, "sessions_per_user", owned)
        if session.state is SessionState.ACTIVE:
            active = structs.replace(others, states=_ACTIVE)
            await self._check_count(limits.active_sessions, "active_sessions", active)

    async def check_active(self, session: Session) -> None:
        """Whether one more session may become active."""
        if session.state is not SessionState.ACTIVE:
            limit = self._engine.settings.limits.active_sessions
            await self._check_count(limit, "active_sessions", Wanted(states=_ACTIVE))

    def check_chats(self, session: Session, more: int = 1) -> None:
        """Whether a session may have so many chats more."""
        limit = self._engine.settings.limits.chats_per_session
        _check(len(session.chats) + more - 1, limit, "chats_per_session")

    def check_room(self, messages: int) -> None:
        """Whether a chat may hold so many messages."""
        _check(messages - 1, self._engine.settings.limits.messages_per_chat, "messages_per_chat")

    def check_fits(
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
        self.check_room(present + more)

    def activation(self) -> AbstractAsyncContextManager[object]:
        """What keeps the count of active sessions still, where there is a limit on them."""
        if self._engine.settings.limits.active_sessions is None:
            return nullcontext()
        return self._activated_alone()

    @asynccontextmanager
    async def _activated_alone(self) -> AsyncIterator[None]:
        async with self._engine.creation, self.counted_alone():
            yield

    async def _check_count(self, limit: int | None, name: str, counted: Wanted) -> None:
        if limit is not None:
            _check(await self._catalog.count(counted), limit, name)


def _check(present: int, limit: int | None, name: str) -> None:
    if limit is not None and present >= limit:
        raise SessionLimitError(limit, name)

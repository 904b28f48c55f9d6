"""How much there may be, and what is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from msgspec import structs

from tui_sessions.engine.manager.listing import Listing
from tui_sessions.errors import SessionLimitError
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session
from tui_sessions.stores.base import CountingStore

_ACTIVE = frozenset({SessionState.ACTIVE.value})


class Limited(Listing):
    """Checks against the limits of the settings; the caller holds what keeps the count still."""

    def _counted_alone(self) -> AbstractAsyncContextManager[object]:
        """What keeps other processes from counting too, where sessions are limited."""
        limits, store = self._engine.settings.limits, self._engine.store
        counted = limits.sessions, limits.sessions_per_user, limits.active_sessions
        limited = any(limit is not None for limit in counted)
        return store.creating() if limited and isinstance(store, CountingStore) else nullcontext()

    async def _check_new(self, session: Session) -> None:
        """Whether there is room for a session that is about to be made, or brought in active."""
        await self._check_session_limits(session.user_id)
        if session.state is SessionState.ACTIVE:
            limit = self._engine.settings.limits.active_sessions
            await self._check_count(limit, "active_sessions", Wanted(states=_ACTIVE))

    async def _check_session_limits(self, user_id: str) -> None:
        limits = self._engine.settings.limits
        await self._check_count(limits.sessions, "sessions", Wanted())
        owned = Wanted(user_id=user_id)
        await self._check_count(limits.sessions_per_user, "sessions_per_user", owned)

    async def _check_returning(self, session: Session) -> None:
        """Whether there is room for a session that is back already, and so counted."""
        limits = self._engine.settings.limits
        others = Wanted(others_than=session.id)
        await self._check_count(limits.sessions, "sessions", others)
        owned = structs.replace(others, user_id=session.user_id)
        await self._check_count(limits.sessions_per_user, "sessions_per_user", owned)
        if session.state is SessionState.ACTIVE:
            active = structs.replace(others, states=_ACTIVE)
            await self._check_count(limits.active_sessions, "active_sessions", active)

    async def _check_active_limit(self, session: Session) -> None:
        """Whether one more session may become active."""
        if session.state is not SessionState.ACTIVE:
            limit = self._engine.settings.limits.active_sessions
            await self._check_count(limit, "active_sessions", Wanted(states=_ACTIVE))

    async def _check_count(self, limit: int | None, name: str, counted: Wanted) -> None:
        if limit is not None:
            _check(await self._count(counted), limit, name)

    def _check_chat_limit(self, session: Session, more: int = 1) -> None:
        """Whether a session may have so many chats more."""
        limit = self._engine.settings.limits.chats_per_session
        _check(len(session.chats) + more - 1, limit, "chats_per_session")

    def _check_room(self, messages: int) -> None:
        """Whether a chat may hold so many messages."""
        _check(messages - 1, self._engine.settings.limits.messages_per_chat, "messages_per_chat")

    def _activation(self) -> AbstractAsyncContextManager[object]:
        """What keeps the count of active sessions still, where there is a limit on them."""
        if self._engine.settings.limits.active_sessions is None:
            return nullcontext()
        return self._activated_alone()

    @asynccontextmanager
    async def _activated_alone(self) -> AsyncIterator[None]:
        async with self._engine.creation, self._counted_alone():
            yield


def _check(present: int, limit: int | None, name: str) -> None:
    if limit is not None and present >= limit:
        raise SessionLimitError(limit, name)

"""How much there may be, and what is counted."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext

from tui_sessions.engine.listing import Listing
from tui_sessions.errors import SessionLimitError
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session


class Limited(Listing):
    """Checks against the limits of the settings; the caller holds what keeps the count still."""

    async def _check_session_limits(self, user_id: str) -> None:
        limits = self._engine.settings.limits
        if limits.sessions is None and limits.sessions_per_user is None:
            return
        sessions = await self._everybodys()
        _check(len(sessions), limits.sessions, "sessions")
        owned = sum(session.user_id == user_id for session in sessions)
        _check(owned, limits.sessions_per_user, "sessions_per_user")

    async def _check_returning(self, session: Session) -> None:
        """Whether there is room for a session that is back already, and so counted."""
        limits = self._engine.settings.limits
        others = [other for other in await self._everybodys() if other.id != session.id]
        _check(len(others), limits.sessions, "sessions")
        owned = sum(other.user_id == session.user_id for other in others)
        _check(owned, limits.sessions_per_user, "sessions_per_user")
        if session.state is SessionState.ACTIVE:
            active = sum(other.state is SessionState.ACTIVE for other in others)
            _check(active, limits.active_sessions, "active_sessions")

    async def _check_active_limit(self, session: Session) -> None:
        """Whether one more session may become active."""
        limit = self._engine.settings.limits.active_sessions
        if limit is None or session.state is SessionState.ACTIVE:
            return
        sessions = await self._everybodys()
        active = sum(other.state is SessionState.ACTIVE for other in sessions)
        _check(active, limit, "active_sessions")

    def _check_chat_limit(self, session: Session) -> None:
        limit = self._engine.settings.limits.chats_per_session
        _check(len(session.chats), limit, "chats_per_session")

    def _check_room(self, messages: int) -> None:
        """Whether a chat may hold so many messages."""
        _check(messages - 1, self._engine.settings.limits.messages_per_chat, "messages_per_chat")

    def _activation(self) -> AbstractAsyncContextManager[object]:
        """What keeps the count of active sessions still, where there is a limit on them."""
        if self._engine.settings.limits.active_sessions is None:
            return nullcontext()
        return self._engine.creation


def _check(present: int, limit: int | None, name: str) -> None:
    if limit is not None and present >= limit:
        raise SessionLimitError(limit, name)

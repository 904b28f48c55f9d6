"""Statistics of sessions, users and the whole."""

from __future__ import annotations

from tui_sessions.engine.affinity import Affinity
from tui_sessions.errors import CorruptSession, SessionNotFound
from tui_sessions.model.statistics import (
    SessionStats,
    SystemStats,
    UserReport,
    chat_stats,
    session_stats,
    system_stats,
    user_report,
)
from tui_sessions.model.usage import Usage


class Counting(Affinity):
    """What can be counted."""

    async def stats(self, session_id: str) -> SessionStats:
        """One session in numbers, chat by chat."""
        document = await self._read(session_id)
        session = document.session()
        by_chat = [chat_stats(chat, document.messages(chat.id)) for chat in session.chats]
        return session_stats(session, by_chat)

    async def system_stats(self) -> SystemStats:
        """All sessions in scope in numbers."""
        return system_stats(await self.list_sessions())

    async def user_report(self, user_id: str | None = None) -> UserReport:
        """One user's sessions in numbers; by default the operating system's user's."""
        user_id = self._engine.user_id if user_id is None else user_id
        sessions = await self.list_sessions(user_id=user_id)
        usages = [await self._usage(session.id) for session in sessions]
        return user_report(user_id, sessions, [usage for usage in usages if usage is not None])

    async def _usage(self, session_id: str) -> Usage | None:
        """What a session used, unless it is gone or cannot be read."""
        try:
            return (await self.stats(session_id)).usage
        except (SessionNotFound, CorruptSession):
            return None

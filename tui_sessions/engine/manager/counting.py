"""Statistics of sessions, users and the whole."""

from __future__ import annotations

from functools import partial

from tui_sessions.engine.arguments import checked_filter, checked_text
from tui_sessions.engine.documents.chats import decoded
from tui_sessions.engine.long_chats import FEW, of_many
from tui_sessions.engine.manager.room import Room
from tui_sessions.errors import CorruptSession, SessionNotFound
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.spent import chat_tallies, spent_elsewhere, total
from tui_sessions.model.statistics import (
    SessionStats,
    SystemStats,
    UserReport,
    chat_stats,
    session_stats,
    system_stats,
    user_report,
)
from tui_sessions.model.tally import Tally, UsageReport, usage_report


class Counting(Room):
    """What can be counted."""

    async def stats(self, session_id: str) -> SessionStats:
        """One session in numbers, chat by chat."""
        await self._decode_all(session_id)
        document = await self._sessions.read(session_id)
        session = document.head
        # Taken now: while they are counted, chats and messages may come and go.
        counts = [
            partial(
                chat_stats,
                chat,
                [*document.messages(chat.id)],
                total(spent_elsewhere(document.chat_data(chat.id))),
            )
            for chat in session.chats
        ]
        messages = sum(chat.message_count for chat in session.chats)
        by_chat = await of_many(messages, lambda: [count() for count in counts])
        return session_stats(session, by_chat, total(spent_elsewhere(document.data)))

    async def system_stats(self) -> SystemStats:
        """All sessions in scope in numbers."""
        return system_stats(await self._catalog.find(Wanted()))

    async def user_report(self, user_id: str | None = None) -> UserReport:
        """One user's sessions in numbers; by default the operating system's user's."""
        user_id = self._engine.user_id if user_id is None else checked_text("user id", user_id)
        wanted = Wanted(user_id=checked_filter("user id", user_id))
        sessions = await self._catalog.find(wanted)
        found = [await self._tallies(session.id) for session in sessions]
        return user_report(user_id, sessions, [one for each in found for one in each.values()])

    async def usage_report(self, user_id: str | None = None) -> UsageReport:
        """What all sessions in scope used, or one user's: by user, workspace and model."""
        wanted = Wanted(user_id=checked_filter("user id", user_id))
        sessions = await self._catalog.find(wanted)
        return usage_report([(one, await self._tallies(one.id)) for one in sessions])

    async def _decode_all(self, session_id: str) -> None:
        """Have the messages of long chats decoded in a thread."""
        document = await self._sessions.read(session_id)
        long = [chat.id for chat in document.head.chats if chat.message_count > FEW]
        for chat_id in long:
            await decoded(self._engine.documents, document, chat_id)

    async def _tallies(self, session_id: str) -> dict[str, Tally]:
        """What a session used by model; nothing if it is gone or cannot be read."""
        try:
            document = await self._sessions.read(session_id)
        except (SessionNotFound, CorruptSession):
            return {}
        found = spent_elsewhere(document.data)
        for chat in document.head.chats:
            for model, one in chat_tallies(document, chat.id).items():
                found[model] = found.get(model, Tally()) + one
        return found

"""The chats that are busy, here and in other programs: turns and summaries under way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from tui_sessions.engine.boundary import Boundary
from tui_sessions.engine.documents.chats import chosen_chat
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.sessions.scoped_sessions import ScopedSessions
from tui_sessions.engine.turn.other_writers import grows_elsewhere
from tui_sessions.errors import SessionBusy
from tui_sessions.model.codec import own_message
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.message import Message

if TYPE_CHECKING:
    from tui_sessions.engine.summary.running_summary import RunningSummary
    from tui_sessions.engine.turn.running_turn import RunningTurn


class BusyChats:
    """Knows what keeps chats busy, waits for its end, and keeps others away meanwhile."""

    def __init__(self, engine: Engine, boundary: Boundary, sessions: ScopedSessions) -> None:
        self._engine = engine
        self._boundary = boundary
        self._sessions = sessions

    def of(self, session_id: str) -> list[RunningTurn | RunningSummary]:
        """What is under way here in the chats of a session."""
        return [turn for (owner, _), turn in self._engine.turns.items() if owner == session_id]

    async def end(self, session_id: str) -> None:
        """Stop what runs in a session, also in other programs, so that what came is kept."""
        await self.stop(session_id)
        await self._engine.claims.end(session_id)

    async def stop(self, session_id: str) -> None:
        """Stop what runs here in a session, so that what came is kept."""
        for turn in self.of(session_id):
            await turn.stop()

    async def check_free(self, session_id: str, chat_id: str) -> None:
        """Refuse to touch what a turn works on, be it here or in another program."""
        self.check_idle(session_id, chat_id)
        await self._engine.claims.check((session_id, chat_id))

    def check_idle(self, session_id: str, chat_id: str) -> None:
        """Refuse a chat that is busy here.

        Raises:
            SessionBusy: it is.
        """
        if (session_id, chat_id) in self._engine.turns:
            raise SessionBusy(session_id, chat_id)

    async def check_not_elsewhere(self, session_id: str, chat_id: str | None) -> None:
        """Refuse to touch a reply that another program is writing: what it writes would be lost."""
        chosen = chosen_chat(await self._sessions.read(session_id), chat_id)
        claims = self._engine.claims
        if (session_id, chosen) in self._engine.turns or claims.works:
            return  # whoever takes the chat for a turn finds out
        await claims.check((session_id, chosen))
        if await grows_elsewhere(partial(self._sessions.read, session_id), chosen):
            raise SessionBusy(session_id, chosen, elsewhere=True)

    @asynccontextmanager
    async def taken(
        self, document: SessionDocument, chat_id: str
    ) -> AsyncIterator[SessionDocument]:
        """Take a chat for what is about to keep it busy; gives the session as it is then.

        Raises:
            SessionBusy: a turn is under way in it, here or in another program.
        """
        key, claims = (document.id, chat_id), self._engine.claims
        self.check_idle(*key)
        taken = await claims.take(key)
        try:
            # Another program may have ended a turn between the reading and the taking.
            yield await self._sessions.read(document.id) if taken else document
        finally:
            if key not in self._engine.turns:
                claims.let_go(key)

    def release(self, place: tuple[str, str], turn: RunningTurn | RunningSummary) -> None:
        """Let the next turn begin in a chat, unless it has begun already."""
        if self._engine.turns.get(place) is turn:
            del self._engine.turns[place]
            self._engine.claims.let_go(place)

    def reply(self, session_id: str, chat_id: str) -> Message | None:
        """The reply that is on its way in a chat of a session in scope, as far as it has come."""
        turn = self._engine.turns.get((session_id, chat_id))
        if turn is None or not self._boundary.sees(turn.workspace_id):
            return None
        return own_message(turn.reply())

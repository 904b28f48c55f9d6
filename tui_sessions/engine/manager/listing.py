"""Finding sessions: one, the latest, and lists of them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import cast

from tui_sessions.engine.arguments import (
    checked_count,
    checked_filter,
    checked_moment,
    checked_states,
    checked_text,
)
from tui_sessions.engine.long_chats import FEW
from tui_sessions.engine.manager.room import Room
from tui_sessions.errors import SessionNotFound
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.events import Loaded
from tui_sessions.model.history import History
from tui_sessions.model.lifecycle import RESUMABLE, SessionState
from tui_sessions.model.session import Session
from tui_sessions.stores.base import EndReading, Problem

_FIRST_LOOKED_AT = 20
"""How many of the latest sessions are looked at first for one that a person used."""
_FURTHER = 10
"""So many times as many are looked at next, where all of those are children of agents."""


class Listing(Room):
    """Lists, and what can be had without opening a session."""

    async def get_session(self, session_id: str) -> Session:
        """A snapshot of one session, with its chats but without their messages.

        Raises:
            SessionNotFound: there is none with that id in scope.
            CorruptSession: its file cannot be read.
        """
        return await self._sessions.get(session_id)

    async def load(self, session_id: str | None = None) -> Session:
        """Load a session to go on with it; without an id, the latest that a person used.

        Raises:
            SessionNotFound: there is none.
        """
        if session_id is None:
            session_id = await self._latest()
        session = await self.get_session(session_id)
        self._engine.bus.emit(
            Loaded(session_id=session.id, workspace_id=session.workspace_id, session=session)
        )
        return session

    async def open_ending(self, session_id: str) -> tuple[Session, History] | None:
        """A session whose active chat is long, and the chat's end, long before all of it is read.

        `UNREAD` stands for the messages that `open_history` gives later. None where a session is
        loaded as quickly, or where only its loading tells how it is now.
        """
        self._engine.check_there()
        engine = self._engine
        store, known = engine.store, None
        session_id = checked_text("session id", session_id)
        if isinstance(store, EndReading) and not engine.documents.peek(session_id):
            known = await asyncio.to_thread(engine.catalog.versioned, session_id)
        if known is None or not self._boundary.sees(known[0].workspace_id):
            return None
        session, version = known
        chat = session.chat(session.active_chat_id or "")
        if chat is None or chat.message_count <= FEW or (session.id, chat.id) in engine.turns:
            return None
        last = await cast(EndReading, store).ending(session, version)
        return None if last is None else (session, History.ending(chat.message_count, last))

    async def list_sessions(
        self,
        *,
        user_id: str | None = None,
        workspace: str | None = None,
        state: SessionState | str | Collection[SessionState | str] | None = None,
        surface: str | None = None,
        tag: str | None = None,
        active_since: datetime | None = None,
        parent: str | None = None,
        limit: int | None = None,
    ) -> list[Session]:
        """The sessions that fit everything asked for, newest activity first.

        Args:
            user_id: whose.
            workspace: the id of the workspace.
            state: one state or several.
            surface: attached to it.
            tag: carrying it.
            active_since: used at or after this time.
            parent: the children of this session.
            limit: at most this many, after sorting.
        """
        checked_count("limit", limit, 0)
        wanted = Wanted(
            workspace_id=checked_filter("workspace", workspace),
            user_id=checked_filter("user id", user_id),
            states=checked_states(state),
            surface=checked_filter("surface", surface),
            tag=checked_filter("tag", tag),
            active_since=checked_moment("active_since", active_since),
            parent_id=checked_filter("parent", parent),
        )
        return await self._catalog.find(wanted, limit)

    async def refresh(self, *, thoroughly: bool = False) -> None:
        """Bring the catalog up to date with the store.

        With more than a few thousand sessions, only the folders that have changed are looked
        through, and the rest from time to time in the background.

        Args:
            thoroughly: look at every file now.
        """
        self._engine.check_there()
        await self._upkeep.refresh(thoroughly=thoroughly)

    async def problems(self) -> list[Problem]:
        """The files that could not be read, each with its reason; they are left as they are."""
        await self.refresh(thoroughly=not self._upkeep.has_looked_thoroughly)
        return await self.known_problems()

    async def known_problems(self) -> list[Problem]:
        """The files that could not be read, as last seen; the store is not looked through."""
        self._engine.check_there()
        return [
            problem
            for problem in await self._engine.store.problems()
            if self._boundary.sees(problem.workspace_id)
        ]

    async def _latest(self) -> str:
        """The id of the latest session that a person used; more are read as it takes more."""
        limit = _FIRST_LOOKED_AT
        while True:
            found = await self.list_sessions(state=RESUMABLE, limit=limit)
            for session in found:
                if not session.is_child and not session.read_only:
                    return session.id
            if len(found) < limit:
                raise SessionNotFound(None)
            limit *= _FURTHER

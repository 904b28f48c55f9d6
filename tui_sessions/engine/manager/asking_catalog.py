"""What is known of sessions without asking the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial

import msgspec

from tui_sessions.engine.arguments import checked_count, checked_filter, checked_list, checked_text
from tui_sessions.engine.manager.room import Room
from tui_sessions.index.catalog_answers import Differences, WorkspaceCount
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.session import Session


class AskingCatalog(Room):
    """Answers from the catalog: the sessions as last seen."""

    async def known_sessions(
        self,
        *,
        workspace: str | None = None,
        words: Iterable[str] = (),
        limit: int | None = None,
    ) -> list[Session]:
        """The sessions as last seen, newest activity first; the store is not asked.

        Args:
            workspace: the id of the workspace.
            words: each of them in the label, a tag or the name of a chat, whatever its case.
            limit: at most this many.
        """
        place = checked_filter("workspace", workspace)
        checked_count("limit", limit, 0)
        folded = tuple(
            checked_text("word", word).casefold() for word in checked_list("words", words)
        )
        return await self._catalog.find_known(Wanted(workspace_id=place, words=folded), limit)

    async def known_session(self, session_id: str) -> Session | None:
        """One session as last seen; the store is not asked."""
        self._engine.check_there()
        return await asyncio.to_thread(self._catalog.known, checked_text("session id", session_id))

    async def known_workspaces(self, *, lasting: bool = False) -> list[WorkspaceCount]:
        """The workspaces that have sessions, as last seen, with how many they have.

        Args:
            lasting: leave the temporary sessions out.
        """
        counts = await self._catalog.ask(partial(self._engine.catalog.workspaces, lasting=lasting))
        return [count for count in counts if self._boundary.sees(count.workspace_id)]

    async def differences(self, mark: int = 0) -> Differences:
        """What this and other processes have changed since a mark; since 0, only a new mark."""
        checked_count("mark", mark, 0, optional=False)
        found = await self._catalog.ask(partial(self._engine.catalog.differences, mark))
        sees = self._boundary.sees
        sessions = [session for session in found.sessions if sees(session.workspace_id)]
        return msgspec.structs.replace(found, sessions=sessions)

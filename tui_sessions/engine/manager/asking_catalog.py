"""Asking the catalog: for the sessions as last seen, or as they are now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import msgspec

from tui_sessions.engine.arguments import checked_count, checked_filter, checked_list, checked_text
from tui_sessions.engine.manager.cataloguing import Cataloguing
from tui_sessions.errors import SessionNotFound
from tui_sessions.index.catalog_answers import Differences, WorkspaceCount
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.index.catalog_rows import Wanted, newest_first
from tui_sessions.model.session import Session

T = TypeVar("T")


class AskingCatalog(Cataloguing):
    """Answers from the catalog, with what waits in memory to be saved."""

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
        return await self._find_known(Wanted(workspace_id=place, words=folded), limit)

    async def known_session(self, session_id: str) -> Session | None:
        """One session as last seen; the store is not asked."""
        self._check_there()
        return await asyncio.to_thread(self._known, checked_text("session id", session_id))

    async def known_workspaces(self, *, lasting: bool = False) -> list[WorkspaceCount]:
        """The workspaces that have sessions, as last seen, with how many they have.

        Args:
            lasting: leave the temporary sessions out.
        """
        counts = await self._ask(partial(self._engine.catalog.workspaces, lasting=lasting))
        return [count for count in counts if self._sees(count.workspace_id)]

    async def differences(self, mark: int = 0) -> Differences:
        """What this and other processes have changed since a mark; since 0, only a new mark."""
        checked_count("mark", mark, 0, optional=False)
        found = await self._ask(partial(self._engine.catalog.differences, mark))
        sessions = [session for session in found.sessions if self._sees(session.workspace_id)]
        return msgspec.structs.replace(found, sessions=sessions)

    def _known(self, session_id: str) -> Session | None:
        """The same, here and now: it may wait for the disk."""
        session = self._engine.catalog.get(session_id)
        return session if session is not None and self._sees(session.workspace_id) else None

    async def _find(self, wanted: Wanted, limit: int | None = None) -> list[Session]:
        """The sessions in scope that are wanted, as they are now."""
        await self.refresh()
        return await self._find_known(wanted, limit)

    async def _find_known(self, wanted: Wanted, limit: int | None = None) -> list[Session]:
        if self._scope is not None and wanted.workspace_id not in (None, self._scope):
            return []
        wanted = msgspec.structs.replace(wanted, workspace_id=self._scope or wanted.workspace_id)
        unsaved = await self._unsaved()
        more = None if limit is None else limit + len(unsaved)
        found = await self._ask(partial(self._engine.catalog.find, wanted, more))
        if unsaved:
            found = [session for session in found if session.id not in unsaved]
            found += [session for session in unsaved.values() if wanted.fits(session)]
            found.sort(key=newest_first, reverse=True)
        return found[:limit]

    async def _count(self, wanted: Wanted) -> int:
        """How many sessions are wanted, also outside the scope of this face."""
        await self.refresh()
        counted = await self._ask(partial(self._engine.catalog.count, wanted))
        for session in (await self._unsaved()).values():
            saved = await asyncio.to_thread(self._engine.catalog.get, session.id)
            counted += wanted.fits(session) - bool(saved and wanted.fits(saved))
        return counted

    async def _ask(self, question: Callable[[], T]) -> T:
        """Ask the catalog in a thread; one that was lost is filled again first."""
        self._check_there()
        while True:
            try:
                return await asyncio.to_thread(question)
            except CatalogLost:
                await self.refresh(thoroughly=True)

    async def _unsaved(self) -> dict[str, Session]:
        """The sessions whose changes wait in memory, as they are with them."""
        sessions = {}
        for session_id in self._engine.documents.unsaved():
            try:
                document = await self._engine.documents.read(session_id)
            except SessionNotFound:
                continue  # another program deleted it, and with it what waited
            sessions[session_id] = document.session()
        return sessions

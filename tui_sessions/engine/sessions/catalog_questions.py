"""Asking the catalog: for the sessions as last seen, or as they are now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec

from tui_sessions.engine.boundary import Boundary
from tui_sessions.engine.engine import Engine
from tui_sessions.errors import SessionNotFound
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.index.catalog_rows import Wanted, newest_first
from tui_sessions.model.session import Session

T = TypeVar("T")


class CatalogQuestions:
    """Answers from the catalog, with what waits in memory to be saved."""

    def __init__(self, engine: Engine, boundary: Boundary) -> None:
        self._engine = engine
        self._boundary = boundary
        self._upkeep = engine.upkeep

    def known(self, session_id: str) -> Session | None:
        """One session in scope as last seen, here and now: it may wait for the disk."""
        session = self._engine.catalog.get(session_id)
        there = session is not None and self._boundary.sees(session.workspace_id)
        return session if there else None

    async def refresh(self) -> None:
        """Look at what is in the store now, for questions about what was last seen."""
        self._engine.check_there()
        await self._upkeep.refresh()

    async def find(self, wanted: Wanted, limit: int | None = None) -> list[Session]:
        """The sessions in scope that are wanted, as they are now."""
        await self.refresh()
        return await self.find_known(wanted, limit)

    async def find_known(self, wanted: Wanted, limit: int | None = None) -> list[Session]:
        """The sessions in scope that are wanted, as last seen; the store is not asked."""
        bound = self._boundary.workspace_id
        if bound is not None and wanted.workspace_id not in (None, bound):
            return []
        wanted = msgspec.structs.replace(wanted, workspace_id=bound or wanted.workspace_id)
        unsaved = await self.unsaved()
        more = None if limit is None else limit + len(unsaved)
        found = await self.ask(partial(self._engine.catalog.find, wanted, more))
        if unsaved:
            found = [session for session in found if session.id not in unsaved]
            found += [session for session in unsaved.values() if wanted.fits(session)]
            found.sort(key=newest_first, reverse=True)
        return found[:limit]

    async def count(self, wanted: Wanted) -> int:
        """How many sessions are wanted, also outside the scope of this face."""
        await self.refresh()
        counted = await self.ask(partial(self._engine.catalog.count, wanted))
        for session in (await self.unsaved()).values():
            saved = await asyncio.to_thread(self._engine.catalog.get, session.id)
            counted += wanted.fits(session) - bool(saved and wanted.fits(saved))
        return counted

    async def ask(self, question: Callable[[], T]) -> T:
        """Ask the catalog in a thread; one that was lost is filled again first."""
        self._engine.check_there()
        while True:
            try:
                return await asyncio.to_thread(question)
            except CatalogLost:
                await self._upkeep.refresh(thoroughly=True)

    async def unsaved(self) -> dict[str, Session]:
        """The sessions whose changes wait in memory, as they are with them."""
        sessions = {}
        for session_id in self._engine.documents.unsaved():
            try:
                document = await self._engine.documents.read(session_id)
            except SessionNotFound:
                continue  # another program deleted it, and with it what waited
            sessions[session_id] = document.session()
        return sessions

"""Access to the sessions that are in scope: reading them, and changing them one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from tui_sessions.engine.boundary import Boundary
from tui_sessions.engine.engine import Engine
from tui_sessions.errors import SessionsError
from tui_sessions.model.changes import Change
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.session import Session

MEETINGS = 5
"""How often another process may come first before what was decided is done all the same."""
Decide = Callable[[SessionDocument], Awaitable[Sequence[Change]]]
"""Says what is to change of a session, by how it is; it may be asked twice."""


class ScopedSessions:
    """Reads and changes the sessions that may be seen: to others it is as if they were not."""

    def __init__(self, engine: Engine, boundary: Boundary) -> None:
        self._engine = engine
        self._boundary = boundary
        self._saving = engine.saving

    async def read(self, session_id: str) -> SessionDocument:
        """The current document of a session in scope."""
        self._engine.check_there()
        document = await self._engine.documents.read(check_id(session_id, "session id"))
        return self._boundary.check(document)

    async def get(self, session_id: str) -> Session:
        """A snapshot of a session in scope."""
        return (await self.read(session_id)).session()

    async def has(self, session_id: str) -> bool:
        """Whether there is such a session, be it damaged, where this face may see it."""
        if self._boundary.workspace_id is None:
            return True
        known = await asyncio.to_thread(self._engine.catalog.get, session_id)
        if known is not None and await self._engine.store.version(session_id) is not None:
            return known.workspace_id == self._boundary.workspace_id
        for stamp in await self._engine.store.scan():
            if stamp.session_id == session_id:
                return stamp.workspace_id == self._boundary.workspace_id
        return False

    @asynccontextmanager
    async def edit(self, session_id: str) -> AsyncIterator[SessionDocument]:
        """The current document, held for oneself until the end of the block."""
        check_id(session_id, "session id")
        self._engine.check_open()
        async with self._engine.documents.edit(session_id) as document:
            yield self._boundary.check(document)

    async def change(self, session_id: str, changes: Sequence[Change]) -> Session:
        """Make changes of a session that nothing speaks against."""
        async with self.edit(session_id):
            return await self._saving.commit(session_id, changes)

    async def amend(self, session_id: str, decide: Decide) -> None:
        """Hold a session, decide on changes to it and make them durable.

        It is decided by the document in memory first, and anew where that turns out not to be
        current: so a save is one call to the store.
        """
        check_id(session_id, "session id")
        self._engine.check_open()
        documents = self._engine.documents
        async with documents.held(session_id):
            if await self._amend_known(session_id, decide):
                return
            for _ in range(MEETINGS):
                document = self._boundary.check(await documents.read(session_id))
                changes = await decide(document)
                if not documents.checks:
                    break
                if await self._saving.commit_if_current(document, changes):
                    return
            await self._saving.commit(session_id, changes)

    async def _amend_known(self, session_id: str, decide: Decide) -> bool:
        kept = self._engine.documents.peek(session_id)
        if kept is None:
            return False
        try:
            changes = await decide(self._boundary.check(kept[0]))
        except SessionsError:
            return False  # the file may say otherwise
        return await self._saving.commit_if_current(kept[0], changes)

"""The engine's face: everything that can be done with sessions, in one object."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from tui_sessions.engine.bus import Callback
from tui_sessions.engine.counting import Counting
from tui_sessions.engine.templates import Templates
from tui_sessions.errors import SessionNotFound, SessionsError
from tui_sessions.model.events import Disposed, Event
from tui_sessions.model.identifiers import check_id
from tui_sessions.providers.base import Providers


class SessionManager(Counting):
    """All sessions of a store, or those of one workspace.

    ```python
    async with open_sessions("memory:") as manager:
        session = await manager.create_session(label="Parser")
        async for event in manager.send(session.id, "Hello"):
            print(event)
    ```
    """

    @property
    def templates(self) -> Templates:
        """The agent templates."""
        return self._engine.templates

    @property
    def providers(self) -> Providers:
        """Who can be named in an agent."""
        return self._engine.providers

    @property
    def user_id(self) -> str:
        """Who owns what is created without another owner."""
        return self._engine.user_id

    @property
    def workspace_id(self) -> str | None:
        """The workspace this face is bound to; None: all of them."""
        return self._scope

    def workspace(self, workspace_id: str) -> SessionManager:
        """The same face bound to one workspace: ids of any other are not found there."""
        check_id(workspace_id, "workspace id")
        if self._scope not in (None, workspace_id):
            raise SessionNotFound(workspace_id)
        return SessionManager(self._engine, workspace_id)

    def on(self, event: str, callback: Callback) -> None:
        """Call back, plainly or by a coroutine, on every event of that name.

        Raises:
            InvalidValue: no event has that name.
        """
        self._engine.bus.on(event, callback, self._scope)

    def off(self, event: str, callback: Callback) -> None:
        """Call back no more."""
        self._engine.bus.off(event, callback)

    def events(self) -> AsyncIterator[Event]:
        """Every event from now on, until the manager is shut down."""
        return self._engine.bus.stream(self._scope)

    async def save(self, session_id: str | None = None) -> None:
        """Write what waits in memory of one session or of all; with `autosave` nothing does."""
        documents = self._engine.documents
        waiting = documents.unsaved() if session_id is None else [session_id]
        for one in waiting:
            async with documents.lock(one):
                self._check_scope(await documents.read(one))
                await documents.save(one)
                self._saved(await documents.read(one))

    async def close(self, session_id: str | None = None) -> None:
        """Save a session, bring its file up to date and let go of it; without an id, shut down."""
        if session_id is None:
            await self.shutdown()
            return
        await self._read(session_id)
        await self._stop_turns(session_id)
        await self._dispose(session_id)

    async def shutdown(self) -> None:
        """Stop and keep running replies, save every session, and let go of the store.

        One session that cannot be saved does not keep the others from it. Called twice is fine.
        """
        engine = self._engine
        if engine.closed:
            return
        engine.closed = True
        await self.stop_sweeping()
        turns = [turn.stop() for turn in list(engine.turns.values())]
        await asyncio.gather(*turns, return_exceptions=True)
        for session_id in {*engine.documents.opened(), *engine.documents.unsaved()}:
            try:
                await self._dispose(session_id)
            except SessionsError as error:
                self._report(session_id, error, "shutdown")
        await asyncio.to_thread(engine.catalog.close)
        await engine.bus.close()
        await engine.store.close()

    async def __aenter__(self) -> Self:
        if self._engine.settings.sweep.background:
            self.start_sweeping()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.shutdown()

    async def _dispose(self, session_id: str) -> None:
        engine = self._engine
        async with engine.documents.lock(session_id):
            await engine.documents.save(session_id)
            await engine.store.fold(session_id)
            engine.documents.forget(session_id)
        known = engine.catalog.get(session_id)
        workspace_id = known.workspace_id if known else ""
        engine.bus.emit(Disposed(session_id=session_id, workspace_id=workspace_id))

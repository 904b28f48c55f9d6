"""The engine's face: everything that can be done with sessions, in one object."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from time import monotonic
from types import TracebackType
from typing import Self

from tui_sessions.engine.agents.templates import Templates
from tui_sessions.engine.bus import Callback
from tui_sessions.engine.manager.searching import Searching
from tui_sessions.errors import SessionNotFound
from tui_sessions.model.events import Disposed, Event
from tui_sessions.model.identifiers import check_id
from tui_sessions.providers.base import Providers

_FOLDING_S = 5.0
"""How long a shutdown takes at most for journals that are no trouble where they are."""


class SessionManager(Searching):
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
        """The agent templates; those of the workspace on top where this face is bound to one."""
        return self._engine.templates.of(self._scope)

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
            InvalidValue: no event has that name, or there is nothing to call.
        """
        self._engine.bus.on(event, callback, self._scope)

    def off(self, event: str, callback: Callback) -> None:
        """Call back no more."""
        self._engine.bus.off(event, callback, self._scope)

    def events(self) -> AsyncIterator[Event]:
        """Every event from now on, until the manager is shut down."""
        return self._engine.bus.stream(self._scope)

    async def save(self, session_id: str | None = None) -> None:
        """Write what waits in memory of one session or of all.

        With `autosave` that is nothing but replies that a full disk, say, did not take.
        """
        if session_id is not None:
            async with self._edit(session_id):
                await self._save(session_id)
            return
        for one in self._engine.documents.unsaved():
            with contextlib.suppress(SessionNotFound):
                await self.save(one)

    async def close(self, session_id: str | None = None) -> None:
        """Save a session, bring its file up to date and let go of it; without an id, shut down.

        A face that is bound to a workspace lets go of that workspace's sessions only.
        """
        if session_id is None:
            await self.shutdown()
        if session_id is None or self._engine.let_go:
            return
        await self._read(session_id)
        await self._stop_turns(session_id)
        await self._dispose(session_id)

    async def shutdown(self) -> None:
        """Stop and keep running replies, save every session, and let go of the store.

        One session that cannot be saved does not keep the others from it. Called twice is fine, and
        goes on with one that was cancelled.
        From then on everything else is refused with a `StoreError`.
        A face that is bound to a workspace does so for that workspace's sessions only.
        """
        engine = self._engine
        if self._scope is not None:
            await self._let_go()
            return
        async with engine.closing:
            if engine.shut_down:
                return
            engine.closed = True
            await self.stop_sweeping()
            for task in (engine.thorough_look, engine.writing_catalog):
                if task is not None:
                    task.cancel()
            await self._let_go()
            for late in list(engine.saving_late.values()):
                late.cancel()
            if engine.looking is not None:
                engine.looking.cancel()
            await engine.indexer.stop()
            await engine.windows.close()
            try:
                await asyncio.to_thread(engine.catalog.close)
            except Exception as error:
                self._report("", error, "shutdown")
            await engine.bus.close()
            engine.let_go = True
            await engine.store.close()
            engine.shut_down = True

    async def __aenter__(self) -> Self:
        if self._scope is None:
            await self._take_in_kept_aside()
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

    async def _let_go(self) -> None:
        """Stop what runs and save what is open, as far as it goes, in the sessions in scope."""
        documents = self._engine.documents
        turns = [t.stop() for t in self._engine.turns.values() if self._sees(t.workspace_id)]
        await asyncio.gather(*turns)
        for session_id in {*documents.opened(), *documents.unsaved()}:
            workspace_id = documents.workspace_of(session_id)
            if workspace_id is not None and not self._sees(workspace_id):
                continue
            try:
                await self._dispose(session_id)
            except Exception as error:
                self._report(session_id, await self._keep_aside(session_id, error), "shutdown")
        await self._fold_left()

    async def _fold_left(self) -> None:
        """Bring journals of sessions that were let go of before into their documents."""
        deadline = monotonic() + _FOLDING_S
        for session_id in self._engine.journals.left:
            known = self._engine.catalog.get(session_id)
            if monotonic() < deadline and (known is None or self._sees(known.workspace_id)):
                await self._fold(session_id)

    async def _dispose(self, session_id: str) -> None:
        engine = self._engine
        async with engine.documents.lock(session_id):
            await self._save(session_id)
            await self._fold_held(session_id)
            engine.journals.forget(session_id)
            engine.documents.forget(session_id)
        known = engine.catalog.get(session_id)
        workspace_id = known.workspace_id if known else ""
        engine.bus.emit(Disposed(session_id=session_id, workspace_id=workspace_id))

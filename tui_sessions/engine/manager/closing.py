"""The end: saving, letting go of sessions, and shutting down."""

from __future__ import annotations

import asyncio
import contextlib
from time import monotonic

from tui_sessions.engine.manager.room import Room
from tui_sessions.errors import SessionNotFound
from tui_sessions.model.events import Disposed

_FOLDING_S = 5.0
"""How long a shutdown takes at most for journals that are no trouble where they are."""


class Closing(Room):
    """Saving what waits, and letting go of sessions and of the store."""

    async def save(self, session_id: str | None = None) -> None:
        """Write what waits in memory of one session or of all.

        With `autosave` that is nothing but replies that a full disk, say, did not take.
        """
        if session_id is not None:
            async with self._sessions.edit(session_id):
                await self._saving.save_waiting(session_id)
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
        await self._sessions.read(session_id)
        await self._busy.stop(session_id)
        await self._dispose(session_id)

    async def shutdown(self) -> None:
        """Stop and keep running replies, save every session, and let go of the store.

        One session that cannot be saved does not keep the others from it. Called twice is fine, and
        goes on with one that was cancelled.
        From then on everything else is refused with a `StoreError`.
        A face that is bound to a workspace does so for that workspace's sessions only.
        """
        engine = self._engine
        if self._boundary.workspace_id is not None:
            await self._let_go()
            return
        async with engine.closing:
            if engine.shut_down:
                return
            engine.closed = True
            await engine.sweeper.stop()
            if engine.left_over is not None:
                await engine.left_over.leave()
            engine.upkeep.stop()
            await self._let_go()
            engine.late_saves.stop()
            await engine.catching_up.stop()
            await engine.windows.close()
            try:
                await asyncio.to_thread(engine.catalog.close)
            except Exception as error:
                self._reports.report("", error, "shutdown")
            await engine.bus.close()
            engine.let_go = True
            await engine.store.close()
            engine.shut_down = True

    async def _let_go(self) -> None:
        """Stop what runs and save what is open, as far as it goes, in the sessions in scope."""
        documents = self._engine.documents
        running = self._engine.turns.values()
        sees = self._boundary.sees
        await asyncio.gather(*[turn.stop() for turn in running if sees(turn.workspace_id)])
        for session_id in {*documents.opened(), *documents.unsaved()}:
            workspace_id = documents.workspace_of(session_id)
            if workspace_id is not None and not sees(workspace_id):
                continue
            try:
                await self._dispose(session_id)
            except Exception as error:
                told = await self._engine.aside.keep(session_id, error)
                self._reports.report(session_id, told, "shutdown")
        await self._fold_left()

    async def _fold_left(self) -> None:
        """Bring journals of sessions that were let go of before into their documents."""
        deadline = monotonic() + _FOLDING_S
        for session_id in self._engine.journals.left:
            known = self._engine.catalog.get(session_id)
            here = known is None or self._boundary.sees(known.workspace_id)
            if here and monotonic() < deadline:
                await self._saving.fold(session_id)

    async def _dispose(self, session_id: str) -> None:
        engine = self._engine
        async with engine.documents.lock(session_id):
            await self._saving.save_waiting(session_id)
            await self._saving.fold_held(session_id)
            engine.journals.forget(session_id)
            engine.documents.forget(session_id)
        known = engine.catalog.get(session_id)
        workspace_id = known.workspace_id if known else ""
        engine.bus.emit(Disposed(session_id=session_id, workspace_id=workspace_id))

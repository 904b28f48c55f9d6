"""Deleting sessions and bringing them back from the trash."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_sessions.engine.manager.limits import Limited
from tui_sessions.errors import SessionLimitError, SessionNotFound, StoreError
from tui_sessions.model.events import Created, Deleted
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Trashed

if TYPE_CHECKING:
    from tui_sessions.engine.summary.running_summary import RunningSummary
    from tui_sessions.engine.turn.running_turn import RunningTurn


class Deleting(Limited):
    """Puts sessions into the trash, brings them back, and deletes them for good."""

    async def delete(self, session_id: str) -> bool:
        """Put a session with its chats into the trash; running replies are stopped and kept.

        So are those of other windows and programs that hear of it within a moment.

        Returns:
            Whether there was one.
        """
        check_id(session_id, "session id")
        self._check_open()
        if not await self._in_scope(session_id):
            return False
        await self._end_turns(session_id)
        async with self._engine.documents.lock(session_id):
            await self._save_before_deletion(session_id)
            deleted = await self._engine.store.delete(session_id)
            self._forget(session_id, purged=False, tell=deleted)
        await self._stop_turns(session_id)
        return deleted

    async def undelete(self, session_id: str) -> Session:
        """Bring a session back from the trash.

        Raises:
            SessionNotFound: it is not there.
            SessionLimitError: there are as many sessions as there may be.
        """
        check_id(session_id, "session id")
        self._check_open()
        if all(entry.session_id != session_id for entry in await self.trash()):
            raise SessionNotFound(session_id)
        async with (
            self._engine.creation,
            self._counted_alone(),
            self._engine.documents.lock(session_id),
        ):
            await self._engine.store.undelete(session_id)
            document = self._check_scope(await self._engine.documents.read(session_id))
            try:
                await self._check_returning(document.session())
            except SessionLimitError:
                await self._engine.store.delete(session_id)
                self._forget(session_id, purged=False, tell=False)
                raise
            session = self._saved(document)
        self._engine.bus.emit(
            Created(session_id=session.id, workspace_id=session.workspace_id, session=session)
        )
        return session

    async def purge(self, session_id: str) -> bool:
        """Delete a session for good, from the trash or from its place.

        Returns:
            Whether there was one.
        """
        check_id(session_id, "session id")
        self._check_open()
        trashed = any(entry.session_id == session_id for entry in await self.trash())
        if not trashed and not await self._in_scope(session_id):
            return False
        await self._end_turns(session_id)
        async with self._engine.documents.lock(session_id):
            purged = await self._engine.store.purge(session_id)
            self._forget(session_id, purged=True, tell=purged)
        if self._engine.unsaved is not None:
            await asyncio.to_thread(self._engine.unsaved.drop, session_id)
        await self._stop_turns(session_id)
        return purged

    async def trash(self) -> list[Trashed]:
        """What can be brought back, the latest first."""
        self._check_there()
        return [
            entry
            for entry in await self._engine.store.trash()
            if self._scope in (None, entry.workspace_id)
        ]

    async def _in_scope(self, session_id: str) -> bool:
        """Whether there is such a session, be it damaged, where this face may see it."""
        if self._scope is None:
            return True
        known = await asyncio.to_thread(self._engine.catalog.get, session_id)
        if known is not None and await self._engine.store.version(session_id) is not None:
            return known.workspace_id == self._scope
        for stamp in await self._engine.store.scan():
            if stamp.session_id == session_id:
                return stamp.workspace_id == self._scope
        return False

    def _turns_of(self, session_id: str) -> list[RunningTurn | RunningSummary]:
        return [turn for (owner, _), turn in self._engine.turns.items() if owner == session_id]

    async def _end_turns(self, session_id: str) -> None:
        """Stop what runs in a session, also in other programs, so that what came is kept."""
        await self._stop_turns(session_id)
        await self._engine.claims.end(session_id)

    async def _stop_turns(self, session_id: str) -> None:
        for turn in self._turns_of(session_id):
            await turn.stop()

    async def _save_before_deletion(self, session_id: str) -> None:
        """Write what waits; a full disk keeps nothing from being deleted."""
        try:
            await self._engine.documents.save(session_id)
        except (StoreError, OSError) as error:
            if session_id not in self._engine.saving_late:
                raise
            self._report(session_id, error, "save")

    def _forget(self, session_id: str, *, purged: bool, tell: bool) -> None:
        known = self._engine.catalog.get(session_id)
        self._engine.documents.forget(session_id)
        self._engine.catalog.remove(session_id)
        if tell:
            workspace_id = known.workspace_id if known else self._scope or ""
            self._engine.bus.emit(
                Deleted(session_id=session_id, workspace_id=workspace_id, purged=purged)
            )

"""Deleting sessions and bringing them back from the trash."""

from __future__ import annotations

from datetime import datetime, timedelta

from tui_sessions.engine.arguments import is_number
from tui_sessions.engine.manager.room import Room
from tui_sessions.errors import (
    CorruptSession,
    InvalidValue,
    SessionLimitError,
    SessionNotFound,
    SessionsError,
    StoreError,
)
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.clock import now
from tui_sessions.model.events import Created
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Trashed


class Deleting(Room):
    """Puts sessions into the trash, brings them back, and deletes them for good."""

    async def delete(self, session_id: str) -> bool:
        """Put a session with its chats into the trash; running replies are stopped and kept.

        So are those of other windows and programs that hear of it within a moment.

        Returns:
            Whether there was one.
        """
        check_id(session_id, "session id")
        self._engine.check_open()
        if not await self._sessions.has(session_id):
            return False
        await self._busy.end(session_id)
        async with self._engine.documents.lock(session_id):
            await self._save_before_deletion(session_id)
            deleted = await self._engine.store.delete(session_id)
            self._forget(session_id, purged=False, tell=deleted)
        await self._busy.stop(session_id)
        return deleted

    async def undelete(self, session_id: str) -> Session:
        """Bring a session back from the trash.

        Raises:
            SessionNotFound: it is not there.
            SessionLimitError: there are as many sessions as there may be.
            CorruptSession: it cannot be read; it stays in the trash.
        """
        check_id(session_id, "session id")
        self._engine.check_open()
        if all(entry.session_id != session_id for entry in await self.trash()):
            raise SessionNotFound(session_id)
        async with (
            self._engine.creation,
            self._limits.counted_alone(),
            self._engine.documents.lock(session_id),
        ):
            await self._engine.store.undelete(session_id)
            try:
                document = self._boundary.check(await self._engine.documents.read(session_id))
                await self._limits.check_returning(document.head)
            except (CorruptSession, SessionLimitError):
                await self._engine.store.delete(session_id)
                self._forget(session_id, purged=False, tell=False)
                raise
            session = self._saving.saved(document)
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
        self._engine.check_open()
        trashed = any(entry.session_id == session_id for entry in await self.trash())
        if not trashed and not await self._sessions.has(session_id):
            return False
        await self._busy.end(session_id)
        async with self._engine.documents.lock(session_id):
            purged = await self._engine.store.purge(session_id)
            self._forget(session_id, purged=True, tell=purged)
        await self._engine.aside.drop(session_id)
        await self._busy.stop(session_id)
        return purged

    async def trash(self) -> list[Trashed]:
        """What can be brought back, the latest first."""
        self._engine.check_there()
        return [
            entry
            for entry in await self._engine.store.trash()
            if self._boundary.sees(entry.workspace_id)
        ]

    async def cleanup(self, older_than_days: float, *, dry_run: bool = False) -> list[Session]:
        """Put into the trash whatever was not used for so many days and is not answering.

        One that cannot be deleted is reported and keeps the others from nothing.

        Args:
            older_than_days: days since the last activity.
            dry_run: change nothing, and only tell.

        Returns:
            The sessions that went, or would go.
        """
        limit = _days_ago(older_than_days)
        old = [s for s in await self._catalog.find(Wanted()) if self._is_idle_since(s, limit)]
        return old if dry_run else [s for s in old if await self._clean_up(s, limit)]

    async def _clean_up(self, session: Session, limit: datetime) -> bool:
        """Delete one session, unless it was used meanwhile."""
        try:
            current = await self._sessions.get(session.id)
            return self._is_idle_since(current, limit) and await self.delete(session.id)
        except SessionNotFound:
            return False
        except SessionsError as error:
            self._reports.report(session.id, error, "clean up")
            return False

    def _is_idle_since(self, session: Session, limit: datetime) -> bool:
        return session.last_active_at < limit and not self._busy.of(session.id)

    async def _save_before_deletion(self, session_id: str) -> None:
        """Write what waits; a full disk keeps nothing from being deleted."""
        try:
            await self._saving.write_waiting(session_id)
        except (StoreError, OSError) as error:
            if not self._late_saves.waits_for(session_id):
                raise
            self._reports.report(session_id, error, "save")

    def _forget(self, session_id: str, *, purged: bool, tell: bool) -> None:
        place = self._boundary.workspace_id
        self._saving.forget(session_id, place, purged=purged, tell=tell)


def _days_ago(days: float) -> datetime:
    """The moment so many days back.

    Raises:
        InvalidValue: it is no number of days, or one before the calendar begins.
    """
    try:
        if is_number(days) and days >= 0:
            return now() - timedelta(days=days)
    except OverflowError:
        pass
    raise InvalidValue("days", days, "a number of days from 0 on, within the calendar")

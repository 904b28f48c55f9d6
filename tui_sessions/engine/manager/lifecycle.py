"""The life of sessions: touching, pausing, archiving, expiring, and sweeping up after them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from time import monotonic

from tui_sessions.engine.arguments import checked_seconds, is_number
from tui_sessions.engine.manager.children import Children
from tui_sessions.engine.manager.core import moment
from tui_sessions.engine.manager.sessions import state_fields
from tui_sessions.errors import InvalidValue, SessionNotFound, SessionsError
from tui_sessions.model.changes import SetFields
from tui_sessions.model.clock import now
from tui_sessions.model.lifecycle import SessionState, next_state, swept_state
from tui_sessions.model.session import Session
from tui_sessions.stores.base import SweepingStore

log = logging.getLogger(__name__)
_FILES_EVERY_S = 3600.0
"""How often files are swept in the background: they have a day anyway."""


class Lifecycle(Children):
    """What moves a session from one state into another."""

    async def touch(self, session_id: str) -> Session:
        """Note that a session was used now; it becomes active.

        Raises:
            SessionStateError: it is paused, archived or expired.
            SessionLimitError: as many are active as may be.
        """
        return await self._pass(session_id, "touch")

    async def pause(self, session_id: str) -> Session:
        """Put a session aside; its active chat is remembered."""
        return await self._pass(session_id, "pause")

    async def resume(self, session_id: str) -> Session:
        """Go on with a session, with the chat that was active."""
        return await self._pass(session_id, "resume")

    async def archive(self, session_id: str) -> Session:
        """Put a session out of the way, still whole and readable, until `unarchive`."""
        return await self._pass(session_id, "archive")

    async def unarchive(self, session_id: str) -> Session:
        """Take a session out of the archive."""
        return await self._pass(session_id, "unarchive")

    async def expire(self, session_id: str) -> Session:
        """Make a session final: read-only from now on; running replies are stopped and kept."""
        await self._read(session_id)
        await self._end_turns(session_id)
        expired = await self._pass(session_id, "expire")
        await self._stop_turns(session_id)
        return expired

    async def sweep_stale(self, ttl_s: float | None = None) -> list[Session]:
        """Suspend active sessions idle longer than their TTL, and expire those past their expiry.

        Args:
            ttl_s: seconds, for sessions without a TTL of their own; by default the settings'.

        Returns:
            The sessions that changed.
        """
        default = checked_seconds("ttl", ttl_s) or self._engine.settings.sweep.ttl_s
        changed = []
        for session in await self.list_sessions():
            if self._swept(session, default) is session.state:
                continue
            try:
                swept = await self._sweep(session.id, default)
            except Exception as error:
                self._report(session.id, error, "sweep")
                continue
            if swept is not None:
                changed.append(swept)
        return changed

    async def sweep_files(self) -> list[str]:
        """Remove pictures and files beside sessions that no message names any more.

        Those of sessions that were changed within a day stay: a message may be brought back.

        Returns:
            The paths they had.
        """
        self._check_open()
        store = self._engine.store
        if not isinstance(store, SweepingStore):
            return []
        swept = [await store.sweep_files(place.id) for place in await self.workspaces()]
        return [path for paths in swept for path in paths]

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
        old = [s for s in await self.list_sessions() if self._is_idle_since(s, limit)]
        return old if dry_run else [s for s in old if await self._clean_up(s, limit)]

    def start_sweeping(self) -> None:
        """Sweep in the background from now on, at the interval of the settings."""
        if self._engine.sweeper is None:
            self._engine.sweeper = asyncio.create_task(self._sweep_forever())

    async def stop_sweeping(self) -> None:
        """Sweep in the background no more."""
        sweeper, self._engine.sweeper = self._engine.sweeper, None
        if sweeper is not None:
            sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sweeper

    async def _clean_up(self, session: Session, limit: datetime) -> bool:
        """Delete one session, unless it was used meanwhile."""
        try:
            current = await self.get_session(session.id)
            return self._is_idle_since(current, limit) and await self.delete(session.id)
        except SessionNotFound:
            return False
        except SessionsError as error:
            self._report(session.id, error, "clean up")
            return False

    def _is_idle_since(self, session: Session, limit: datetime) -> bool:
        return session.last_active_at < limit and not self._turns_of(session.id)

    async def _pass(self, session_id: str, operation: str) -> Session:
        async with self._activation(), self._edit(session_id) as document:
            before = document.session()
            state = next_state(session_id, before.state, operation)
            fields = {"last_active_at": moment()} if operation in ("touch", "resume") else {}
            if state is not before.state:
                fields |= state_fields(state)
                if state is SessionState.ACTIVE:
                    await self._check_active_limit(before)
            if not fields:
                return before
            session = await self._commit(session_id, [SetFields(fields=fields)])
        self._tell_state(before, session)
        return session

    async def _sweep(self, session_id: str, default_ttl_s: float) -> Session | None:
        """Sweep one session, unless it was used meanwhile."""
        try:
            async with self._edit(session_id) as document:
                before = document.session()
                state = self._swept(before, default_ttl_s)
                if state is before.state:
                    return None
                change = SetFields(fields=state_fields(state))
                session = await self._commit(session_id, [change])
        except SessionNotFound:
            return None
        self._tell_state(before, session)
        return session

    def _swept(self, session: Session, default_ttl_s: float) -> SessionState:
        if session.read_only or self._turns_of(session.id):
            return session.state
        ttl_s = default_ttl_s if session.ttl_s is None else session.ttl_s
        return swept_state(session.state, session.last_active_at, session.expires_at, ttl_s, now())

    async def _sweep_forever(self) -> None:
        files_due = monotonic() + _FILES_EVERY_S
        while True:
            await asyncio.sleep(self._engine.settings.sweep.interval_s)
            try:
                await self.sweep_stale()
                if monotonic() > files_due:
                    files_due = monotonic() + _FILES_EVERY_S
                    await self.sweep_files()
            except Exception as error:
                self._report("", error, "sweep")


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

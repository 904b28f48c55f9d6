"""The life of sessions: touching, pausing, archiving, expiring, and sweeping up after them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta

from tui_sessions.engine.core import moment
from tui_sessions.engine.forks import Forks
from tui_sessions.engine.sessions import state_fields
from tui_sessions.errors import SessionNotFound, SessionsError
from tui_sessions.model.changes import SetFields
from tui_sessions.model.clock import now
from tui_sessions.model.lifecycle import SessionState, next_state, swept_state
from tui_sessions.model.session import Session

log = logging.getLogger(__name__)


class Lifecycle(Forks):
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
        """Put a session out of the way for good, still whole and readable."""
        return await self._pass(session_id, "archive")

    async def unarchive(self, session_id: str) -> Session:
        """Take a session out of the archive."""
        return await self._pass(session_id, "unarchive")

    async def expire(self, session_id: str) -> Session:
        """Make a session final: read-only from now on."""
        return await self._pass(session_id, "expire")

    async def sweep_stale(self, ttl_s: float | None = None) -> list[Session]:
        """Suspend active sessions idle longer than their TTL, and expire those past their expiry.

        Args:
            ttl_s: seconds, for sessions without a TTL of their own; by default the settings'.

        Returns:
            The sessions that changed.
        """
        default = self._engine.settings.sweep.ttl_s if ttl_s is None else ttl_s
        changed = []
        for session in await self.list_sessions():
            if self._swept(session, default) is session.state:
                continue
            try:
                swept = await self._sweep(session.id, default)
            except SessionsError as error:
                self._report(session.id, error, "sweep")
                continue
            if swept is not None:
                changed.append(swept)
        return changed

    async def cleanup(self, older_than_days: float, *, dry_run: bool = False) -> list[Session]:
        """Put into the trash whatever was not used for so many days.

        Args:
            older_than_days: days since the last activity.
            dry_run: change nothing, and only tell.

        Returns:
            The sessions that went, or would go.
        """
        limit = now() - timedelta(days=older_than_days)
        old = [s for s in await self.list_sessions() if s.last_active_at < limit]
        if not dry_run:
            for session in old:
                await self.delete(session.id)
        return old

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
        if any(owner == session.id for owner, _ in self._engine.turns):
            return session.state
        ttl_s = default_ttl_s if session.ttl_s is None else session.ttl_s
        return swept_state(session.state, session.last_active_at, session.expires_at, ttl_s, now())

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(self._engine.settings.sweep.interval_s)
            try:
                await self.sweep_stale()
            except SessionsError as error:
                self._report("", error, "sweep")

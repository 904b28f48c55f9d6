"""The life of sessions: touching, pausing, archiving, expiring, and sweeping up after them."""

from __future__ import annotations

import asyncio
from time import monotonic

from tui_sessions.engine.arguments import checked_seconds
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.sessions.session_states import state_fields, tell_state
from tui_sessions.errors import SessionNotFound
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.changes import SetFields
from tui_sessions.model.clock import now
from tui_sessions.model.lifecycle import SessionState, swept_state
from tui_sessions.model.session import Session
from tui_sessions.stores.base import SweepingStore

_FILES_EVERY_S = 3600.0
"""How often files are swept in the background: they have a day anyway."""


class Lifecycle(Room):
    """What moves a session from one state into another."""

    async def touch(self, session_id: str) -> Session:
        """Note that a session was used now; it becomes active.

        Raises:
            SessionStateError: it is paused, archived or expired.
            SessionLimitError: as many are active as may be.
        """
        return await self._transitions.make(session_id, "touch")

    async def pause(self, session_id: str) -> Session:
        """Put a session aside; its active chat is remembered."""
        return await self._transitions.make(session_id, "pause")

    async def resume(self, session_id: str) -> Session:
        """Go on with a session, with the chat that was active."""
        return await self._transitions.make(session_id, "resume")

    async def archive(self, session_id: str) -> Session:
        """Put a session out of the way, still whole and readable, until `unarchive`."""
        return await self._transitions.make(session_id, "archive")

    async def unarchive(self, session_id: str) -> Session:
        """Take a session out of the archive."""
        return await self._transitions.make(session_id, "unarchive")

    async def expire(self, session_id: str) -> Session:
        """Make a session final: read-only from now on; running replies are stopped and kept."""
        await self._sessions.read(session_id)
        await self._busy.end(session_id)
        expired = await self._transitions.make(session_id, "expire")
        await self._busy.stop(session_id)
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
        for session in await self._catalog.find(Wanted()):
            if self._swept(session, default) is session.state:
                continue
            try:
                swept = await self._sweep(session.id, default)
            except Exception as error:
                self._reports.report(session.id, error, "sweep")
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
        self._engine.check_open()
        store = self._engine.store
        if not isinstance(store, SweepingStore):
            return []
        swept = [await store.sweep_files(place.id) for place in await self._workspaces.all()]
        return [path for paths in swept for path in paths]

    def start_sweeping(self) -> None:
        """Sweep in the background from now on, at the interval of the settings."""
        self._engine.check_open()
        self._engine.sweeper.start(self._sweep_forever)

    async def stop_sweeping(self) -> None:
        """Sweep in the background no more."""
        await self._engine.sweeper.stop()

    async def _sweep(self, session_id: str, default_ttl_s: float) -> Session | None:
        """Sweep one session, unless it was used meanwhile."""
        try:
            async with self._sessions.edit(session_id) as document:
                before = document.head
                state = self._swept(before, default_ttl_s)
                if state is before.state:
                    return None
                change = SetFields(fields=state_fields(state))
                session = await self._saving.commit(session_id, [change])
        except SessionNotFound:
            return None
        tell_state(self._engine.bus, before, session)
        return session

    def _swept(self, session: Session, default_ttl_s: float) -> SessionState:
        if session.read_only or self._busy.of(session.id):
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
                self._reports.report("", error, "sweep")

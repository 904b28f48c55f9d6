"""Affinity: the session that a person meets again on a surface."""

from __future__ import annotations

from contextlib import nullcontext

from tui_sessions.engine.arguments import checked_filter, checked_name, checked_states, checked_text
from tui_sessions.engine.manager.room import Room
from tui_sessions.engine.sessions.session_making import new_session
from tui_sessions.errors import SessionLimitError, SessionNotFound, SessionStateError
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.changes import AddTo
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.lifecycle import RESUMABLE
from tui_sessions.model.session import Session
from tui_sessions.stores.base import ResolvingStore


class Affinity(Room):
    """Choosing the session to resume for a user on a surface."""

    async def resolve_session(
        self,
        *,
        user_id: str | None = None,
        workspace: str | None = None,
        surface: str | None = None,
    ) -> Session:
        """The session to go on with, made where there is none.

        One with the surface attached comes first, then the latest activity, then the latest
        creation. It is touched and the surface attached to it. Two calls at once give one session.

        Args:
            user_id: whose; by default the operating system's user.
            workspace: only in this workspace.
            surface: where the person is, as `tty:%3`.

        Raises:
            SessionLimitError: none can be resumed, and there are as many as there may be.
        """
        user_id = self._engine.user_id if user_id is None else checked_text("user id", user_id)
        surface = None if surface is None else checked_name("surface", surface)
        if workspace is not None:
            check_id(workspace, "workspace id")
        async with self._engine.resolving:
            if met := await self._met(user_id, workspace, surface):
                return met
            store = self._engine.store
            async with store.resolving() if isinstance(store, ResolvingStore) else nullcontext():
                # Another process may have made one meanwhile.
                if met := await self._met(user_id, workspace, surface):
                    return met
                return await self._made(user_id, workspace, surface)

    async def candidates(
        self, user_id: str, workspace: str | None, surface: str | None
    ) -> list[Session]:
        """The sessions that could be resumed, best first; children of agents never are."""
        wanted = Wanted(
            user_id=checked_filter("user id", user_id),
            workspace_id=checked_filter("workspace", workspace),
            states=checked_states(RESUMABLE),
        )
        known = await self._catalog.find(wanted)
        found = [one for one in known if not one.is_child and not one.read_only]
        found.sort(
            key=lambda s: (surface in s.surfaces, s.last_active_at, s.created_at), reverse=True
        )
        return found

    async def _met(
        self, user_id: str, workspace: str | None, surface: str | None
    ) -> Session | None:
        for candidate in await self.candidates(user_id, workspace, surface):
            try:
                return await self._meet(candidate.id, surface)
            except (SessionNotFound, SessionStateError, SessionLimitError):
                continue
        return None

    async def _made(self, user_id: str, workspace: str | None, surface: str | None) -> Session:
        surfaces = () if surface is None else (surface,)
        created = await self._making.create(
            new_session(None, self._workspaces.home(workspace), user_id, surfaces=surfaces)
        )
        try:
            return await self._transitions.make(created.id, "touch")
        except SessionLimitError:
            await self._making.unmake(created)
            raise

    async def _meet(self, session_id: str, surface: str | None) -> Session:
        session = await self._transitions.make(session_id, "touch")
        if surface is None or surface in session.surfaces:
            return session
        return await self._sessions.change(session_id, [AddTo(field="surfaces", value=surface)])

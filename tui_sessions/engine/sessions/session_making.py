"""Making sessions, and taking back those that were made for nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tui_sessions.engine.engine import Engine
from tui_sessions.engine.sessions.scoped_workspaces import ScopedWorkspaces
from tui_sessions.engine.sessions.session_limits import SessionLimits
from tui_sessions.errors import SessionExists, StoreError
from tui_sessions.model.clock import now
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import Created
from tui_sessions.model.format import new_document_data
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.session import Session


class SessionMaking:
    """Makes sessions, as far as the limits leave room for them."""

    def __init__(self, engine: Engine, limits: SessionLimits, workspaces: ScopedWorkspaces) -> None:
        self._engine = engine
        self._saving = engine.saving
        self._limits = limits
        self._workspaces = workspaces

    async def create(self, session: Session) -> Session:
        """Save a new session without chats, and make its workspace.

        Raises:
            SessionExists: the id is taken.
            SessionLimitError: there are as many as there may be.
        """
        async with self._engine.creation:
            return await self.add(SessionDocument(new_document_data(session)))

    async def add(self, document: SessionDocument, files_of: str | None = None) -> Session:
        """Save a new document, and make its workspace; the caller holds the creation lock.

        Args:
            document: the session.
            files_of: the session that has the files which its messages name.
        """
        self._engine.check_open()
        session = document.session()
        unmade = session.workspace_id not in self._engine.workspaces_made
        async with self._limits.counted_alone(needed=unmade):
            await self._limits.check_new(session)
            if unmade:
                # The store refuses a taken id as well, but the workspace would be made for nothing.
                with suppress(StoreError):  # a workspace is out of reach; saving sees to the id too
                    if await self._engine.store.version(session.id) is not None:
                        raise SessionExists(session.id)
                await self._workspaces.made(session.workspace_id)
            await self._engine.documents.add(document, files_of)
        session = self._saving.saved(document)
        self._engine.bus.emit(
            Created(session_id=session.id, workspace_id=session.workspace_id, session=session)
        )
        return session

    async def unmake(self, session: Session) -> None:
        """Take a session back that was made for nothing."""
        async with self._engine.documents.lock(session.id):
            await self._engine.store.purge(session.id)
            self._saving.forget(session.id, session.workspace_id, purged=True)


def new_session(session_id: str | None, workspace_id: str, user_id: str, **fields: Any) -> Session:
    """A session that begins now; without an id it gets one."""
    at = now()
    return Session(
        id=new_id() if session_id is None else session_id,
        workspace_id=workspace_id,
        user_id=user_id,
        created_at=at,
        updated_at=at,
        last_active_at=at,
        state_changed_at=at,
        **fields,
    )

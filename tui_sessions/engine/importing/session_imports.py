"""One session of another place on its way in: made here, or brought up to date."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tui_sessions.engine.engine import Engine
from tui_sessions.engine.importing.import_steps import ImportStep, left_out, step_of
from tui_sessions.engine.importing.import_updates import ImportUpdates
from tui_sessions.engine.kept_files import keep_from, name_files
from tui_sessions.engine.sessions.scoped_workspaces import ScopedWorkspaces
from tui_sessions.engine.sessions.session_making import SessionMaking
from tui_sessions.errors import SessionExists, SessionsError
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.transfer.base import ImportedSession, Skipped


class ImportPlan(msgspec.Struct):
    """How one import goes, and what it has met so far."""

    workspace: str | None
    """The one that takes all sessions; None: each goes to its own."""
    dry_run: bool = False
    since: datetime | None = None
    """Sessions in which nothing happened since then are left out."""
    again: bool = False
    """Everything is read, whether it has changed or not."""
    trashed: set[str] = msgspec.field(default_factory=set)
    """What lay in the trash when it began."""
    made: set[str] = msgspec.field(default_factory=set)
    """The sessions that a dry run would have made."""
    workspaces: set[str] = msgspec.field(default_factory=set)
    """Those that are known to be there."""


class SessionImports:
    """Takes in one thing after the other that an importer gives."""

    def __init__(
        self,
        engine: Engine,
        making: SessionMaking,
        workspaces: ScopedWorkspaces,
        updates: ImportUpdates,
    ) -> None:
        self._engine = engine
        self._making = making
        self._workspaces = workspaces
        self._updates = updates

    async def take(self, found: ImportedSession | Skipped, plan: ImportPlan) -> ImportStep:
        """Bring in one thing that an importer gave; what is wrong with it becomes a reason."""
        if isinstance(found, Skipped):
            return left_out(found)
        if plan.since is not None and found.document.session().last_active_at < plan.since:
            return step_of(found, "older")
        was_open = self._engine.documents.peek(found.document.id) is not None
        try:
            return await self.bring_in(found, plan)
        except SessionsError as error:
            return step_of(found, "skipped", reason=str(error))
        finally:
            if not was_open:
                self._engine.documents.release(found.document.id)
                await self._updates.fold_journals()

    async def bring_in(self, found: ImportedSession, plan: ImportPlan) -> ImportStep:
        """Bring in one session: make it, or bring the one that is here up to date."""
        session_id = found.document.id
        if await self._engine.store.version(session_id) is not None:
            return await self._updates.update(found, dry_run=plan.dry_run)
        if plan.dry_run:
            return self._would_create(found, plan)
        document = _placed(found, plan.workspace)
        await self._updates.check_fit(document.session(), [])
        await self._make_workspace(found, plan)
        if not found.exact:
            await name_files(document)
        try:
            await keep_from(self._engine.store, session_id, document, found.files)
            async with self._engine.creation:
                session = await self._making.add(document)
        except SessionExists:
            if any(entry.session_id == session_id for entry in await self._engine.store.trash()):
                return step_of(found, "in_trash")
            if await self._engine.store.version(session_id) is None:
                raise
            # Another process has brought it in meanwhile.
            return await self._updates.update(found, dry_run=False)
        return step_of(found, "created", session.message_count, session.workspace_id)

    def _would_create(self, found: ImportedSession, plan: ImportPlan) -> ImportStep:
        session = found.document.session()
        if session.id in plan.trashed:
            return step_of(found, "in_trash")
        if session.id in plan.made:
            return step_of(found, "unchanged")
        plan.made.add(session.id)
        workspace_id = plan.workspace or session.workspace_id
        return step_of(found, "created", session.message_count, workspace_id)

    async def _make_workspace(self, found: ImportedSession, plan: ImportPlan) -> None:
        wanted = found.workspace
        workspace_id = plan.workspace or wanted.id
        if workspace_id in plan.workspaces:
            return
        if workspace_id == wanted.id and found.exact:
            await self._workspaces.bring(wanted)
        elif workspace_id == wanted.id:
            await self._workspaces.create(wanted.id, name=wanted.name, directory=wanted.directory)
        else:
            await self._workspaces.create(workspace_id)
        plan.workspaces.add(workspace_id)


def _placed(found: ImportedSession, workspace_id: str | None) -> SessionDocument:
    """The document as it begins here: in its workspace, kept, and in use by nobody."""
    data = dict(found.document.data)
    data.pop("temporary", None)
    if workspace_id is not None:
        data["workspace_id"] = workspace_id
    if data.get("state") == SessionState.ACTIVE and not found.exact:
        data["state"] = SessionState.SUSPENDED.value
    return SessionDocument(data)

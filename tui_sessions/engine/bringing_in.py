"""One session of another place on its way in: made here, or brought up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from tui_sessions.engine.bringing_workspaces import BringingWorkspaces, left_out
from tui_sessions.engine.importing import ImportStep
from tui_sessions.engine.kept_files import name_files
from tui_sessions.errors import SessionExists, SessionLimitError, SessionsError
from tui_sessions.model.changes import Change, PutMessage
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session

# The modules of `transfer` are imported where they are used: most programs never import a session,
# and every start would pay for them.
if TYPE_CHECKING:
    from tui_sessions.transfer.base import ImportedSession, Skipped


class Plan(msgspec.Struct):
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


class BringingIn(BringingWorkspaces):
    """What takes in one thing that an importer gave."""

    async def _take(self, found: ImportedSession | Skipped, plan: Plan) -> ImportStep:
        """Bring in one thing that an importer gave; what is wrong with it becomes a reason."""
        from tui_sessions.transfer.base import Skipped

        if isinstance(found, Skipped):
            return left_out(found)
        if plan.since is not None and found.document.session().last_active_at < plan.since:
            return _step(found, "older")
        was_open = self._engine.documents.peek(found.document.id) is not None
        try:
            return await self._bring_in(found, plan)
        except SessionsError as error:
            return _step(found, "skipped", reason=str(error))
        finally:
            if not was_open:
                self._engine.documents.release(found.document.id)

    async def _bring_in(self, found: ImportedSession, plan: Plan) -> ImportStep:
        session_id = found.document.id
        if await self._engine.store.version(session_id) is not None:
            return await self._update(found, plan)
        if plan.dry_run:
            return self._would_create(found, plan)
        document = _placed(found, plan.workspace)
        await self._check_fit(document.session(), [])
        await self._make_workspace(found, plan)
        if not found.exact:
            await name_files(document)
        try:
            async with self._engine.creation:
                session = await self._create(document)
        except SessionExists:
            if any(entry.session_id == session_id for entry in await self._engine.store.trash()):
                return _step(found, "in_trash")
            raise
        return _step(found, "created", session.message_count, session.workspace_id)

    def _would_create(self, found: ImportedSession, plan: Plan) -> ImportStep:
        session = found.document.session()
        if session.id in plan.trashed:
            return _step(found, "in_trash")
        if session.id in plan.made:
            return _step(found, "unchanged")
        plan.made.add(session.id)
        workspace_id = plan.workspace or session.workspace_id
        return _step(found, "created", session.message_count, workspace_id)

    async def _update(self, found: ImportedSession, plan: Plan) -> ImportStep:
        from tui_sessions.transfer.merge import changes_between

        session_id = found.document.id
        async with self._edit(session_id) as document:
            changes = await asyncio.to_thread(changes_between, document, found.document)
            workspace_id = document.workspace_id
            if not changes:
                return _step(found, "unchanged", workspace_id=workspace_id)
            if not plan.dry_run:
                await self._check_fit(document.session(), changes)
                if not found.exact:
                    await name_files(changes)
                await self._commit(session_id, changes)
        added = sum(isinstance(change, PutMessage) for change in changes)
        return _step(found, "updated", added, workspace_id)

    async def _check_fit(self, session: Session, changes: Sequence[Change]) -> None:
        """Whether the chats may hold what they are to hold, and are not being written to."""
        limit = self._engine.settings.limits.messages_per_chat
        for chat in session.chats:
            more = sum(isinstance(c, PutMessage) and c.chat == chat.id for c in changes)
            if limit is not None and chat.message_count + more > limit and (more or not changes):
                raise SessionLimitError(limit, "messages_per_chat")
            if more:
                await self._check_free(session.id, chat.id)

    async def _make_workspace(self, found: ImportedSession, plan: Plan) -> None:
        wanted = found.workspace
        workspace_id = plan.workspace or wanted.id
        if workspace_id in plan.workspaces:
            return
        if workspace_id == wanted.id and found.exact:
            await self._bring_workspace(wanted)
        elif workspace_id == wanted.id:
            await self.create_workspace(wanted.id, name=wanted.name, directory=wanted.directory)
        else:
            await self.create_workspace(workspace_id)
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


def _step(
    found: ImportedSession,
    outcome: str,
    messages: int = 0,
    workspace_id: str | None = None,
    *,
    reason: str = "",
) -> ImportStep:
    session = found.document.session()
    return ImportStep(
        outcome=outcome,
        path=found.path,
        session_id=session.id,
        workspace_id=workspace_id or session.workspace_id,
        label=session.label,
        messages=messages,
        reason=reason,
        share=found.share,
    )

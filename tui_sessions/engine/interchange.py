"""Sessions from and to other places: imports and exports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tui_sessions.engine.counting import Counting
from tui_sessions.engine.importing import ImportStep
from tui_sessions.engine.read_ahead import read_ahead
from tui_sessions.errors import (
    InvalidValue,
    SessionExists,
    SessionLimitError,
    SessionsError,
    TransferError,
)
from tui_sessions.model.changes import Change, PutMessage
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session

# The modules of `transfer` are imported where they are used: most programs never import a session,
# and every start would pay for them.
if TYPE_CHECKING:
    from tui_sessions.transfer.base import ImportedSession, Importer, Skipped


@dataclass(slots=True)
class _Plan:
    """How one import goes, and what it has met so far."""

    workspace: str | None
    """The one that takes all sessions; None: each goes to its own."""
    dry_run: bool = False
    trashed: set[str] = field(default_factory=set)
    """What lies in the trash; looked up for dry runs only."""
    made: set[str] = field(default_factory=set)
    """The sessions that a dry run would have made."""
    workspaces: set[str] = field(default_factory=set)
    """Those that are known to be there."""


class Interchange(Counting):
    """Bringing sessions in, again and again without harm, and handing them out."""

    async def import_sessions(
        self,
        source: str | Importer,
        paths: Iterable[Path | str] = (),
        *,
        workspace: str | None = None,
        dry_run: bool = False,
    ) -> AsyncGenerator[ImportStep, None]:
        """Import foreign histories, or bring those that are here already up to date.

        What the person did here stays: nothing is taken away, and what is in the trash stays
        there. Whoever leaves the loop early keeps what came in until then, and ends the reading
        at once by `aclose()`.

        Args:
            source: the name of an importer (`claude-code`, `simulacra`, `formagent`, `json`) or
                an object with its protocol.
            paths: files and folders; by default where the source keeps them on this machine.
            workspace: the id of a workspace that takes all of them; by default each goes to the
                one it belongs to.
            dry_run: change nothing, and only tell what would happen.

        Yields:
            A step for each session and for everything that was left out.

        Raises:
            InvalidValue: there is no importer of that name.
            TransferError: no path was given, and nothing was found on this machine.
        """
        importer = _importer(source) if isinstance(source, str) else source
        places = [Path(path) for path in paths] or await asyncio.to_thread(importer.find)
        if not places:
            reason = "no sessions of it were found on this machine; name the file or folder."
            raise TransferError(importer.title, reason)
        plan = self._plan(workspace, dry_run)
        if dry_run:
            plan.trashed = {entry.session_id for entry in await self._engine.store.trash()}
        user_id = self._engine.user_id

        def read() -> Iterator[ImportedSession | Skipped]:
            for place in places:
                yield from importer.read(place, user_id)

        async with aclosing(read_ahead(read)) as reading:
            async for found in reading:
                yield await self._take(found, plan)

    async def import_session(self, data: bytes | str, *, workspace: str | None = None) -> Session:
        """Import one session that `export_session(…, "json")` wrote.

        One that is here already gets the messages that are new to it.

        Raises:
            TransferError: it is no session, or the session is in the trash.
        """
        from tui_sessions.transfer.own_json import import_document
        from tui_sessions.transfer.own_sessions import own_session

        content = data.encode("utf-8", "replace") if isinstance(data, str) else data
        document = await asyncio.to_thread(import_document, content)
        plan = self._plan(workspace, dry_run=False)
        step = await self._bring_in(own_session(document, Path("import")), plan)
        if step.outcome == "in_trash":
            raise TransferError(document.id, "it is in the trash; restore or purge it first.")
        return await self.get_session(document.id)

    async def export_session(
        self,
        session_id: str,
        format: str = "markdown",  # noqa: A002  what everybody calls it
    ) -> bytes:
        """A session as a file: `json`, which is complete, or `markdown`.

        Raises:
            InvalidValue: there is no such format.
        """
        from tui_sessions.transfer.registry import exporter

        chosen = exporter(format)
        async with self._edit(session_id) as document:
            return await asyncio.to_thread(chosen.export, document)

    def _plan(self, workspace: str | None, dry_run: bool) -> _Plan:
        bound = workspace is not None or self._scope is not None
        return _Plan(self._workspace_for(workspace) if bound else None, dry_run)

    async def _take(self, found: ImportedSession | Skipped, plan: _Plan) -> ImportStep:
        """Bring in one thing that an importer gave; what is wrong with it becomes a reason."""
        from tui_sessions.transfer.base import Skipped

        if isinstance(found, Skipped):
            return ImportStep(
                outcome="skipped",
                path=found.path,
                reason=found.reason,
                lines=found.lines,
                count=found.count,
            )
        try:
            return await self._bring_in(found, plan)
        except SessionsError as error:
            return _step(found, "skipped", reason=str(error))

    async def _bring_in(self, found: ImportedSession, plan: _Plan) -> ImportStep:
        session_id = found.document.id
        if await self._engine.store.version(session_id) is not None:
            return await self._update(found, plan)
        if plan.dry_run:
            return self._would_create(found, plan)
        document = _placed(found.document, plan.workspace)
        self._check_fit(document.session(), [])
        await self._make_workspace(found, plan)
        try:
            async with self._engine.creation:
                session = await self._create(document)
        except SessionExists:
            if any(entry.session_id == session_id for entry in await self._engine.store.trash()):
                return _step(found, "in_trash")
            raise
        return _step(found, "created", session.message_count, session.workspace_id)

    def _would_create(self, found: ImportedSession, plan: _Plan) -> ImportStep:
        session = found.document.session()
        if session.id in plan.trashed:
            return _step(found, "in_trash")
        if session.id in plan.made:
            return _step(found, "unchanged")
        plan.made.add(session.id)
        workspace_id = plan.workspace or session.workspace_id
        return _step(found, "created", session.message_count, workspace_id)

    async def _update(self, found: ImportedSession, plan: _Plan) -> ImportStep:
        from tui_sessions.transfer.merge import changes_between

        session_id = found.document.id
        async with self._edit(session_id) as document:
            changes = await asyncio.to_thread(changes_between, document, found.document)
            workspace_id = document.workspace_id
            if not changes:
                return _step(found, "unchanged", workspace_id=workspace_id)
            if not plan.dry_run:
                self._check_fit(document.session(), changes)
                await self._commit(session_id, changes)
        added = sum(isinstance(change, PutMessage) for change in changes)
        return _step(found, "updated", added, workspace_id)

    def _check_fit(self, session: Session, changes: Sequence[Change]) -> None:
        """Whether the chats may hold what they are to hold, and are not being written to."""
        limit = self._engine.settings.limits.messages_per_chat
        for chat in session.chats:
            more = sum(isinstance(c, PutMessage) and c.chat == chat.id for c in changes)
            if limit is not None and chat.message_count + more > limit and (more or not changes):
                raise SessionLimitError(limit, "messages_per_chat")
            if more:
                self._check_idle(session.id, chat.id)

    async def _make_workspace(self, found: ImportedSession, plan: _Plan) -> None:
        wanted = found.workspace
        workspace_id = plan.workspace or wanted.id
        if workspace_id in plan.workspaces:
            return
        if workspace_id == wanted.id:
            await self.create_workspace(wanted.id, name=wanted.name, directory=wanted.directory)
        else:
            await self.create_workspace(workspace_id)
        plan.workspaces.add(workspace_id)


def _importer(name: str) -> Importer:
    from tui_sessions.transfer.own_sessions import OwnSessions
    from tui_sessions.transfer.registry import importer, importer_names

    if name == OwnSessions.name:
        return OwnSessions()
    if name not in importer_names():
        raise InvalidValue("source", name, (*importer_names(), OwnSessions.name))
    return importer(name)


def _placed(document: SessionDocument, workspace_id: str | None) -> SessionDocument:
    """The document as it begins here: in its workspace, and in use by nobody."""
    data = dict(document.data)
    if workspace_id is not None:
        data["workspace_id"] = workspace_id
    if data.get("state") == SessionState.ACTIVE:
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
    )

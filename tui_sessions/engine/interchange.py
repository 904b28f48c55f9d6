"""Sessions from other places: imports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tui_sessions.engine.handing_out import HandingOut
from tui_sessions.engine.importing import ImportStep
from tui_sessions.engine.kept_files import name_files
from tui_sessions.engine.read_ahead import read_ahead
from tui_sessions.errors import (
    InvalidValue,
    SessionExists,
    SessionLimitError,
    SessionsError,
    TransferError,
)
from tui_sessions.model.changes import Change, PutMessage
from tui_sessions.model.clock import now
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session, Workspace

# The modules of `transfer` are imported where they are used: most programs never import a session,
# and every start would pay for them.
if TYPE_CHECKING:
    from tui_sessions.engine.import_parts import Part
    from tui_sessions.transfer.base import ImportedSession, Importer, Skipped
    from tui_sessions.transfer.import_memory import ImportMemory


@dataclass(slots=True)
class _Plan:
    """How one import goes, and what it has met so far."""

    workspace: str | None
    """The one that takes all sessions; None: each goes to its own."""
    dry_run: bool = False
    since: datetime | None = None
    """Sessions in which nothing happened since then are left out."""
    again: bool = False
    """Everything is read, whether it has changed or not."""
    trashed: set[str] = field(default_factory=set)
    """What lay in the trash when it began."""
    made: set[str] = field(default_factory=set)
    """The sessions that a dry run would have made."""
    workspaces: set[str] = field(default_factory=set)
    """Those that are known to be there."""


class Interchange(HandingOut):
    """Bringing sessions in, again and again without harm."""

    async def import_sessions(
        self,
        source: str | Importer,
        paths: Iterable[Path | str] = (),
        *,
        workspace: str | None = None,
        dry_run: bool = False,
        since: datetime | None = None,
        again: bool = False,
    ) -> AsyncGenerator[ImportStep, None]:
        """Import foreign histories, or bring those that are here already up to date.

        What the person did here stays: nothing is taken away, and what is in the trash stays
        there. Whoever leaves the loop early keeps what came in until then, and ends the reading
        at once by `aclose()`. What has not changed since it was last imported is not read again.

        Args:
            source: the name of an importer (`claude-code`, `opencode`, `json`; the registry's
                `importer_names()` tells all) or an object with its protocol.
            paths: files and folders; by default where the source keeps them on this machine.
            workspace: the id of a workspace that takes all of them; by default each goes to the
                one it belongs to.
            dry_run: change nothing, and only tell what would happen.
            since: leave out the sessions in which nothing has happened since then.
            again: read everything, whether it has changed or not.

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
        plan.since, plan.again = since, again
        plan.trashed = {entry.session_id for entry in await self._engine.store.trash()}
        try:
            async with aclosing(self._import(importer, places, plan)) as steps:
                async for step in steps:
                    yield step
        finally:
            await asyncio.to_thread(self._imported().save)

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
        step = await self._bring_in(own_session(document, Path("import"), exact=True), plan)
        if step.outcome == "in_trash":
            raise TransferError(document.id, "it is in the trash; restore or purge it first.")
        return await self.get_session(document.id)

    async def _import(
        self, importer: Importer, places: Sequence[Path], plan: _Plan
    ) -> AsyncGenerator[ImportStep, None]:
        """Read what has to be read of some places, part by part."""
        from tui_sessions.engine.freed_memory import return_large_blocks
        from tui_sessions.engine.import_parts import Reading, parts_of
        from tui_sessions.transfer.base import HoldsWorkspaces

        return_large_blocks()
        owner = f"{self._engine.user_id}\0{plan.workspace or ''}"
        parts = await asyncio.to_thread(parts_of, importer, places, owner)
        if isinstance(importer, HoldsWorkspaces) and plan.workspace is None and not plan.dry_run:
            for place in places:
                for workspace in await asyncio.to_thread(importer.workspaces, place):
                    await self._bring_workspace(workspace)
        reading = Reading(parts)
        for part in parts:
            reading.begin(part)
            steps = self._part(part, plan)
            async with aclosing(steps):
                async for step in steps:
                    yield reading.stepped(step)
            reading.end()
            remembered = reading.remembered(plan.since)
            if remembered is not None and not plan.dry_run:
                self._imported().put(part.key, remembered)

    async def _part(self, part: Part, plan: _Plan) -> AsyncGenerator[ImportStep, None]:
        from tui_sessions.engine.import_parts import parts_within

        if part.is_older_than(plan.since):
            yield ImportStep(outcome="older", path=part.place)
            return
        known = None if plan.again else await self._remembered(part, plan)
        if known is not None:
            for step in known:
                yield step
            return
        within = await asyncio.to_thread(parts_within, part)
        for inner in within:
            async with aclosing(self._inner(inner, plan)) as steps:
                async for step in steps:
                    yield step
        if not within:
            async with aclosing(self._read_part(part, plan)) as steps:
                async for step in steps:
                    yield step

    async def _inner(self, part: Part, plan: _Plan) -> AsyncGenerator[ImportStep, None]:
        """A part of a part, which is remembered by itself."""
        from tui_sessions.engine.import_parts import remembered_of

        taken = []
        async with aclosing(self._part(part, plan)) as steps:
            async for step in steps:
                taken.append(step)
                yield step
        remembered = remembered_of(part, taken, plan.since)
        if remembered is not None and not plan.dry_run:
            self._imported().put(part.key, remembered)

    async def _read_part(self, part: Part, plan: _Plan) -> AsyncGenerator[ImportStep, None]:
        from tui_sessions.engine.freed_memory import return_gaps
        from tui_sessions.engine.import_parts import is_large

        read = partial(part.unit.read, self._engine.user_id)
        async with aclosing(read_ahead(read, ahead=1, alone=is_large)) as found:
            async for each in found:
                large = is_large(each)
                step = await self._take(each, plan)
                del each
                if large:
                    await asyncio.to_thread(return_gaps)
                yield step

    async def _remembered(self, part: Part, plan: _Plan) -> list[ImportStep] | None:
        """What a part gave that is as it was then; None where it has to be read."""
        remembered = self._imported().get(part.key)
        digests = (part.digest, part.digest_since(plan.since))
        if remembered is None or remembered.digest not in digests:
            return None
        steps = [_left_out(skip.skipped()) for skip in remembered.skipped]
        for session_id, path in remembered.sessions:
            if not session_id:
                steps.append(ImportStep(outcome="older", path=Path(path)))
                continue
            in_trash = session_id in plan.trashed
            # What was deleted for good comes back, as it would without anything remembered.
            if not in_trash and await self._engine.store.version(session_id) is None:
                return None
            outcome = "in_trash" if in_trash else "unchanged"
            steps.append(ImportStep(outcome=outcome, path=Path(path), session_id=session_id))
        return steps

    def _imported(self) -> ImportMemory:
        from tui_sessions.transfer.import_memory import ImportMemory

        if self._engine.imported is None:
            self._engine.imported = ImportMemory(self._engine.import_memory)
        return self._engine.imported

    def _plan(self, workspace: str | None, dry_run: bool) -> _Plan:
        bound = workspace is not None or self._scope is not None
        return _Plan(self._workspace_for(workspace) if bound else None, dry_run)

    async def _take(self, found: ImportedSession | Skipped, plan: _Plan) -> ImportStep:
        """Bring in one thing that an importer gave; what is wrong with it becomes a reason."""
        from tui_sessions.transfer.base import Skipped

        if isinstance(found, Skipped):
            return _left_out(found)
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

    async def _bring_in(self, found: ImportedSession, plan: _Plan) -> ImportStep:
        session_id = found.document.id
        if await self._engine.store.version(session_id) is not None:
            return await self._update(found, plan)
        if plan.dry_run:
            return self._would_create(found, plan)
        document = _placed(found, plan.workspace)
        self._check_fit(document.session(), [])
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
                if not found.exact:
                    await name_files(changes)
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
        if workspace_id == wanted.id and found.exact:
            await self._bring_workspace(wanted)
        elif workspace_id == wanted.id:
            await self.create_workspace(wanted.id, name=wanted.name, directory=wanted.directory)
        else:
            await self.create_workspace(workspace_id)
        plan.workspaces.add(workspace_id)

    async def _bring_workspace(self, workspace: Workspace) -> None:
        """One of our own as it was; one that is here already stays as it is."""
        self._check_open()
        async with self._engine.creation:
            if all(known.id != workspace.id for known in await self._engine.store.workspaces()):
                made = msgspec.structs.replace(workspace, created_at=workspace.created_at or now())
                await self._engine.store.save_workspace(made)


def _importer(name: str) -> Importer:
    from tui_sessions.transfer.own_sessions import OwnSessions
    from tui_sessions.transfer.registry import importer, importer_names

    if name == OwnSessions.name:
        return OwnSessions()
    if name not in importer_names():
        raise InvalidValue("source", name, (*importer_names(), OwnSessions.name))
    return importer(name)


def _left_out(skipped: Skipped) -> ImportStep:
    return ImportStep(
        outcome="skipped",
        path=skipped.path,
        reason=skipped.reason,
        lines=skipped.lines,
        count=skipped.count,
    )


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

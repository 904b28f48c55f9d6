"""A session that is here already, compared with its source and brought up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext

import msgspec

from tui_sessions.engine.boundary import Boundary
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.importing.import_steps import ImportStep, step_of
from tui_sessions.engine.kept_files import keep_from, name_files
from tui_sessions.engine.sessions.busy_chats import BusyChats
from tui_sessions.engine.sessions.session_limits import SessionLimits
from tui_sessions.model.changes import Change, PutMessage, SetFields
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Stored
from tui_sessions.transfer.base import ImportedSession
from tui_sessions.transfer.merge import Comparison, changes_between

_MEETINGS = 5
"""How often another process may come between before a long session is read as a whole."""
_MANY = 1000
"""New messages that are not worth a journal of their own."""


class ImportUpdates:
    """Adds to a session what its source has gained."""

    def __init__(
        self,
        engine: Engine,
        boundary: Boundary,
        limits: SessionLimits,
        busy: BusyChats,
    ) -> None:
        self._engine = engine
        self._boundary = boundary
        self._saving = engine.saving
        self._limits = limits
        self._busy = busy
        self._reports = engine.reports

    async def update(self, found: ImportedSession, *, dry_run: bool) -> ImportStep:
        """Add what is new; a long session that nobody has open is not read as a whole for that."""
        self._engine.check_open()
        session_id, documents = found.document.id, self._engine.documents
        async with documents.held(session_id):
            for _ in range(_MEETINGS):
                comparison = Comparison(found.document)
                skimmed = await documents.skim(session_id, comparison.see)
                if skimmed is None:
                    break
                document = self._boundary.check(skimmed.document)
                changes = await asyncio.to_thread(comparison.changes, document)
                if changes and not dry_run:
                    await self._make_ready(found, document, changes)
                    if not await self._commit_skimmed(skimmed, changes):
                        continue
                return _updated(found, document, changes)
            document = self._boundary.check(await documents.read(session_id))
            changes = await asyncio.to_thread(changes_between, document, found.document)
            if changes and not dry_run:
                await self._make_ready(found, document, changes)
                await self._saving.commit(session_id, changes)
            return _updated(found, document, changes)

    async def fold_journals(self) -> None:
        """Bring the journals of sessions that nobody has open into their documents, when due."""
        engine = self._engine
        for session_id in engine.journals.left:
            if engine.journals.is_due(session_id) and engine.documents.peek(session_id) is None:
                await self._saving.fold(session_id)

    async def check_fit(self, session: Session, changes: Sequence[Change]) -> None:
        """Whether there may be so many chats, which may hold so much and are not written to."""
        if not changes:
            self._limits.check_chats(session, more=0)
        for chat in session.chats:
            more = sum(isinstance(c, PutMessage) and c.chat == chat.id for c in changes)
            if more or not changes:
                self._limits.check_room(chat.message_count + more)
            if more:
                await self._busy.check_free(session.id, chat.id)

    async def _make_ready(
        self, found: ImportedSession, document: SessionDocument, changes: Sequence[Change]
    ) -> None:
        await self.check_fit(document.session(), changes)
        if not found.exact:
            await name_files(changes)
            await keep_from(self._engine.store, document.id, changes, found.files)

    async def _commit_skimmed(self, skimmed: Stored, changes: Sequence[Change]) -> bool:
        """Make changes durable; not where the session has been changed meanwhile."""
        journals, session_id = self._engine.journals, skimmed.document.id
        anew = journals.is_due(session_id) or len(changes) > _MANY
        writing = journals.writing(session_id) if anew else nullcontext()
        with self._reports.telling(session_id, "save"), writing:
            committed = await self._engine.documents.commit_skimmed(skimmed, changes, anew=anew)
        if committed is None:
            return False
        if not anew:
            journals.leave(session_id)
        self._saving.note(committed.document, committed.version)
        return True


def _updated(
    found: ImportedSession, document: SessionDocument, changes: Sequence[Change]
) -> ImportStep:
    """What came of it, under the name and in the workspace that it has here."""
    added = sum(isinstance(change, PutMessage) for change in changes)
    step = step_of(found, "updated" if changes else "unchanged", added, document.workspace_id)
    label = document.head.label
    for change in changes:
        if isinstance(change, SetFields) and change.chat is None:
            label = change.fields.get("label", label)
    return msgspec.structs.replace(step, label=label)

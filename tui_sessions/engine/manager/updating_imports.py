"""A session that is here already, compared with its source and brought up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

import msgspec

from tui_sessions.engine.importing.import_steps import ImportStep
from tui_sessions.engine.kept_files import keep_from, name_files
from tui_sessions.engine.manager.importing_workspaces import ImportingWorkspaces
from tui_sessions.model.changes import Change, PutMessage, SetFields
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Session
from tui_sessions.stores.base import Stored

if TYPE_CHECKING:
    from tui_sessions.transfer.base import ImportedSession

_MEETINGS = 5
"""How often another process may come between before a long session is read as a whole."""
_MANY = 1000
"""New messages that are not worth a journal of their own."""


class UpdatingImports(ImportingWorkspaces):
    """What adds to a session what its source has gained."""

    async def _update(self, found: ImportedSession, *, dry_run: bool) -> ImportStep:
        """Add what is new; a long session that nobody has open is not read as a whole for that."""
        from tui_sessions.transfer.merge import Comparison, changes_between

        self._check_open()
        session_id, documents = found.document.id, self._engine.documents
        async with documents.held(session_id):
            for _ in range(_MEETINGS):
                comparison = Comparison(found.document)
                skimmed = await documents.skim(session_id, comparison.see)
                if skimmed is None:
                    break
                document = self._check_scope(skimmed.document)
                changes = await asyncio.to_thread(comparison.changes, document)
                if changes and not dry_run:
                    await self._make_ready(found, document, changes)
                    if not await self._commit_skimmed(skimmed, changes):
                        continue
                return _updated(found, document, changes)
            document = self._check_scope(await documents.read(session_id))
            changes = await asyncio.to_thread(changes_between, document, found.document)
            if changes and not dry_run:
                await self._make_ready(found, document, changes)
                await self._commit(session_id, changes)
            return _updated(found, document, changes)

    async def _fold_journals(self) -> None:
        """Bring the journals of sessions that nobody has open into their documents, when due."""
        engine = self._engine
        for session_id in engine.journals.left:
            if engine.journals.is_due(session_id) and engine.documents.peek(session_id) is None:
                await self._fold(session_id)

    async def _make_ready(
        self, found: ImportedSession, document: SessionDocument, changes: Sequence[Change]
    ) -> None:
        await self._check_fit(document.session(), changes)
        if not found.exact:
            await name_files(changes)
            await keep_from(self._engine.store, document.id, changes, found.files)

    async def _commit_skimmed(self, skimmed: Stored, changes: Sequence[Change]) -> bool:
        """Make changes durable; not where the session has been changed meanwhile."""
        journals, session_id = self._engine.journals, skimmed.document.id
        anew = journals.is_due(session_id) or len(changes) > _MANY
        try:
            with journals.writing(session_id) if anew else nullcontext():
                committed = await self._engine.documents.commit_skimmed(skimmed, changes, anew=anew)
        except Exception as error:
            self._report(session_id, error, "save")
            raise
        if committed is None:
            return False
        if not anew:
            journals.leave(session_id)
        self._note(committed.document, committed.version)
        return True

    async def _check_fit(self, session: Session, changes: Sequence[Change]) -> None:
        """Whether there may be so many chats, which may hold so much and are not written to."""
        if not changes:
            self._check_chat_limit(session, more=0)
        for chat in session.chats:
            more = sum(isinstance(c, PutMessage) and c.chat == chat.id for c in changes)
            if more or not changes:
                self._check_room(chat.message_count + more)
            if more:
                await self._check_free(session.id, chat.id)


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


def step_of(
    found: ImportedSession,
    outcome: str,
    messages: int = 0,
    workspace_id: str | None = None,
    *,
    reason: str = "",
) -> ImportStep:
    """What came of a session that an importer gave."""
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

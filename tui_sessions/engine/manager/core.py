"""What all parts of the manager stand on: access to the sessions that are in scope."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from tui_sessions.engine.long_chats import FEW, of_many
from tui_sessions.engine.manager.engine import Engine
from tui_sessions.errors import ChatNotFound, SessionNotFound, SessionsError, StoreError
from tui_sessions.model.changes import Change
from tui_sessions.model.clock import format_time, now
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import LifecycleError, Saved
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.message import Message
from tui_sessions.model.session import Session

MEETINGS = 5
"""How often another process may come first before what was decided is done all the same."""
Decide = Callable[[SessionDocument], Awaitable[Sequence[Change]]]
"""Says what is to change of a session, by how it is; it may be asked twice."""


_CLOSED = "The sessions are closed; open them again."


class Core:
    """Access to the sessions that a face may see: all, or those of one workspace."""

    def __init__(self, engine: Engine, workspace_id: str | None = None) -> None:
        self._engine = engine
        self._scope = workspace_id

    def _sees(self, workspace_id: str) -> bool:
        """Whether what is in a workspace may be seen from here."""
        return self._scope in (None, workspace_id)

    def _check_scope(self, document: SessionDocument) -> SessionDocument:
        if self._scope is not None and document.workspace_id != self._scope:
            raise SessionNotFound(document.id)
        return document

    async def _read(self, session_id: str) -> SessionDocument:
        """The current document of a session in scope."""
        self._check_there()
        document = await self._engine.documents.read(check_id(session_id, "session id"))
        return self._check_scope(document)

    @asynccontextmanager
    async def _edit(self, session_id: str) -> AsyncIterator[SessionDocument]:
        """The same, held for oneself until the end of the block."""
        check_id(session_id, "session id")
        self._check_open()
        async with self._engine.documents.edit(session_id) as document:
            yield self._check_scope(document)

    async def _amend(self, session_id: str, decide: Decide) -> None:
        """Hold a session, decide on changes to it and make them durable.

        It is decided by the document in memory first, and anew where that turns out not to be
        current: so a save is one call to the store.
        """
        check_id(session_id, "session id")
        self._check_open()
        documents = self._engine.documents
        async with documents.held(session_id):
            if await self._amend_known(session_id, decide):
                return
            for _ in range(MEETINGS):
                document = self._check_scope(await documents.read(session_id))
                changes = await decide(document)
                if not documents.checks:
                    break
                if await self._commit_if_current(document, changes):
                    return
            await self._commit(session_id, changes)

    async def _amend_known(self, session_id: str, decide: Decide) -> bool:
        kept = self._engine.documents.peek(session_id)
        if kept is None:
            return False
        try:
            changes = await decide(self._check_scope(kept[0]))
        except SessionsError:
            return False  # the file may say otherwise
        return await self._commit_if_current(kept[0], changes)

    async def _commit_if_current(
        self, document: SessionDocument, changes: Sequence[Change]
    ) -> bool:
        try:
            committed = await self._engine.documents.commit_if_current(document, changes)
        except Exception as error:
            self._report(document.id, error, "save")
            raise
        if committed is not None:
            self._engine.journals.leave(document.id)
            self._note(committed)
        return committed is not None

    def _check_open(self) -> None:
        """Refuse changes once everything is saved: nobody would save them any more."""
        if self._engine.closed:
            raise StoreError(_CLOSED)

    def _check_there(self) -> None:
        """Refuse to read once the store is let go of; until then a shutdown reads as well."""
        if self._engine.let_go:
            raise StoreError(_CLOSED)

    async def _commit(self, session_id: str, changes: Sequence[Change]) -> Session:
        """Make changes of a held session durable, and tell that it is saved."""
        try:
            document = await self._engine.documents.commit(session_id, changes)
        except Exception as error:
            self._report(session_id, error, "save")
            raise
        self._engine.journals.leave(session_id)
        return self._saved(document)

    def _saved(self, document: SessionDocument) -> Session:
        """Note how a session is now, and tell of it unless that still waits in memory."""
        if not self._engine.documents.waits(document.id):
            self._note(document)
        return document.session()

    def _note(self, document: SessionDocument, version: str | None = None) -> None:
        """Tell the catalog and whoever listens how a session is in this version."""
        head = document.head
        known = self._engine.documents.version(head.id) if version is None else version
        alike = self._engine.documents.texts.found_alike(head.id, known)
        self._engine.catalog.put(head, known, alike)
        if self._engine.bus.hears("saved"):
            session = document.session()
            self._engine.bus.emit(
                Saved(session_id=head.id, workspace_id=head.workspace_id, session=session)
            )

    async def _fold(self, session_id: str) -> None:
        """Bring a journal that was left into its document; a failure is only reported."""
        journals = self._engine.journals
        try:
            async with self._engine.documents.lock(session_id):
                with journals.writing(session_id):
                    await self._fold_held(session_id)
        except Exception as error:
            self._report(session_id, error, "fold")

    async def _fold_held(self, session_id: str) -> None:
        """Fold a session that is held; it is another version then, but the same session."""
        engine = self._engine
        folded = await engine.store.fold(session_id)
        if folded is None:
            return
        engine.documents.texts.note(session_id, (), folded.before, folded.after)
        session, version = await asyncio.to_thread(engine.catalog.versioned, session_id) or (
            None,
            "",
        )
        if session is not None and version == folded.before:
            alike = engine.documents.texts.found_alike(session_id, folded.after)
            engine.catalog.put(session, folded.after, alike)
            engine.indexer.note()

    def _report(self, session_id: str, error: Exception, operation: str, **context: str) -> None:
        """Tell of a failure that no caller may be waiting for."""
        known = self._engine.catalog.get(session_id)
        self._engine.bus.emit(
            LifecycleError(
                session_id=session_id,
                workspace_id=known.workspace_id if known else "",
                error=error,
                operation=operation,
                context=context,
            )
        )

    @staticmethod
    def _chat_id(document: SessionDocument, chat_id: str | None) -> str:
        """The chat that is meant: the one named, else the active one."""
        chosen = document.head.active_chat_id if chat_id is None else chat_id
        if chosen is None or document.chat_data(chosen) is None:
            raise ChatNotFound(document.id, chosen or "")
        return chosen

    @staticmethod
    def _check_chat(document: SessionDocument, chat_id: str) -> None:
        """Refuse a chat that the session does not have; here None does not mean the active one."""
        if document.chat_data(chat_id) is None:
            raise ChatNotFound(document.id, str(chat_id))

    async def _decoded(self, document: SessionDocument, chat_id: str) -> list[Message]:
        """The messages of a chat; those of a long one are decoded in a thread.

        Whoever calls this does not hold the session.
        """
        chat = document.chat_data(chat_id)
        if chat is not None and len(chat["messages"]) > FEW and not document.is_decoded(chat_id):
            async with self._engine.documents.edit(document.id) as document:
                if (chat := document.chat_data(chat_id)) is not None:
                    await of_many(len(chat["messages"]), partial(document.messages, chat_id))
        return [*self._messages(document, chat_id)]

    @staticmethod
    def _messages(document: SessionDocument, chat_id: str) -> Sequence[Message]:
        if document.chat_data(chat_id) is None:
            raise ChatNotFound(document.id, chat_id)
        return document.messages(chat_id)


def moment() -> str:
    """The present time as it is written in files."""
    return format_time(now())

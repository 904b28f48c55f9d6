"""Sessions as files: one, or several with what belongs to them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Iterable
from functools import partial

from tui_sessions.engine.documents.chats import chosen_chat
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.exporting.exported_names import ExportedNames
from tui_sessions.engine.kept_files import put_back
from tui_sessions.engine.sessions.catalog_questions import CatalogQuestions
from tui_sessions.engine.sessions.scoped_sessions import ScopedSessions
from tui_sessions.engine.sessions.scoped_workspaces import ScopedWorkspaces
from tui_sessions.errors import SessionNotFound, StoreError
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Session
from tui_sessions.transfer.export_base import ExportedFile, Exporter, Indexed, TellsForks
from tui_sessions.transfer.fork_notes import notes_of
from tui_sessions.transfer.own_json import OwnJson
from tui_sessions.transfer.own_workspace import template_file, workspace_file
from tui_sessions.transfer.redaction import Redactor
from tui_sessions.transfer.registry import exporter

log = logging.getLogger(__name__)

FilesOf = Callable[[Iterable[Session]], dict[str, str]]
"""Gives the files of some sessions, by their ids."""


class SessionExports:
    """Writes sessions as files, as exporters of `transfer` do; one is in memory at a time."""

    def __init__(
        self,
        engine: Engine,
        sessions: ScopedSessions,
        catalog: CatalogQuestions,
        workspaces: ScopedWorkspaces,
    ) -> None:
        self._engine = engine
        self._sessions = sessions
        self._catalog = catalog
        self._workspaces = workspaces

    async def one(
        self, session_id: str, format_name: str, chat_id: str | None, redact: bool | Redactor
    ) -> bytes:
        """A session, or one chat of it, as a file."""
        chosen = exporter(format_name)
        document = await self._document_to_export(session_id, chat_id)
        redactor = _redactor(redact)
        await put_back(self._engine.store, document, only_pictures=redactor is not None)
        forks = await self._catalog.find(Wanted(parent_id=session_id))
        return (await asyncio.to_thread(_exported, chosen, document, forks, redactor))[1]

    async def all(
        self,
        ids: Collection[str],
        format_name: str,
        redact: bool | Redactor,
        workspaces: Collection[str],
    ) -> AsyncGenerator[tuple[str, bytes], None]:
        """Several sessions, and what the format has besides: their workspaces, or an index.

        Args:
            ids: the sessions'; one that was deleted meanwhile is left out.
            format_name: the exporter's.
            redact: as for one session.
            workspaces: those that are written whole, also without a session.
        """
        chosen, redactor = exporter(format_name), _redactor(redact)
        homes = dict.fromkeys(workspaces)
        written: list[ExportedFile] = []
        names, together = ExportedNames(chosen), frozenset(ids)
        if isinstance(chosen, TellsForks):
            await self._catalog.refresh()  # once for all of them, not with each
        for session_id in ids:
            try:
                document = await self._document_to_export(session_id)
            except SessionNotFound:
                continue  # deleted meanwhile
            homes[document.workspace_id] = None
            beside = partial(_files_beside, names, together)
            session, data = await self._exported_beside(beside, document, chosen, redactor)
            name = names.of(session)
            written.append(ExportedFile(name=name, session=session))
            yield name, data
        if isinstance(chosen, OwnJson):
            for workspace_id in homes:
                yield await self._workspace_to_export(workspace_id, redactor)
            for workspace_id in workspaces:
                for file in await self._templates_to_export(workspace_id, redactor):
                    yield file
        elif isinstance(chosen, Indexed):
            yield await asyncio.to_thread(chosen.index, written)

    async def _exported_beside(
        self,
        beside: FilesOf,
        document: SessionDocument,
        chosen: Exporter,
        redactor: Redactor | None,
    ) -> tuple[Session, bytes]:
        """A session as it is shown, and its file, with the files of others beside it."""
        await put_back(self._engine.store, document, only_pictures=redactor is not None)
        forks = await self._catalog.find_known(Wanted(parent_id=document.id))
        return await asyncio.to_thread(_exported, chosen, document, forks, redactor, beside)

    async def _document_to_export(
        self, session_id: str, chat_id: str | None = None
    ) -> SessionDocument:
        """A copy, so that nothing waits for the writing; only with one chat where that is asked."""
        async with self._sessions.edit(session_id) as document:
            if chat_id is not None:
                chat_id = chosen_chat(document, chat_id)
            copied = await asyncio.to_thread(document.copy)
        if chat_id is None:
            return copied
        chats = [chat for chat in copied.data["chats"] if chat["id"] == chat_id]
        return SessionDocument({**copied.data, "chats": chats, "active_chat_id": chat_id})

    async def _workspace_to_export(
        self, workspace_id: str, redactor: Redactor | None
    ) -> tuple[str, bytes]:
        workspace = await self._workspaces.get(workspace_id)
        return workspace_file(redactor.workspace(workspace) if redactor else workspace)

    async def _templates_to_export(
        self, workspace_id: str, redactor: Redactor | None
    ) -> list[tuple[str, bytes]]:
        """The files of a workspace's own templates; what cannot be read is left out, and said."""
        try:
            folder = self._engine.templates.folder(workspace_id)
        except StoreError:
            return []  # this store keeps no files
        made = []
        for name in await asyncio.to_thread(folder.names):
            try:
                content = await asyncio.to_thread(folder.content, name)
            except StoreError as error:
                log.warning("A template is left out of the export: %s", error)
                continue
            if content is not None:
                shown = redactor.text(name) if redactor else name
                made.append((template_file(workspace_id, shown), _redacted(content, redactor)))
        return made


def _files_beside(
    names: ExportedNames, together: Collection[str], forks: Iterable[Session]
) -> dict[str, str]:
    """The files of those forks that are written together, by their ids."""
    return {fork.id: names.of(fork) for fork in forks if fork.id in together}


def _redacted(content: bytes, redactor: Redactor | None) -> bytes:
    """A text file without what a redactor takes out."""
    if redactor is None:
        return content
    return redactor.text(content.decode("utf-8", "replace")).encode("utf-8", "replace")


def _exported(
    exporter: Exporter,
    document: SessionDocument,
    forks: Iterable[Session],
    redactor: Redactor | None,
    beside: FilesOf | None = None,
) -> tuple[Session, bytes]:
    """A session as it is shown, and its file; `beside` tells the files written with it."""
    shown = redactor.document(document) if redactor else document
    if not isinstance(exporter, TellsForks):
        return shown.session(), exporter.export(shown)
    told = [redactor.session(fork) if redactor else fork for fork in forks]
    files = beside(told) if beside else {}
    return shown.session(), exporter.export_with_forks(shown, notes_of(told, files))


def _redactor(redact: bool | Redactor) -> Redactor | None:

    if isinstance(redact, Redactor):
        return redact
    return Redactor() if redact else None

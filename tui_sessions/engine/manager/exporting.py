"""Sessions to other places: exports of a chat, a session, a workspace or any list of sessions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING

from tui_sessions.engine.arguments import checked_list
from tui_sessions.engine.kept_files import put_back
from tui_sessions.engine.manager.counting import Counting
from tui_sessions.errors import SessionNotFound, StoreError
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.session import Session

# The modules of `transfer` are imported where they are used: most programs never export a session,
# and every start would pay for them.
if TYPE_CHECKING:
    from tui_sessions.transfer.export_base import Exporter
    from tui_sessions.transfer.redaction import Redactor

log = logging.getLogger(__name__)


class Exporting(Counting):
    """Exports; what is in the trash is left out."""

    async def export_session(
        self,
        session_id: str,
        format: str = "markdown",  # noqa: A002  what everybody calls it
        chat_id: str | None = None,
        redact: bool | Redactor = False,
    ) -> bytes:
        """A session, or one chat of it, as a file.

        Args:
            session_id: which.
            format: `json`, which is complete; `markdown`; `html`, a page that needs nothing else;
                `openai`, the `messages` array of one chat; or another that is installed.
            chat_id: only this chat; by default all of them (`openai`: the active one).
            redact: take out keys, tokens, mail addresses and home folders; a `Redactor` counts
                what it takes out.

        Raises:
            InvalidValue: there is no such format.
            ChatNotFound: the session has no such chat.
        """
        from tui_sessions.transfer.registry import exporter

        chosen = exporter(format)
        document = await self._document_to_export(session_id, chat_id)
        redactor = _redactor(redact)
        await put_back(self._engine.store, document, only_pictures=redactor is not None)
        forks = await self.list_sessions(parent=session_id)
        return (await asyncio.to_thread(_exported, chosen, document, forks, redactor))[1]

    async def export_workspace(
        self,
        workspace: str,
        format: str = "markdown",  # noqa: A002  what everybody calls it
        redact: bool | Redactor = False,
    ) -> AsyncGenerator[tuple[str, bytes], None]:
        """All sessions of a workspace as files, one in memory at a time.

        Args:
            workspace: its id.
            format: as for `export_session`. `json` gives the files of a data folder, those of the
                workspace's own templates too, and `import_sessions("json", [folder or zip])`
                brings all of it back.
            redact: as for `export_session`; the same secret is the same in all files.

        Yields:
            A relative path with slashes, and what goes there.

        Raises:
            WorkspaceNotFound: there is none with that id.
            InvalidValue: there is no such format.
        """
        known = await self.get_workspace(workspace)
        ids = [session.id for session in await self.list_sessions(workspace=known.id)]
        async with aclosing(self._export_all(ids, format, redact, [known.id])) as files:
            async for file in files:
                yield file

    async def export_sessions(
        self,
        session_ids: Iterable[str],
        format: str = "markdown",  # noqa: A002  what everybody calls it
        redact: bool | Redactor = False,
    ) -> AsyncGenerator[tuple[str, bytes], None]:
        """Several sessions as files, each once and one in memory at a time.

        Takes and yields what `export_workspace` does.

        Raises:
            SessionNotFound: one of them is not there; nothing was yielded.
            InvalidValue: there is no such format.
        """
        ids = checked_list("session ids", session_ids)
        ids = list(dict.fromkeys(check_id(each, "session id") for each in ids))
        for session_id in ids:
            await self.get_session(session_id)
        async with aclosing(self._export_all(ids, format, redact, [])) as files:
            async for file in files:
                yield file

    async def export_everything(
        self,
        format: str = "markdown",  # noqa: A002  what everybody calls it
        redact: bool | Redactor = False,
    ) -> AsyncGenerator[tuple[str, bytes], None]:
        """All sessions and, as `json`, all workspaces, also those without a session.

        Takes and yields what `export_workspace` does.

        Raises:
            InvalidValue: there is no such format.
        """
        ids = [session.id for session in await self.list_sessions()]
        homes = [workspace.id for workspace in await self.workspaces()]
        async with aclosing(self._export_all(ids, format, redact, homes)) as files:
            async for file in files:
                yield file

    async def _export_all(
        self,
        ids: Collection[str],
        format_name: str,
        redact: bool | Redactor,
        workspaces: Collection[str],
    ) -> AsyncGenerator[tuple[str, bytes], None]:
        from tui_sessions.transfer.export_base import ExportedFile, Indexed
        from tui_sessions.transfer.own_json import OwnJson
        from tui_sessions.transfer.registry import exporter

        chosen, redactor = exporter(format_name), _redactor(redact)
        homes = dict.fromkeys(workspaces)
        written: list[ExportedFile] = []
        taken = {"index.html"}
        together = frozenset(ids)
        for session_id in ids:
            try:
                document = await self._document_to_export(session_id)
            except SessionNotFound:
                continue  # deleted meanwhile
            homes[document.workspace_id] = None
            session, data = await self._exported_beside(together, document, chosen, redactor)
            name = _name_beside(taken, session, chosen)
            taken.add(name)
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
        together: Collection[str],
        document: SessionDocument,
        chosen: Exporter,
        redactor: Redactor | None,
    ) -> tuple[Session, bytes]:
        """A session as it is shown, and its file, with the files of others beside it."""
        await put_back(self._engine.store, document, only_pictures=redactor is not None)
        forks = await self._find_known(Wanted(parent_id=document.id))
        return await asyncio.to_thread(_exported, chosen, document, forks, redactor, together)

    async def _document_to_export(
        self, session_id: str, chat_id: str | None = None
    ) -> SessionDocument:
        """A copy, so that nothing waits for the writing; only with one chat where that is asked."""
        async with self._edit(session_id) as document:
            if chat_id is not None:
                chat_id = self._chat_id(document, chat_id)
            copied = await asyncio.to_thread(document.copy)
        if chat_id is None:
            return copied
        chats = [chat for chat in copied.data["chats"] if chat["id"] == chat_id]
        return SessionDocument({**copied.data, "chats": chats, "active_chat_id": chat_id})

    async def _workspace_to_export(
        self, workspace_id: str, redactor: Redactor | None
    ) -> tuple[str, bytes]:
        from tui_sessions.transfer.own_workspace import workspace_file

        workspace = await self.get_workspace(workspace_id)
        return workspace_file(redactor.workspace(workspace) if redactor else workspace)

    async def _templates_to_export(
        self, workspace_id: str, redactor: Redactor | None
    ) -> list[tuple[str, bytes]]:
        """The files of a workspace's own templates; what cannot be read is left out, and said."""
        from tui_sessions.transfer.own_workspace import template_file

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


def _name_beside(taken: Collection[str], session: Session, exporter: Exporter) -> str:
    """What the file of a session is called among those that are there already."""
    from tui_sessions.transfer.export_files import export_name
    from tui_sessions.transfer.own_json import OwnJson
    from tui_sessions.transfer.own_workspace import session_file

    if isinstance(exporter, OwnJson):
        return session_file(session.workspace_id, session.id)
    name = export_name(session, exporter.suffix)
    return f"{session.id}{exporter.suffix}" if name in taken else name


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
    together: Collection[str] = (),
) -> tuple[Session, bytes]:
    """A session as it is shown, and its file; `together` are those that are written with it."""
    from tui_sessions.transfer.export_base import TellsForks
    from tui_sessions.transfer.export_files import export_name
    from tui_sessions.transfer.fork_notes import notes_of

    shown = redactor.document(document) if redactor else document
    if not isinstance(exporter, TellsForks):
        return shown.session(), exporter.export(shown)
    told = [redactor.session(fork) if redactor else fork for fork in forks]
    files = {fork.id: export_name(fork, exporter.suffix) for fork in told if fork.id in together}
    return shown.session(), exporter.export_with_forks(shown, notes_of(told, files))


def _redactor(redact: bool | Redactor) -> Redactor | None:
    from tui_sessions.transfer.redaction import Redactor

    if isinstance(redact, Redactor):
        return redact
    return Redactor() if redact else None

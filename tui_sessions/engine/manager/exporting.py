"""Sessions to other places: exports of a chat, a session, a workspace or any list of sessions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING

from tui_sessions.engine.arguments import checked_list
from tui_sessions.engine.manager.room import Room
from tui_sessions.index.catalog_rows import Wanted
from tui_sessions.model.identifiers import check_id

if TYPE_CHECKING:
    from tui_sessions.engine.exporting.session_exports import SessionExports
    from tui_sessions.transfer.redaction import Redactor


class Exporting(Room):
    """Exports; what is in the trash is left out."""

    @cached_property
    def _exports(self) -> SessionExports:
        # Most programs never export a session, and every start would pay for what that takes.
        from tui_sessions.engine.exporting.session_exports import SessionExports

        return SessionExports(self._engine, self._sessions, self._catalog, self._workspaces)

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
        return await self._exports.one(session_id, format, chat_id, redact)

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
        known = await self._workspaces.get(workspace)
        ids = [session.id for session in await self._catalog.find(Wanted(workspace_id=known.id))]
        async with aclosing(self._exports.all(ids, format, redact, [known.id])) as files:
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
            await self._sessions.get(session_id)
        async with aclosing(self._exports.all(ids, format, redact, [])) as files:
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
        ids = [session.id for session in await self._catalog.find(Wanted())]
        homes = [workspace.id for workspace in await self._workspaces.all()]
        async with aclosing(self._exports.all(ids, format, redact, homes)) as files:
            async for file in files:
                yield file

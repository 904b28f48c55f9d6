"""Sessions from other places: imports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from datetime import datetime
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from tui_sessions.engine.arguments import checked_list, checked_moment
from tui_sessions.engine.importing.import_steps import ImportStep
from tui_sessions.engine.manager.room import Room
from tui_sessions.errors import InvalidValue, TransferError
from tui_sessions.model.session import Session

# What an import takes is loaded when one begins: most programs never import a session, and every
# start would pay for it.
if TYPE_CHECKING:
    from tui_sessions.engine.importing.imports import Imports
    from tui_sessions.transfer.base import Importer


class Importing(Room):
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
        if not callable(getattr(importer, "read", None)):
            raise InvalidValue("source", source, "an importer, or the name of one")
        places = _places(paths) or await asyncio.to_thread(importer.find)
        if not places:
            reason = "no sessions of it were found on this machine; name the file or folder."
            raise TransferError(importer.title, reason)
        checked_moment("since", since)
        plan = await self._imports.plan(workspace, dry_run=dry_run, since=since, again=again)
        try:
            async with aclosing(self._imports.read(importer, places, plan)) as steps:
                with self._engine.indexer.steps.during():
                    told = False
                    async for step in steps:
                        told = True
                        yield step
                    for place in () if told else places:
                        reason = f"there is nothing of {importer.title} in it"
                        yield ImportStep(outcome="skipped", path=place, reason=reason)
        finally:
            await self._imports.end()

    async def import_session(self, data: bytes | str, *, workspace: str | None = None) -> Session:
        """Import one session that `export_session(…, "json")` wrote.

        One that is here already gets the messages that are new to it.

        Raises:
            TransferError: it is no session, or the session is in the trash.
        """
        from tui_sessions.transfer.own_json import import_document
        from tui_sessions.transfer.own_sessions import own_session

        if not isinstance(data, (bytes, str)):
            raise InvalidValue("data", data, "a session as JSON")
        content = data.encode("utf-8", "replace") if isinstance(data, str) else data
        document = await asyncio.to_thread(import_document, content)
        found = own_session(document, Path("import"), exact=True)
        step = await self._imports.bring_in(found, workspace)
        if step.outcome == "in_trash":
            raise TransferError(document.id, "it is in the trash; restore or purge it first.")
        return await self._sessions.get(document.id)

    @cached_property
    def _imports(self) -> Imports:
        from tui_sessions.engine.importing.import_updates import ImportUpdates
        from tui_sessions.engine.importing.imports import Imports
        from tui_sessions.engine.importing.session_imports import SessionImports
        from tui_sessions.engine.importing.workspace_imports import WorkspaceImports

        engine, workspaces = self._engine, self._workspaces
        updates = ImportUpdates(engine, self._boundary, self._limits, self._busy)
        return Imports(
            engine,
            self._boundary,
            workspaces,
            WorkspaceImports(engine, workspaces),
            SessionImports(engine, self._making, workspaces, updates),
            updates,
        )


def _places(paths: Iterable[Path | str]) -> list[Path]:
    """The files and folders that are named.

    Raises:
        InvalidValue: one is no path.
    """
    named = [paths] if isinstance(paths, (str, PathLike)) else checked_list("paths", paths)
    for path in named:
        if not isinstance(path, (str, PathLike)) or "\0" in str(path):
            raise InvalidValue("path", path, "the path of a file or folder")
    return [Path(path) for path in named]


def _importer(name: str) -> Importer:
    from tui_sessions.transfer.own_sessions import OwnSessions
    from tui_sessions.transfer.registry import importer, importer_names

    if name == OwnSessions.name:
        return OwnSessions()
    if name not in importer_names():
        raise InvalidValue("source", name, (*importer_names(), OwnSessions.name))
    return importer(name)

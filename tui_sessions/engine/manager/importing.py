"""Sessions from other places: imports."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from tui_sessions.engine.arguments import checked_list, checked_moment
from tui_sessions.engine.importing.import_steps import ImportStep
from tui_sessions.engine.importing.read_ahead import read_ahead
from tui_sessions.engine.manager.importing_sessions import ImportingSessions, ImportPlan
from tui_sessions.engine.manager.importing_workspaces import left_out
from tui_sessions.errors import InvalidValue, TransferError
from tui_sessions.model.session import Session

# The modules of `transfer` are imported where they are used: most programs never import a session,
# and every start would pay for them.
if TYPE_CHECKING:
    from tui_sessions.engine.importing.import_parts import Part
    from tui_sessions.transfer.base import ImportedSession, Importer, Skipped
    from tui_sessions.transfer.import_memory import ImportMemory


class Importing(ImportingSessions):
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
        plan = self._plan(workspace, dry_run)
        plan.since, plan.again = since, again
        plan.trashed = {entry.session_id for entry in await self._engine.store.trash()}
        try:
            async with aclosing(self._import(importer, places, plan)) as steps:
                with self._engine.indexer.steps.during():
                    told = False
                    async for step in steps:
                        told = True
                        yield step
                    for place in () if told else places:
                        reason = f"there is nothing of {importer.title} in it"
                        yield ImportStep(outcome="skipped", path=place, reason=reason)
        finally:
            await self._fold_journals()
            await asyncio.to_thread(self._imported().save)

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
        plan = self._plan(workspace, dry_run=False)
        step = await self._bring_in(own_session(document, Path("import"), exact=True), plan)
        if step.outcome == "in_trash":
            raise TransferError(document.id, "it is in the trash; restore or purge it first.")
        return await self.get_session(document.id)

    async def _import(
        self, importer: Importer, places: Sequence[Path], plan: ImportPlan
    ) -> AsyncGenerator[ImportStep, None]:
        """Read what has to be read of some places, part by part."""
        from tui_sessions.engine.freed_memory import return_large_blocks
        from tui_sessions.engine.importing.import_parts import Reading, parts_of
        from tui_sessions.transfer.base import HoldsWorkspaces

        return_large_blocks()
        owner = f"{self._engine.user_id}\0{plan.workspace or ''}"
        parts = await asyncio.to_thread(parts_of, importer, places, owner)
        if isinstance(importer, HoldsWorkspaces) and plan.workspace is None:
            for place in places:
                steps = self._bring_workspaces(importer, place, dry_run=plan.dry_run)
                async with aclosing(steps):
                    async for step in steps:
                        yield step
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

    async def _part(self, part: Part, plan: ImportPlan) -> AsyncGenerator[ImportStep, None]:
        from tui_sessions.engine.importing.import_parts import parts_within

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

    async def _inner(self, part: Part, plan: ImportPlan) -> AsyncGenerator[ImportStep, None]:
        """A part of a part, which is remembered by itself."""
        from tui_sessions.engine.importing.import_parts import remembered_of

        taken = []
        async with aclosing(self._part(part, plan)) as steps:
            async for step in steps:
                taken.append(step)
                yield step
        remembered = remembered_of(part, taken, plan.since)
        if remembered is not None and not plan.dry_run:
            self._imported().put(part.key, remembered)

    async def _read_part(self, part: Part, plan: ImportPlan) -> AsyncGenerator[ImportStep, None]:
        from tui_sessions.engine.freed_memory import return_gaps
        from tui_sessions.engine.importing.import_parts import is_large
        from tui_sessions.transfer.units import read_unit

        read = partial(read_unit, part.unit, self._engine.user_id)
        sizes: deque[bool] = deque()

        def noted(found: ImportedSession | Skipped) -> bool:
            sizes.append(is_large(found))
            if sizes[-1]:
                return_gaps()  # what it was made of is not needed any more
            return sizes[-1]

        async with aclosing(read_ahead(read, ahead=1, alone=noted)) as found:
            async for each in found:
                large = sizes.popleft()
                step = await self._take(each, plan)
                del each
                if large:
                    await asyncio.to_thread(return_gaps)
                yield step

    async def _remembered(self, part: Part, plan: ImportPlan) -> list[ImportStep] | None:
        """What a part gave that is as it was then; None where it has to be read."""
        remembered = self._imported().get(part.key)
        digests = (part.digest, part.digest_since(plan.since))
        if remembered is None or remembered.digest not in digests:
            return None
        steps = [left_out(skip.skipped()) for skip in remembered.skipped]
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

    def _plan(self, workspace: str | None, dry_run: bool) -> ImportPlan:
        bound = workspace is not None or self._scope is not None
        return ImportPlan(self._workspace_for(workspace) if bound else None, dry_run)


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

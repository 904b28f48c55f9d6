"""One import: the parts of what is read, and what is remembered of them for the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from pathlib import Path

from tui_sessions.engine.boundary import Boundary
from tui_sessions.engine.engine import Engine
from tui_sessions.engine.freed_memory import return_gaps, return_large_blocks
from tui_sessions.engine.importing.import_parts import (
    Part,
    Reading,
    is_large,
    parts_of,
    parts_within,
    remembered_of,
)
from tui_sessions.engine.importing.import_steps import ImportStep, left_out
from tui_sessions.engine.importing.import_updates import ImportUpdates
from tui_sessions.engine.importing.read_ahead import read_ahead
from tui_sessions.engine.importing.session_imports import ImportPlan, SessionImports
from tui_sessions.engine.importing.workspace_imports import WorkspaceImports
from tui_sessions.engine.sessions.scoped_workspaces import ScopedWorkspaces
from tui_sessions.transfer.base import HoldsWorkspaces, ImportedSession, Importer, Skipped
from tui_sessions.transfer.import_memory import ImportMemory
from tui_sessions.transfer.units import read_unit


class Imports:
    """Reads what has to be read of the places of a source, part by part."""

    def __init__(
        self,
        engine: Engine,
        boundary: Boundary,
        workspaces: ScopedWorkspaces,
        workspace_imports: WorkspaceImports,
        session_imports: SessionImports,
        updates: ImportUpdates,
    ) -> None:
        self._engine = engine
        self._boundary = boundary
        self._workspaces = workspaces
        self._workspace_imports = workspace_imports
        self._session_imports = session_imports
        self._updates = updates

    async def plan(
        self, workspace: str | None, *, dry_run: bool, since: datetime | None, again: bool
    ) -> ImportPlan:
        """How an import is to go.

        Raises:
            WorkspaceNotFound: the workspace is out of scope.
        """
        home = self._home(workspace)
        plan = ImportPlan(home, dry_run=dry_run, since=since, again=again)
        plan.trashed = {entry.session_id for entry in await self._engine.store.trash()}
        return plan

    async def bring_in(self, found: ImportedSession, workspace: str | None) -> ImportStep:
        """Bring in one session that is read already."""
        return await self._session_imports.bring_in(found, ImportPlan(self._home(workspace)))

    async def read(
        self, importer: Importer, places: Sequence[Path], plan: ImportPlan
    ) -> AsyncGenerator[ImportStep, None]:
        """Read what has to be read of some places, part by part."""
        return_large_blocks()
        owner = f"{self._engine.user_id}\0{plan.workspace or ''}"
        parts = await asyncio.to_thread(parts_of, importer, places, owner)
        if isinstance(importer, HoldsWorkspaces) and plan.workspace is None:
            for place in places:
                steps = self._workspace_imports.bring(importer, place, dry_run=plan.dry_run)
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
        taken = []
        async with aclosing(self._part(part, plan)) as steps:
            async for step in steps:
                taken.append(step)
                yield step
        remembered = remembered_of(part, taken, plan.since)
        if remembered is not None and not plan.dry_run:
            self._imported().put(part.key, remembered)

    async def _read_part(self, part: Part, plan: ImportPlan) -> AsyncGenerator[ImportStep, None]:
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
                step = await self._session_imports.take(each, plan)
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
        if self._engine.imported is None:
            self._engine.imported = ImportMemory(self._engine.import_memory)
        return self._engine.imported

    async def end(self) -> None:
        """Leave everything as it is to be found by the next import."""
        await self._updates.fold_journals()
        await asyncio.to_thread(self._imported().save)

    def _home(self, workspace: str | None) -> str | None:
        """The workspace that takes all sessions; None: each goes to its own."""
        bound = workspace is not None or self._boundary.workspace_id is not None
        return self._workspaces.home(workspace) if bound else None

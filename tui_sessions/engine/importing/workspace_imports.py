"""Workspaces on their way in, with the templates that are their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec

from tui_sessions.engine.engine import Engine
from tui_sessions.engine.importing.import_steps import ImportStep, left_out
from tui_sessions.engine.sessions.scoped_workspaces import ScopedWorkspaces
from tui_sessions.errors import SessionsError, TransferError
from tui_sessions.transfer.base import HoldsTemplates, HoldsWorkspaces, ImportedTemplate, Skipped


class WorkspaceImports:
    """Takes in workspaces; one that is here already stays as it is."""

    def __init__(self, engine: Engine, workspaces: ScopedWorkspaces) -> None:
        self._engine = engine
        self._workspaces = workspaces

    async def bring(
        self, importer: HoldsWorkspaces, place: Path, *, dry_run: bool
    ) -> AsyncGenerator[ImportStep, None]:
        """Bring in all that a place tells of besides its sessions."""
        known = {workspace.id for workspace in await self._engine.store.workspaces()}
        for workspace in await asyncio.to_thread(importer.workspaces, place):
            is_new = workspace.id not in known
            known.add(workspace.id)
            if is_new and not dry_run:
                await self._workspaces.bring(workspace)
            yield ImportStep(
                kind="workspace",
                outcome="created" if is_new else "unchanged",
                path=place,
                workspace_id=workspace.id,
                label=workspace.name,
            )
        if isinstance(importer, HoldsTemplates):
            for found in await asyncio.to_thread(lambda: list(importer.templates(place))):
                yield await self._bring_template(found, known, dry_run=dry_run)

    async def _bring_template(
        self, found: ImportedTemplate | Skipped, known: set[str], *, dry_run: bool
    ) -> ImportStep:
        if isinstance(found, Skipped):
            return left_out(found)
        step = ImportStep(
            kind="template",
            outcome="created",
            path=found.path,
            workspace_id=found.workspace_id,
            label=found.name,
        )
        try:
            outcome = await self._put_template(found, known, dry_run=dry_run)
        except SessionsError as error:
            reason = error.reason if isinstance(error, TransferError) else str(error)
            return msgspec.structs.replace(step, outcome="skipped", reason=reason)
        return msgspec.structs.replace(step, outcome=outcome)

    async def _put_template(
        self, found: ImportedTemplate, known: set[str], *, dry_run: bool
    ) -> str:
        """Keep a template's file as it is, unless there is one of its name."""
        if found.workspace_id not in known:
            raise TransferError(found.path, "a template belongs to no workspace of the export.")
        folder = self._engine.templates.folder(found.workspace_id)
        there = await asyncio.to_thread(folder.content, found.name)
        if there is None and not dry_run:
            await asyncio.to_thread(folder.put, found.name, found.content)
        if there not in (None, found.content):
            reason = "the workspace has another template of that name, which stays as it is."
            raise TransferError(found.path, f"{found.name}: {reason}")
        return "created" if there is None else "unchanged"

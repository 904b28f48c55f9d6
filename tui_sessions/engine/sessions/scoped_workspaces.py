"""The workspaces that are in scope: finding and making them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tui_sessions.engine.arguments import checked_name
from tui_sessions.engine.boundary import Boundary
from tui_sessions.engine.engine import Engine
from tui_sessions.errors import WorkspaceNotFound
from tui_sessions.model.clock import now
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.session import Workspace


class ScopedWorkspaces:
    """Finds and makes the workspaces that may be seen."""

    def __init__(self, engine: Engine, boundary: Boundary) -> None:
        self._engine = engine
        self._boundary = boundary

    async def all(self) -> list[Workspace]:
        """Every workspace that may be seen, by name."""
        self._engine.check_there()
        return [
            workspace
            for workspace in await self._engine.store.workspaces()
            if self._boundary.sees(workspace.id)
        ]

    async def get(self, workspace_id: str) -> Workspace:
        """One workspace that may be seen.

        Raises:
            WorkspaceNotFound: there is none with that id.
        """
        check_id(workspace_id, "workspace id")
        for workspace in await self.all():
            if workspace.id == workspace_id:
                return workspace
        raise WorkspaceNotFound(workspace_id)

    async def create(
        self, workspace_id: str, *, name: str | None = None, directory: Path | str | None = None
    ) -> Workspace:
        """Make a workspace, or return the one that has the id."""
        workspace_id = check_id(workspace_id, "workspace id")
        self._engine.check_open()
        if not self._boundary.sees(workspace_id):
            raise WorkspaceNotFound(workspace_id)
        name = workspace_id if name is None else checked_name("workspace name", name)
        async with self._engine.creation, self._engine.alone():
            return await self.made(workspace_id, name, directory)

    async def made(
        self, workspace_id: str, name: str = "", directory: Path | str | None = None
    ) -> Workspace:
        """The workspace, made if it is missing; the caller holds the creation lock."""
        for workspace in await self._engine.store.workspaces():
            if workspace.id == workspace_id:
                self._engine.workspaces_made.add(workspace_id)
                return workspace
        workspace = Workspace(
            id=workspace_id,
            name=name or workspace_id,
            directory=str(directory) if directory else None,
            created_at=now(),
        )
        await self._engine.store.save_workspace(workspace)
        self._engine.workspaces_made.add(workspace_id)
        return workspace

    async def bring(self, workspace: Workspace) -> None:
        """Keep a workspace of another place as it was there, unless its id is taken."""
        self._engine.check_open()
        async with self._engine.creation, self._engine.alone():
            if all(known.id != workspace.id for known in await self._engine.store.workspaces()):
                made = msgspec.structs.replace(workspace, created_at=workspace.created_at or now())
                await self._engine.store.save_workspace(made)

    def home(self, workspace: str | None) -> str:
        """The id of the workspace that is meant; it need not be there yet.

        Raises:
            WorkspaceNotFound: it is out of scope.
        """
        if workspace is None:
            workspace = self._boundary.workspace_id or self._engine.settings.default_workspace
        workspace = check_id(workspace, "workspace id")
        if not self._boundary.sees(workspace):
            raise WorkspaceNotFound(workspace)
        return workspace

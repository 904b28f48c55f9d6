"""The workspaces that sessions live in."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tui_sessions.engine.arguments import checked_name
from tui_sessions.engine.manager.room import Room
from tui_sessions.model.session import Workspace


class Workspaces(Room):
    """Finding, making and changing workspaces."""

    async def workspaces(self) -> list[Workspace]:
        """Every workspace, by name."""
        return await self._workspaces.all()

    async def get_workspace(self, workspace_id: str) -> Workspace:
        """One workspace.

        Raises:
            WorkspaceNotFound: there is none with that id.
        """
        return await self._workspaces.get(workspace_id)

    async def create_workspace(
        self, workspace_id: str, *, name: str | None = None, directory: Path | str | None = None
    ) -> Workspace:
        """Make a workspace, or return the one that has the id."""
        return await self._workspaces.create(workspace_id, name=name, directory=directory)

    async def update_workspace(
        self, workspace_id: str, *, name: str | None = None, template: str | None = None
    ) -> Workspace:
        """Change a workspace's name or the template of its new chats.

        Raises:
            WorkspaceNotFound: there is none with that id.
            TemplateNotFound: there is no such template.
        """
        self._engine.check_open()
        if name is not None:
            name = checked_name("workspace name", name)
        async with self._engine.creation, self._engine.alone():
            workspace = await self._workspaces.get(workspace_id)
            if name is not None:
                workspace = msgspec.structs.replace(workspace, name=name)
            if template is not None:
                templates = self._engine.templates.of(workspace_id)
                await templates.refresh()
                templates.get(template)
                defaults = {**workspace.defaults, "template": template}
                workspace = msgspec.structs.replace(workspace, defaults=defaults)
            await self._engine.store.save_workspace(workspace)
        if name is not None:
            self._engine.indexer.compare_again()  # its sessions are found by its name
        return workspace

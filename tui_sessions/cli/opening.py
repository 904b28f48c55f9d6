"""Opening the sessions that a command works on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from tui_sessions.cli.global_options import GlobalOptions
from tui_sessions.errors import InvalidId, InvalidValue, WorkspaceNotFound

if TYPE_CHECKING:
    from tui_sessions.engine.session_manager import SessionManager
    from tui_sessions.model.session import Workspace
    from tui_sessions.settings import Settings

T = TypeVar("T")


class Sessions:
    """The open sessions, and what the global options mean for them."""

    def __init__(self, manager: SessionManager, options: GlobalOptions) -> None:
        self.manager = manager
        self.options = options

    async def asked_workspace(self) -> Workspace | None:
        """The workspace that `--workspace` names; None where it is not given.

        Raises:
            UnknownWorkspace: there is none of that id or name.
        """
        if self.options.workspace is None:
            return None
        found = await self.workspace_named(self.options.workspace)
        if found is None:
            known = [workspace.id for workspace in await self.manager.workspaces()]
            raise UnknownWorkspace(self.options.workspace, known)
        return found

    async def scope(self) -> SessionManager:
        """The manager, bound to the workspace that `--workspace` names."""
        workspace = await self.asked_workspace()
        return self.manager if workspace is None else self.manager.workspace(workspace.id)

    async def start_workspace(self) -> Workspace:
        """Where new sessions go: the workspace that is named, or the current folder's."""
        if self.options.workspace is not None:
            return await self.workspace_to_be(self.options.workspace)
        return here()

    async def workspace_to_be(self, name: str) -> Workspace:
        """The workspace of an id or a name, which may not exist yet."""
        from tui_sessions.model.placement import workspace_of_name

        found = await self.workspace_named(name)
        if found is not None:
            return found
        if not any(map(str.isalnum, name)):
            raise InvalidId(name, "workspace name")
        return workspace_of_name(name, {known.id for known in await self.manager.workspaces()})

    async def workspace_named(self, name: str) -> Workspace | None:
        """The workspace of an id, or else of a name that no other has."""
        from tui_sessions.model.placement import workspace_named

        try:
            return workspace_named(name, await self.manager.workspaces())
        except InvalidValue as error:
            raise click.ClickException(str(error)) from error

    async def make(self, workspace: Workspace) -> str:
        """Make a workspace unless it is there; gives its id."""
        made = await self.manager.create_workspace(
            workspace.id, name=workspace.name, directory=workspace.directory
        )
        return made.id


class UnknownWorkspace(WorkspaceNotFound):
    """No workspace of that id or name; the text lists those there are."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(name)
        valid = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
        self.args = (f"No workspace {name!r:.140}; valid: {valid or 'none yet'}.",)


def here() -> Workspace:
    """The workspace of the current folder."""
    from tui_sessions.model.placement import workspace_of_directory
    from tui_sessions.paths import project_dir

    return workspace_of_directory(project_dir(Path.cwd()))


def with_sessions(options: GlobalOptions, work: Callable[[Sessions], Awaitable[T]]) -> T:
    """Do some work on the sessions, and close them again."""

    async def do() -> T:
        async with open_for(options) as sessions:
            return await work(sessions)

    return asyncio.run(do())


@asynccontextmanager
async def open_for(options: GlobalOptions) -> AsyncIterator[Sessions]:
    """The sessions that the global options name.

    Raises:
        InvalidValue: the store's URL names no kind of store.
        SettingsError: the settings cannot be read.
    """
    from tui_sessions.stores.file import FileStore
    from tui_sessions.wiring import open_sessions

    directory = options.directory
    async with open_sessions(
        options.store if directory is None else FileStore(directory),
        settings=_settings(),
        user_id=options.user,
    ) as manager:
        yield Sessions(manager, options)


def _settings() -> Settings:
    """The person's settings, but a command that has ended has saved."""
    import msgspec

    from tui_sessions.paths import config_dir
    from tui_sessions.settings import read_settings

    settings = read_settings(config_dir() / "settings.toml")
    return msgspec.structs.replace(settings, autosave=True)

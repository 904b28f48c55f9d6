"""Finds out where the app starts, from what was asked for and the workspaces there are."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from tui_sessions.errors import InvalidValue
from tui_sessions.model.placement import (
    workspace_named,
    workspace_of_directory,
    workspace_of_name,
)
from tui_sessions.model.session import Workspace
from tui_sessions.paths import project_dir
from tui_sessions.tui.start import Start
from tui_sessions.tui.surface import terminal_surface


class Asked(msgspec.Struct, frozen=True):
    """Where a person wants the app to start."""

    directory: Path
    """The current one."""
    workspace: str | None = None
    """An id or a name, instead of the directory's."""
    session: str | None = None
    """The id of a session to open."""


def starting_point(asked: Asked, known: Collection[Workspace]) -> Start:
    """Where the app starts.

    Args:
        asked: what was asked for.
        known: all workspaces there are, where one was asked for.

    Raises:
        InvalidValue: several have the name that was asked for.
    """
    surface = terminal_surface()
    if asked.workspace is not None:
        placed = workspace_named(asked.workspace, known) or workspace_of_name(
            asked.workspace, {workspace.id for workspace in known}
        )
        return Start(placed.id, placed.name, None, surface, asked.session)
    project = project_dir(asked.directory)
    placed = workspace_of_directory(str(project))
    return Start(placed.id, placed.name, project, surface, asked.session)


def start_among_remembered(asked: Asked, remembered: Collection[Workspace]) -> Start | None:
    """The same from what was remembered; None where it takes knowing all workspaces there are."""
    try:
        if asked.workspace is not None and workspace_named(asked.workspace, remembered) is None:
            return None
    except InvalidValue:  # one of them may have been renamed meanwhile
        return None
    return starting_point(asked, remembered)

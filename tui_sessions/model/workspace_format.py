"""`workspace.json`: the fields that are ours, and those of other programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_sessions.model.clock import format_time
from tui_sessions.model.format import FORMAT
from tui_sessions.model.session import Workspace

_OURS = ("format", "id", "name", "directory", "created_at", "defaults", "metadata")


def workspace_data(workspace: Workspace) -> dict[str, Any]:
    """What stands in a workspace's file."""
    created = workspace.created_at
    return {
        "format": FORMAT,
        "id": workspace.id,
        "name": workspace.name or workspace.id,
        "directory": workspace.directory,
        "created_at": format_time(created) if created else None,
        "defaults": workspace.defaults,
        "metadata": workspace.metadata,
        **unknown_fields(workspace.extra),
    }


def unknown_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are not ours."""
    return {key: value for key, value in data.items() if key not in _OURS}

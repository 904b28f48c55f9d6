"""What an export tells of a workspace besides its sessions: `workspace.json`, and templates."""

from __future__ import annotations

from pathlib import PurePosixPath

import msgspec

from tui_sessions.model.clock import parse_time
from tui_sessions.model.identifiers import is_id
from tui_sessions.model.session import Workspace
from tui_sessions.model.workspace_format import unknown_fields, workspace_data
from tui_sessions.transfer.hygiene import Undecodable, decode_json
from tui_sessions.transfer.safe_json import safe_json

WORKSPACE_FILE = "workspace.json"
_TEMPLATE_SUFFIX = ".toml"


def workspace_file(workspace: Workspace) -> tuple[str, bytes]:
    """The name and the content of a workspace's file; the layout is that of a data folder."""
    content = safe_json(workspace_data(workspace))
    return f"workspaces/{workspace.id}/{WORKSPACE_FILE}", content


def session_file(workspace_id: str, session_id: str) -> str:
    """The name of a session's file."""
    return f"workspaces/{workspace_id}/sessions/{session_id}.json"


def template_file(workspace_id: str, name: str) -> str:
    """The name of a template's file."""
    return f"workspaces/{workspace_id}/templates/{name}{_TEMPLATE_SUFFIX}"


def template_at(name: str) -> tuple[str, str] | None:
    """The workspace and the name of the template that a file of an export is meant to be.

    None where it is meant as something else; either may be no name that can be used.
    """
    path = PurePosixPath(name)
    match path.parts[-4:]:
        case "workspaces", workspace_id, "templates", _ if path.suffix == _TEMPLATE_SUFFIX:
            return workspace_id, path.stem
    return None


def workspace_in(data: bytes) -> Workspace | None:
    """The workspace that such a file holds; None where it holds none."""
    try:
        value = decode_json(data)
        if not isinstance(value, dict) or not is_id(value.get("id")):
            return None
        head = {k: v for k, v in value.items() if v is not None}
        head["created_at"] = parse_time(value.get("created_at"))
        head["extra"] = unknown_fields(value)
        return msgspec.convert(head, Workspace)
    except (Undecodable, msgspec.ValidationError):
        return None

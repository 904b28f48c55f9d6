"""`workspace.json` in an export: what is known of a workspace besides its sessions."""

from __future__ import annotations

import msgspec

from tui_sessions.model.clock import parse_time
from tui_sessions.model.identifiers import is_id
from tui_sessions.model.session import Workspace
from tui_sessions.model.workspace_format import unknown_fields, workspace_data
from tui_sessions.transfer.hygiene import Undecodable, decode_json
from tui_sessions.transfer.safe_json import safe_json

WORKSPACE_FILE = "workspace.json"


def workspace_file(workspace: Workspace) -> tuple[str, bytes]:
    """The name and the content of a workspace's file; the layout is that of a data folder."""
    content = safe_json(workspace_data(workspace))
    return f"workspaces/{workspace.id}/{WORKSPACE_FILE}", content


def session_file(workspace_id: str, session_id: str) -> str:
    """The name of a session's file."""
    return f"workspaces/{workspace_id}/sessions/{session_id}.json"


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

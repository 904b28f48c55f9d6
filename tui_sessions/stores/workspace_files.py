"""The workspaces of a data folder and what is known of each."""

from __future__ import annotations

import os
import time
from typing import Any

import msgspec

from tui_sessions.errors import CorruptSession, StoreError
from tui_sessions.model.clock import parse_time
from tui_sessions.model.codec import own_workspace
from tui_sessions.model.format import FORMAT
from tui_sessions.model.session import Workspace
from tui_sessions.model.workspace_format import unknown_fields, workspace_data
from tui_sessions.stores.encoding import UnreadableText, decode_json, encode_members, join_members
from tui_sessions.stores.layout import Layout
from tui_sessions.stores.places import folder_ids
from tui_sessions.stores.problems import ProblemList
from tui_sessions.stores.single_files import (
    Signature,
    explain,
    make_folder,
    read_file,
    replace_file,
)

_SETTLED_NS = 2_000_000_000
"""A file that was changed less than this ago may change again without its time moving."""


class WorkspaceFiles:
    """Reads and writes `workspace.json`; every method blocks."""

    def __init__(self, layout: Layout, problems: ProblemList) -> None:
        self._layout = layout
        self._problems = problems
        self._read_before: dict[str, tuple[Signature, Workspace]] = {}
        """By id: what stood in a file that nobody has changed since."""

    def list(self) -> list[Workspace]:
        """Every workspace by name; one without a readable file has its folder's name."""
        found = [self._workspace(key) for key in folder_ids(self._layout.workspaces)]
        return sorted(found, key=lambda workspace: (workspace.name.casefold(), workspace.id))

    def save(self, workspace: Workspace) -> None:
        """Write a workspace's file; keys of other programs stay.

        Raises:
            StoreError: the file that is there is damaged, or of a newer format.
        """
        path = self._layout.workspace_file(workspace.id)
        data = self._read(workspace.id)[0] if os.path.lexists(path) else {}
        if data.get("format", FORMAT) > FORMAT:
            raise StoreError("it has a newer format than this version writes", path)
        make_folder(path.parent)
        data = {**data, **workspace_data(workspace)}
        replace_file(path, join_members(encode_members(data)))
        self._problems.clear(path)

    def _workspace(self, workspace_id: str) -> Workspace:
        fallback = Workspace(id=workspace_id, name=workspace_id)
        path = self._layout.workspace_file(workspace_id)
        known = self._read_before.pop(workspace_id, None)
        try:
            signature = Signature.of(os.stat(path, follow_symlinks=False))
            if known is not None and known[0] == signature:
                self._read_before[workspace_id] = known
                return own_workspace(known[1])
            workspace = self._read(workspace_id)[1]
        except FileNotFoundError:
            return fallback
        except OSError as error:
            self._problems.report(path, explain(error), None, workspace_id)
            return fallback
        except CorruptSession as error:
            self._problems.report(path, error.reason, None, workspace_id)
            return fallback
        self._problems.clear(path)
        if time.time_ns() - signature.changed > _SETTLED_NS:
            self._read_before[workspace_id] = (signature, own_workspace(workspace))
        return workspace

    def _read(self, workspace_id: str) -> tuple[dict[str, Any], Workspace]:
        """A workspace's JSON and what it stands for."""
        path = self._layout.workspace_file(workspace_id)
        try:
            data = decode_json(read_file(path)[0])
            if not isinstance(data, dict) or not isinstance(data.get("format", FORMAT), int):
                raise CorruptSession(path, "it is not a workspace")
            name = data.get("name") or workspace_id
            created_at = parse_time(data.get("created_at"))
            head = {**data, "id": workspace_id, "name": name, "created_at": created_at}
            head["extra"] = unknown_fields(data)
            return data, msgspec.convert(head, Workspace)
        except UnreadableText as error:
            raise CorruptSession(path, str(error)) from error
        except msgspec.ValidationError as error:
            raise CorruptSession(path, f"a field is not of its kind: {error}") from error

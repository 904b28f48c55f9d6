"""A look at every session's files without reading one."""

from __future__ import annotations

import os
from pathlib import Path

from tui_sessions.model.identifiers import is_id
from tui_sessions.stores.base import Problem, Stamp
from tui_sessions.stores.documents import Signature, explain, is_temporary, remove_if_stale
from tui_sessions.stores.layout import DOCUMENT_SUFFIX, JOURNAL_SUFFIX, Layout, session_of
from tui_sessions.stores.session_reader import version_of

_WORKSPACE_NAMES = frozenset({"workspace.json", "sessions"})


class Inventory:
    """What one scan of a data folder finds."""

    def __init__(self, layout: Layout) -> None:
        self.problems: list[Problem] = []
        self._layout = layout
        self._found: dict[str, tuple[Stamp, int]] = {}
        for entry in self._entries(layout.workspaces):
            if is_temporary(entry.name) or not entry.is_dir(follow_symlinks=False):
                self._report(entry.path, "it is not a workspace's folder")
            elif not is_id(entry.name):
                self._report(entry.path, "its name cannot be a workspace's id")
            else:
                self._scan_workspace(entry.name)

    @property
    def stamps(self) -> list[Stamp]:
        """Every session once."""
        return [stamp for stamp, _ in self._found.values()]

    def _scan_workspace(self, workspace_id: str) -> None:
        for entry in self._entries(self._layout.workspaces / workspace_id):
            if is_temporary(entry.name):
                remove_if_stale(entry)
            elif entry.name not in _WORKSPACE_NAMES:
                self._report(entry.path, "it is no file of this program", None, workspace_id)
            elif entry.name == "sessions" and not entry.is_dir(follow_symlinks=False):
                self._report(entry.path, "it is not a folder", None, workspace_id)
            elif entry.name == "sessions":
                self._scan_sessions(workspace_id)

    def _scan_sessions(self, workspace_id: str) -> None:
        documents: dict[str, os.stat_result] = {}
        journals: dict[str, os.stat_result] = {}
        for entry in self._entries(self._layout.sessions(workspace_id)):
            if is_temporary(entry.name):
                remove_if_stale(entry)
            elif journal_of := session_of(entry.name, JOURNAL_SUFFIX):
                self._take(entry, journals, journal_of, workspace_id)
            elif session_id := session_of(entry.name, DOCUMENT_SUFFIX):
                self._take(entry, documents, session_id, workspace_id)
            else:
                self._report(entry.path, "its name cannot be a session's", None, workspace_id)
        for session_id, status in documents.items():
            self._add(workspace_id, session_id, status, journals.pop(session_id, None))
        for session_id, status in journals.items():
            path = self._layout.journal(workspace_id, session_id)
            # The document may have been made after the folder was read.
            if status.st_size and not os.path.lexists(path.with_name(session_id + ".json")):
                self._report(path, "the document it belongs to is gone", session_id, workspace_id)

    def _take(
        self,
        entry: os.DirEntry[str],
        statuses: dict[str, os.stat_result],
        session_id: str,
        workspace_id: str,
    ) -> None:
        try:
            if entry.is_file(follow_symlinks=False):
                statuses[session_id] = entry.stat(follow_symlinks=False)
            else:
                self._report(entry.path, "it is not an ordinary file", session_id, workspace_id)
        except FileNotFoundError:
            return

    def _add(
        self,
        workspace_id: str,
        session_id: str,
        document: os.stat_result,
        journal: os.stat_result | None,
    ) -> None:
        version = version_of(Signature.of(document), Signature.of(journal) if journal else None)
        stamp = Stamp(session_id=session_id, workspace_id=workspace_id, version=version)
        known = self._found.get(session_id)
        if known is None:
            self._found[session_id] = (stamp, document.st_mtime_ns)
            return
        older = stamp if known[1] >= document.st_mtime_ns else known[0]
        if older is not stamp:
            self._found[session_id] = (stamp, document.st_mtime_ns)
        path = self._layout.document(older.workspace_id, session_id)
        self._report(path, "a newer one has the same id", session_id, older.workspace_id)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except FileNotFoundError:
            return []
        except OSError as error:
            self._report(folder, explain(error))
            return []

    def _report(
        self,
        path: Path | str,
        reason: str,
        session_id: str | None = None,
        workspace_id: str | None = None,
    ) -> None:
        self.problems.append(
            Problem(path=str(path), reason=reason, session_id=session_id, workspace_id=workspace_id)
        )

"""A look at the sessions' files without reading one."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from tui_sessions.model.identifiers import is_id
from tui_sessions.stores.base import Problem, Stamp
from tui_sessions.stores.folder_marks import folder_mark, still_holds
from tui_sessions.stores.known_sessions import version_of
from tui_sessions.stores.layout import (
    DOCUMENT_SUFFIX,
    FILES_SUFFIX,
    JOURNAL_SUFFIX,
    Layout,
    session_of,
)
from tui_sessions.stores.single_files import (
    Signature,
    explain,
    is_old,
    is_temporary,
    remove_if_stale,
)

_WORKSPACE_NAMES = frozenset({"workspace.json", "sessions", "templates"})
_BREATH_S = 0.0005
"""A pause between two large folders, for the threads that draw and answer."""
_LARGE = 500


class Inventory:
    """What one scan of a data folder finds; folders whose mark still holds are passed over."""

    def __init__(
        self,
        layout: Layout,
        marks: Mapping[str, str] | None = None,
        *,
        only: Collection[str] | None = None,
        enough: int | None = None,
    ) -> None:
        """Look through the folders.

        Args:
            layout: where they are.
            marks: what the last scan told of them.
            only: pass over all but these.
            enough: leave the rest after so many sessions.

        Raises:
            OSError: the folder of the workspaces is there but cannot be looked into.
        """
        self.problems: list[Problem] = []
        self.marks: dict[str, str] = {}
        """Of every workspace, for the next scan."""
        self.unchanged: set[str] = set()
        """The workspaces that were passed over."""
        self.left: set[str] = set()
        """Those among them that were left after enough had been seen."""
        self._layout = layout
        self._found: dict[str, tuple[Stamp, int]] = {}
        self._sharing: set[str] = set()
        """Workspaces with sessions of the same id: only a look at all of them tells which one is
        meant."""
        self._find_workspaces(marks or {}, only)
        for workspace_id in self._newest_first(self.marks.keys() - self.unchanged):
            if enough is None or len(self._found) < enough:
                self._scan_workspace(workspace_id)
            else:
                self.left.add(workspace_id)
        self.unchanged |= self.left
        self.marks |= dict.fromkeys(self._sharing, "")

    @property
    def stamps(self) -> list[Stamp]:
        """Every session once."""
        return [stamp for stamp, _ in self._found.values()]

    def _find_workspaces(self, marks: Mapping[str, str], only: Collection[str] | None) -> None:
        """Note the workspaces there are, and which of them are passed over."""
        for entry in self._entries(self._layout.workspaces):
            if _is_left_beside(entry.name):
                continue
            if not entry.is_dir(follow_symlinks=False):
                self._report(entry.path, "it is not a workspace's folder")
            elif not is_id(entry.name):
                self._report(entry.path, "its name cannot be a workspace's id")
            else:
                self.marks[entry.name] = marks.get(entry.name, "")
                if (only is not None and entry.name not in only) or still_holds(
                    self.marks[entry.name], self._layout.sessions(entry.name)
                ):
                    self.unchanged.add(entry.name)

    def _newest_first(self, workspace_ids: Iterable[str]) -> list[str]:
        """The workspaces by the last change in their folders."""
        changed = {}
        for workspace_id in workspace_ids:
            try:
                changed[workspace_id] = os.stat(self._layout.sessions(workspace_id)).st_mtime_ns
            except OSError:
                changed[workspace_id] = 0
        return sorted(changed, key=lambda each: (-changed[each], each))

    def _scan_workspace(self, workspace_id: str) -> None:
        self.marks[workspace_id] = ""
        for entry in self._entries(self._layout.workspaces / workspace_id, workspace_id):
            if is_temporary(entry.name):
                remove_if_stale(entry)
            elif _is_left_beside(entry.name):
                continue
            elif entry.name not in _WORKSPACE_NAMES:
                self._report(entry.path, "it is no file of this program", None, workspace_id)
            elif entry.name == "sessions" and not entry.is_dir(follow_symlinks=False):
                self._report(entry.path, "it is not a folder", None, workspace_id)
            elif entry.name == "sessions":
                self._scan_sessions(workspace_id)

    def _scan_sessions(self, workspace_id: str) -> None:
        documents: dict[str, os.stat_result] = {}
        journals: dict[str, os.stat_result] = {}
        files: dict[str, os.DirEntry[str]] = {}
        folder = self._layout.sessions(workspace_id)
        began = time.time_ns()
        try:
            status = os.stat(folder)
        except OSError as error:
            self._report(folder, explain(error), None, workspace_id)
            return
        for entry in self._entries(folder, workspace_id):
            if session_id := session_of(entry.name, DOCUMENT_SUFFIX):  # as most are
                self._take(entry, documents, session_id, workspace_id)
            elif journal_of := session_of(entry.name, JOURNAL_SUFFIX):
                self._take(entry, journals, journal_of, workspace_id)
            elif is_temporary(entry.name):
                remove_if_stale(entry)
            elif files_of := session_of(entry.name, FILES_SUFFIX):
                files[files_of] = entry
            elif not _is_left_beside(entry.name):
                self._report(entry.path, "its name cannot be a session's", None, workspace_id)
        self._check_files(files, documents, workspace_id)
        self.marks[workspace_id] = folder_mark(status, journals, began)
        if len(documents) > _LARGE:
            time.sleep(_BREATH_S)
        for session_id, status in documents.items():
            self._add(workspace_id, session_id, status, journals.pop(session_id, None))
        for session_id, status in journals.items():
            path = self._layout.journal(workspace_id, session_id)
            # The document may have been made after the folder was read.
            if status.st_size and not os.path.lexists(path.with_name(session_id + ".json")):
                self._report(path, "the document it belongs to is gone", session_id, workspace_id)

    def _check_files(
        self,
        folders: Mapping[str, os.DirEntry[str]],
        documents: Mapping[str, os.stat_result],
        workspace_id: str,
    ) -> None:
        """Tell of folders of files that belong to nothing, unless they may be just being made."""
        for session_id, entry in folders.items():
            if not entry.is_dir(follow_symlinks=False):
                self._report(entry.path, "it is not a folder", session_id, workspace_id)
            elif session_id not in documents and is_old(entry):
                reason = "the document it belongs to is gone"
                self._report(entry.path, reason, session_id, workspace_id)

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
        except OSError as error:
            self._report(entry.path, explain(error), session_id, workspace_id)

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
        self._sharing |= {workspace_id, known[0].workspace_id}
        older = stamp if known[1] >= document.st_mtime_ns else known[0]
        if older is not stamp:
            self._found[session_id] = (stamp, document.st_mtime_ns)
        path = self._layout.document(older.workspace_id, session_id)
        self._report(path, "a newer one has the same id", session_id, older.workspace_id)

    def _entries(self, folder: Path, workspace_id: str | None = None) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except FileNotFoundError:
            return []
        except OSError as error:
            if workspace_id is None:
                raise  # all sessions would seem to be gone
            self._report(folder, explain(error), None, workspace_id)
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


def _is_left_beside(name: str) -> bool:
    """Whether an editor or a file manager has made it: `.DS_Store`, `.a.json.swp`, `a.json~`."""
    return name.startswith(".") or name.endswith("~")

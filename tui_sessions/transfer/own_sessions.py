"""Importing sessions of our own format: exported documents, folders and ZIPs of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from tui_sessions.errors import TransferError
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.identifiers import is_id
from tui_sessions.model.session import Workspace
from tui_sessions.transfer.base import ImportedSession, ImportedTemplate, Skipped
from tui_sessions.transfer.exports import Export, UnreadableExport, open_export
from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.own_files import FOLDER_SUFFIX, files_beside, put_files_in
from tui_sessions.transfer.own_json import import_document
from tui_sessions.transfer.own_workspace import WORKSPACE_FILE, template_at, workspace_in
from tui_sessions.transfer.single_files import MAX_FILE

_MAX_WORKSPACE = 1024 * 1024
_MAX_TEMPLATE = 1_000_000
_JOURNAL = ".journal.jsonl"
_IN_JOURNAL = "what it holds is not in an export; `export` that data folder, and import the result"


class OwnSessions:
    """Reads files that `export` wrote, folders and ZIPs of them; owners stay as they are."""

    name = "json"
    title = "sessions-tui"

    def find(self) -> list[Path]:
        """Nowhere: what is in the data folder needs no import."""
        return []

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a file, a folder or a ZIP, parents before their forks."""
        problems = Problems(path)
        try:
            with open_export(path, problems) as export:
                names, content = _names_in(export), partial(_content, export)
                workspaces = _workspaces(names, content)
                for name in sorted(names, key=_order):
                    if PurePosixPath(name).name != WORKSPACE_FILE or name == path.name:
                        place = export.place_of(name) if path.is_dir() else path
                        found = _read(name, place, user_id, content, workspaces)
                        if isinstance(found, ImportedSession):
                            put_files_in(found.document, files_beside(export, name))
                        yield found
                for name in export.names:
                    if name.endswith(_JOURNAL) and _is_inside(name) and export.size_of(name):
                        yield Skipped(path=export.place_of(name), reason=_IN_JOURNAL)
        except UnreadableExport as error:
            yield Skipped(path=path, reason=str(error))
        yield from problems.skipped()

    def workspaces(self, path: Path) -> list[Workspace]:
        """The workspaces of a folder or a ZIP, also those without a session."""
        try:
            with open_export(path, Problems(path)) as export:
                return list(_workspaces(_names_in(export), partial(_content, export)).values())
        except UnreadableExport:
            return []

    def templates(self, path: Path) -> Iterator[ImportedTemplate | Skipped]:
        """The templates that belong to the workspaces of a folder or a ZIP."""
        try:
            with open_export(path, Problems(path)) as export:
                for name in export.names:
                    place = template_at(name) if _is_inside(name) else None
                    if place is not None:
                        yield _template(export, name, *place)
        except UnreadableExport:
            return


def own_session(
    document: SessionDocument,
    path: Path,
    workspace: Workspace | None = None,
    *,
    exact: bool = False,
) -> ImportedSession:
    """A document of ours as an importer gives it."""
    workspace_id = document.workspace_id
    known = workspace or Workspace(id=workspace_id, name=workspace_id)
    return ImportedSession(document=document, workspace=known, path=path, exact=exact)


def _names_in(export: Export) -> list[str]:
    alone = export.names == [export.path.name]
    return [name for name in export.names if alone or _is_wanted(name)]


def _content(export: Export, name: str, limit: int = MAX_FILE) -> bytes:
    with export.open(name) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UnreadableExport(f"the file is larger than {limit} bytes")
    return data


def _read(
    name: str,
    path: Path,
    user_id: str,
    content: Callable[[str], bytes],
    workspaces: dict[str, Workspace],
) -> ImportedSession | Skipped:
    try:
        document = import_document(content(name), path)
    except UnreadableExport as error:
        return Skipped(path=path, reason=str(error))
    except TransferError as error:
        inner = f"{name}: " if path.name != PurePosixPath(name).name else ""
        return Skipped(path=path, reason=f"{inner}{error.reason}")
    if not document.data.get("user_id") and user_id:
        document = SessionDocument({**document.data, "user_id": user_id})
    return own_session(document, path, workspaces.get(document.workspace_id), exact=True)


def _workspaces(names: list[str], content: Callable[[str, int], bytes]) -> dict[str, Workspace]:
    """What the export tells of its workspaces; a damaged file costs only a name."""
    found = {}
    for name in names:
        if PurePosixPath(name).name != WORKSPACE_FILE:
            continue
        try:
            workspace = workspace_in(content(name, _MAX_WORKSPACE))
        except UnreadableExport:
            continue
        if workspace is not None:
            found[workspace.id] = workspace
    return found


def _template(
    export: Export, name: str, workspace_id: str, template: str
) -> ImportedTemplate | Skipped:
    path = export.place_of(name)
    if not (is_id(workspace_id) and is_id(template)):
        return Skipped(path=path, reason=f"{name!r:.200} is no name of a template.")
    if path.is_symlink():
        return Skipped(path=path, reason="it is a link, which may lead anywhere.")
    try:
        content = _content(export, name, _MAX_TEMPLATE)
    except UnreadableExport as error:
        return Skipped(path=path, reason=str(error))
    return ImportedTemplate(workspace_id=workspace_id, name=template, content=content, path=path)


def _order(name: str) -> tuple[str, str]:
    """Forks get ids that sort after those of their parents, and ids are files' names."""
    return PurePosixPath(name).stem, name


def _is_wanted(name: str) -> bool:
    return PurePosixPath(name).suffix == ".json" and _is_inside(name)


def _is_inside(name: str) -> bool:
    """Whether a file belongs to what is exported, and not to what lies beside it."""
    return not any(
        part.startswith(".") or part == "trash" or part.endswith(FOLDER_SUFFIX)
        for part in PurePosixPath(name).parts[:-1]
    )

"""Importing sessions of our own format: exported documents, and the folders of another store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tui_sessions.errors import TransferError
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Workspace
from tui_sessions.transfer.base import ImportedSession, Skipped
from tui_sessions.transfer.own_json import import_document
from tui_sessions.transfer.single_files import MAX_FILE, json_files

_NOT_SESSIONS = frozenset({"workspace.json"})


class OwnSessions:
    """Reads files that `export` wrote, and folders of them; owners stay as they are."""

    name = "json"
    title = "sessions-tui"

    def find(self) -> list[Path]:
        """Nowhere: what is in the data folder needs no import."""
        return []

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a file or a folder, parents before their forks."""
        if path.is_file():
            yield _read(path, user_id)
        elif path.is_dir():
            files = [f for f in json_files(path, _is_left_out) if f.name not in _NOT_SESSIONS]
            # Forks get ids that sort after those of their parents, and ids are files' names.
            for file in sorted(files, key=lambda file: (file.stem, str(file))):
                yield _read(file, user_id)
        else:
            yield Skipped(path=path, reason="there is no such file or folder")


def own_session(document: SessionDocument, path: Path) -> ImportedSession:
    """A document of ours as an importer gives it."""
    workspace_id = document.workspace_id
    workspace = Workspace(id=workspace_id, name=workspace_id)
    return ImportedSession(document=document, workspace=workspace, path=path)


def _read(path: Path, user_id: str) -> ImportedSession | Skipped:
    try:
        if path.stat().st_size > MAX_FILE:
            return Skipped(path=path, reason=f"the file is larger than {MAX_FILE} bytes")
        document = import_document(path.read_bytes(), path)
    except OSError as error:
        return Skipped(path=path, reason=f"it could not be read: {error.strerror or error}")
    except TransferError as error:
        return Skipped(path=path, reason=error.reason)
    if not document.data.get("user_id") and user_id:
        document = SessionDocument({**document.data, "user_id": user_id})
    return own_session(document, path)


def _is_left_out(folder: str) -> bool:
    return folder.startswith(".") or folder == "trash"

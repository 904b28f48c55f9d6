"""The pictures and files that lie beside a document of ours which is imported."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tui_sessions.model.document import SessionDocument
from tui_sessions.model.kept_files import (
    LARGEST_FILE,
    file_parts_of,
    is_file_name,
    kept_name,
    put_data,
)
from tui_sessions.transfer.exports import Export, UnreadableExport

FOLDER_SUFFIX = ".files"


def put_files_in(document: SessionDocument, read: Callable[[str], bytes | None]) -> None:
    """Let a document hold what its parts name, as far as it can be read.

    Args:
        document: as it was read; nobody uses it yet.
        read: gives the content of a file by its name.
    """
    for part in file_parts_of(document.data["chats"]):
        name = None if part.get("data") else kept_name(part.get("path"))
        data = read(name) if name is not None else None
        if data is not None:
            put_data(part, data)


def files_beside(export: Export, document_name: str) -> Callable[[str], bytes | None]:
    """Reads the files in the folder beside a document: no links, and nothing too large."""
    folder = document_name.removesuffix(".json") + FOLDER_SUFFIX
    is_alone = export.path.is_file() and export.names == [export.path.name]
    top = export.path.parent if is_alone else export.path
    known = frozenset(export.names)

    def read(name: str) -> bytes | None:
        place = f"{folder}/{name}"
        if not is_file_name(name) or not (is_alone or place in known):
            return None
        with suppress(UnreadableExport, OSError):
            if top.is_dir() and (_is_odd(top / folder) or _is_odd(top / place)):
                return None
            opened = (top / place).open("rb") if is_alone else export.open(place)
            with opened as file:
                data = file.read(LARGEST_FILE + 1)
            return data if len(data) <= LARGEST_FILE else None
        return None

    return read


def _is_odd(path: Path) -> bool:
    return path.is_symlink() or not (path.is_file() or path.is_dir())

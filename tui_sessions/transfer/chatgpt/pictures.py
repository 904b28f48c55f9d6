"""The pictures that lie beside the conversations of an export."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tui_sessions.model.message import ImagePart
from tui_sessions.transfer.exports import Export, UnreadableExport
from tui_sessions.transfer.pictures import picture_of_bytes

_ID = re.compile(r"file[-_][A-Za-z0-9]{6,64}")
_MAX_PICTURE = 64 * 1024 * 1024


class ExportPictures:
    """Finds pictures by the pointers that messages hold."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._names: dict[str, str] = {}
        for name in export.names:
            found = _ID.match(PurePosixPath(name).name)
            if found:
                self._names.setdefault(found[0], name)

    def of(self, pointer: str) -> ImagePart | None:
        """The picture that a pointer means, if it is in the export."""
        found = _ID.search(pointer)
        name = self._names.get(found[0]) if found else None
        if name is None:
            return None
        try:
            with self._export.open(name) as file:
                data = file.read(_MAX_PICTURE + 1)
        except UnreadableExport:
            return None
        return picture_of_bytes(data) if len(data) <= _MAX_PICTURE else None

"""The pictures and files that lie beside the conversations of an export."""

from __future__ import annotations

import base64
import re
from pathlib import PurePosixPath

import msgspec

from tui_sessions.model.kept_files import LARGEST_FILE
from tui_sessions.model.message import FilePart, ImagePart
from tui_sessions.transfer.exports import Export, UnreadableExport
from tui_sessions.transfer.pictures import picture_of_bytes

_ID = re.compile(r"file[-_][A-Za-z0-9]{6,64}")


class ExportPictures:
    """Finds pictures and files by the pointers that messages hold."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._names: dict[str, str] = {}
        self._read: dict[str, ImagePart | FilePart | None] = {}
        """Of the present conversation: its branches show the same ones."""
        self.left_out: list[str] = []
        """Why some of them were not brought in."""
        unpacked = export.path.is_dir()
        for name in export.names:
            if unpacked and (export.path / name).is_symlink():
                continue
            found = _ID.match(PurePosixPath(name).name)
            if found:
                self._names.setdefault(found[0], name)

    def begin_conversation(self) -> None:
        """Let go of what the last conversation showed."""
        self._read.clear()
        self.left_out.clear()

    def of(self, pointer: str) -> ImagePart | None:
        """The picture that a pointer means, if it is in the export."""
        found = self._found(pointer)
        return found if isinstance(found, ImagePart) else None

    def file(self, pointer: str, name: str, media_type: str | None) -> ImagePart | FilePart:
        """A file that was attached to a message, with its content if it is in the export."""
        found = self._found(pointer)
        if isinstance(found, FilePart):
            return msgspec.structs.replace(found, name=name, media_type=media_type)
        return found or FilePart(name, media_type)

    def _found(self, pointer: str) -> ImagePart | FilePart | None:
        found = _ID.search(pointer)
        name = self._names.get(found[0]) if found else None
        if name is None:
            return None
        if name not in self._read:
            self._read[name] = self._part(name)
        return self._read[name]

    def _part(self, name: str) -> ImagePart | FilePart | None:
        try:
            with self._export.open(name) as file:
                data = file.read(LARGEST_FILE + 1)
        except UnreadableExport as error:
            self.left_out.append(f"a picture or file: {error}")
            return None
        if len(data) > LARGEST_FILE:
            self.left_out.append(
                f"a picture or file is larger than {LARGEST_FILE // 1024**2} MB; its name is kept"
            )
            return None
        return picture_of_bytes(data) or FilePart(name, data=base64.b64encode(data).decode())

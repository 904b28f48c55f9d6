"""The pictures and files that lie beside the database, as `uploads/<id>_<name>`."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, NamedTuple

from tui_sessions.model.kept_files import LARGEST_FILE, file_name_of, path_of
from tui_sessions.model.message import FilePart, ImagePart
from tui_sessions.model.picture_kinds import picture_kind
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.pictures import file_of_url, picture_of_url

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BLOCK = 1024 * 1024
_MARK_LENGTH = 16


class _Upload(NamedTuple):
    """A file that goes with messages."""

    path: Path
    digest: str
    size: int
    picture: str | None
    """Its media type, where it is a picture."""


class Uploads:
    """Finds what goes with a message by the ids that the message holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[str, Path] | None = None
        self._uploads: dict[Path, _Upload | None] = {}
        self.files: dict[str, Path] = {}
        """Where the files are that were named, by the names they are to have."""
        self.left_out: list[str] = []
        """Why some of them were not brought in."""

    def part(self, file: dict[str, Any]) -> ImagePart | FilePart | None:
        """The picture or file of an entry, with its content where that is known."""
        url = text_or_none(file.get("url")) or ""
        inner = file["file"] if isinstance(file.get("file"), dict) else file
        meta = inner["meta"] if isinstance(inner.get("meta"), dict) else {}
        name = text_or_none(file.get("name")) or text_or_none(inner.get("filename"))
        kind = text_or_none(meta.get("content_type")) or text_or_none(file.get("content_type"))
        shown = name or str(file.get("type") or "file")
        if url.startswith("data:"):
            return picture_of_url(url) or file_of_url(shown, url)
        upload = self._upload(url, file.get("id"), inner.get("id"))
        if upload is not None:
            return self._named(upload, shown, kind)
        return FilePart(shown, kind, url or None) if name or url else None

    def _named(self, upload: _Upload, name: str, kind: str | None) -> ImagePart | FilePart:
        """The part of an upload; its content stays where it is until it is copied."""
        kept = file_name_of(upload.digest, upload.picture or kind)
        self.files[kept] = upload.path
        if upload.picture is not None:
            return ImagePart(upload.picture, path=path_of(kept), size=upload.size)
        return FilePart(name, kind, path=path_of(kept), size=upload.size)

    def _upload(self, *places: object) -> _Upload | None:
        found = (_ID.search(place) for place in places if isinstance(place, str))
        ids = dict.fromkeys(one[0] for one in found if one)
        path = next((p for id_ in ids if (p := self._known().get(id_))), None)
        if path is None:
            return None
        if path not in self._uploads:
            self._uploads[path] = self._looked_at(path)
        return self._uploads[path]

    def _looked_at(self, path: Path) -> _Upload | None:
        """What is to be known of a file; None where there is nothing that could be kept."""
        digest, start, size = hashlib.sha256(), b"", 0
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    start = start or block[:_MARK_LENGTH]
                    size += len(block)
                    if size > LARGEST_FILE:
                        limit = f"{LARGEST_FILE // 1024**2} MB"
                        reason = f"a picture or file is larger than {limit}; its name is kept"
                        self.left_out.append(reason)
                        return None
                    digest.update(block)
        except OSError as error:
            self.left_out.append(f"a picture or file could not be read: {error.strerror or error}")
            return None
        return _Upload(path, digest.hexdigest(), size, picture_kind(start)) if size else None

    def _known(self) -> dict[str, Path]:
        """What there is, by id; no links."""
        if self._paths is None:
            try:
                entries = sorted(self._folder.iterdir())
            except OSError:
                entries = []
            files = [path for path in entries if path.is_file() and not path.is_symlink()]
            self._paths = {one[0]: path for path in files if (one := _ID.match(path.name))}
        return self._paths

"""The pictures and files that lie beside the database, as `uploads/<id>_<name>`."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from tui_sessions.model.kept_files import LARGEST_FILE
from tui_sessions.model.message import FilePart, ImagePart
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.pictures import file_of_url, picture_of_bytes, picture_of_url

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Uploads:
    """Finds what goes with a message by the ids that the message holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[str, Path] | None = None
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
        data = self._content(url, file.get("id"), inner.get("id"))
        if data is not None:
            picture = picture_of_bytes(data)
            return picture or FilePart(shown, kind, data=base64.b64encode(data).decode())
        return FilePart(shown, kind, url or None) if name or url else None

    def _content(self, *places: object) -> bytes | None:
        found = (_ID.search(place) for place in places if isinstance(place, str))
        ids = dict.fromkeys(one[0] for one in found if one)
        path = next((p for id_ in ids if (p := self._known().get(id_))), None)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
        except OSError as error:
            self.left_out.append(f"a picture or file could not be read: {error.strerror or error}")
            return None
        if len(data) <= LARGEST_FILE:
            return data or None
        self.left_out.append(
            f"a picture or file is larger than {LARGEST_FILE // 1024**2} MB; its name is kept"
        )
        return None

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

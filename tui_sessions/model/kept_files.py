"""Pictures and files that lie beside a session's document, and the parts that name them.

A part names its file as `files/<name>`. The name is made from the content, so the same picture is
one file, and it leads nowhere else: whatever looks different is the path of no kept file.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tui_sessions.model.codec import own_json

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; what is larger is not kept as a file, and none that is larger is read."""
INLINE_LIMIT = 8 * 1024
"""Bytes; what is smaller stays in its message as it was given, unless its part names a file too."""
_FOLDER = "files/"
_DIGEST_LENGTH = 32
_NAME = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{2,4}")
_SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "application/pdf": "pdf",
    "application/json": "json",
    "text/plain": "txt",
    "text/markdown": "md",
    "text/csv": "csv",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "video/mp4": "mp4",
}
"""Of what a program may open without harm; an SVG or a web page could hold a script."""
_TYPES = ("image", "file")


def file_name(data: bytes, media_type: str | None) -> str:
    """The name of a file with this content."""
    import hashlib  # here, as the app's start does without OpenSSL

    return file_name_of(hashlib.sha256(data).hexdigest(), media_type)


def file_name_of(digest: str, media_type: str | None) -> str:
    """The name of a file by the SHA-256 of its content, in hexadecimal digits."""
    return f"{digest[:_DIGEST_LENGTH]}.{_SUFFIXES.get((media_type or '').lower(), 'bin')}"


def path_of(name: str) -> str:
    """What a part says of the file that it names."""
    return _FOLDER + name


def is_file_name(name: object) -> bool:
    """Whether something is the name of a kept file."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def kept_name(path: object) -> str | None:
    """The name in a part's path; None for any path that is not one of a kept file."""
    if not isinstance(path, str) or not path.startswith(_FOLDER):
        return None
    name = path.removeprefix(_FOLDER)
    return name if is_file_name(name) else None


def file_parts(contents: Iterable[object]) -> list[dict[str, Any]]:
    """The pictures and files in messages' JSON contents, whatever else is in these."""
    return [
        part
        for content in contents
        if isinstance(content, list)
        for part in content
        if isinstance(part, dict) and part.get("type") in _TYPES
    ]


def file_parts_of(chats: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same for all messages of some chats."""
    return file_parts(
        [message.get("content") for chat in chats for message in chat.get("messages") or ()]
    )


def own_data_parts(chats: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The parts with data, each in a copy of its message: a fork shares those of its parent."""
    parts: list[dict[str, Any]] = []
    if not any(part.get("data") for part in file_parts_of(chats)):
        return parts  # to look at all at once takes a third of the time
    for chat in chats:
        messages = chat.get("messages") or []
        for place, message in enumerate(messages):
            if any(part.get("data") for part in file_parts([message.get("content")])):
                content = own_json(message["content"])
                messages[place] = {**message, "content": content}
                parts += [part for part in file_parts([content]) if part.get("data")]
    return parts


def names_in(chats: Iterable[Mapping[str, Any]]) -> list[str]:
    """The files that the messages of some chats name, each once."""
    names = (kept_name(part.get("path")) for part in file_parts_of(chats))
    return list(dict.fromkeys(name for name in names if name is not None))


def data_in(part: Mapping[str, Any]) -> bytes | None:
    """What a part holds; None where it holds nothing, or nothing that can be a file."""
    data, needed = part.get("data"), "name" if part.get("type") == "file" else "media_type"
    if not isinstance(data, str) or not isinstance(part.get(needed), str):
        return None
    if not data or len(data) > LARGEST_FILE * 4 // 3 + 4:
        return None
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None


def name_file(part: dict[str, Any], name: str, size: int) -> None:
    """Let a part name the file that its data is in now."""
    part.pop("data", None)
    part |= {"path": path_of(name), "size": size}


def put_data(part: dict[str, Any], data: bytes) -> None:
    """Let a part hold what is in its file; that it has one is still said."""
    part["data"] = base64.b64encode(data).decode()


def belongs_in_file(part: Mapping[str, Any], data: bytes) -> bool:
    """Whether the data of a part goes into a file: what is large, or was in one before."""
    return len(data) >= INLINE_LIMIT or kept_name(part.get("path")) is not None


def name_all(parts: Iterable[dict[str, Any]]) -> None:
    """Let all parts with data name the files that they go to, however small they are."""
    for part in parts:
        data = data_in(part)
        if data is not None:
            part["path"] = path_of(name_in(part, data))


def name_in(part: Mapping[str, Any], data: bytes) -> str:
    """The name of the file that a part's data goes to."""
    kind = part.get("media_type")
    return file_name(data, kind if isinstance(kind, str) else None)


def as_kept(parts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts as a store that keeps files has them, to compare them with those it has."""
    return [_as_kept(part) for part in parts]


def _as_kept(part: dict[str, Any]) -> dict[str, Any]:
    data = data_in(part) if part.get("type") in _TYPES else None
    if data is None:
        return part
    kept = dict(part)
    name_file(kept, name_in(part, data), len(data))
    return kept

"""Pictures that foreign histories hold as data URLs, base64 or bytes."""

from __future__ import annotations

import base64
import binascii
import re

from tui_sessions.model.message import FilePart, ImagePart
from tui_sessions.model.picture_kinds import picture_kind

_DATA_URL = re.compile(r"data:(image/[A-Za-z0-9.+-]{1,60})(?:;[A-Za-z0-9=.+-]{1,60})*;base64,")
_FILE_URL = re.compile(
    r"data:([A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,90})(?:;[A-Za-z0-9=.+-]{1,60})*;base64,"
)
_MARK_LENGTH = 16


def picture_of_url(url: str) -> ImagePart | None:
    """The picture that a data URL holds; None for any other URL."""
    found = _DATA_URL.match(url)
    return ImagePart(found[1], data=url[found.end() :]) if found else None


def picture_of_bytes(data: bytes, media_type: str | None = None) -> ImagePart | None:
    """A picture by its bytes; None where neither they nor a media type say that it is one."""
    kind = picture_kind(data[:_MARK_LENGTH])
    if kind is None and media_type and media_type.startswith("image/"):
        kind = media_type
    return ImagePart(kind, data=base64.b64encode(data).decode()) if kind else None


def picture_of_base64(text: str, media_type: str | None = None) -> ImagePart | None:
    """A picture in base64, without the beginning of a data URL; None where it is none."""
    try:
        start = base64.b64decode(text[:64], validate=True)
    except (binascii.Error, ValueError):
        return None
    known = picture_of_bytes(start, media_type)
    return ImagePart(known.media_type, data=text) if known else None


def file_of_base64(name: str, text: str, media_type: str | None = None) -> FilePart | None:
    """A file whose content is told in base64; None where that is none."""
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return FilePart(name, media_type, data=text) if text else None


def file_of_url(name: str, url: str) -> FilePart | None:
    """The file that a data URL holds; None for any other URL."""
    found = _FILE_URL.match(url)
    return file_of_base64(name, url[found.end() :], found[1]) if found else None


def is_picture_data(value: object) -> bool:
    """Whether a value is base64 whose first bytes are those of a picture that is known."""
    return isinstance(value, str) and picture_of_base64(value) is not None

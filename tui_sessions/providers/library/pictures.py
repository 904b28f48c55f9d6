"""Pictures in a message, made ready to be sent."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from pydantic_ai.messages import BinaryContent, UserContent

from tui_sessions.errors import ProviderError
from tui_sessions.model.message import ImagePart

LARGEST = 20 * 1024 * 1024
"""Bytes of one picture; no endpoint takes larger ones."""
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}


def picture(part: ImagePart, *, required: bool) -> UserContent:
    """A picture to send; a note in its place where it is gone and not `required`.

    Raises:
        ProviderError: it is required and cannot be read.
    """
    try:
        data = _bytes(part)
        # A session file may name any path: nothing but a picture leaves the machine by it.
        media_type = _media_type(data)
    except (OSError, ValueError) as error:
        if required:
            raise ProviderError(
                f"The picture {part.path or 'in the message'} cannot be sent: {error}. "
                "Take it out of the message, or attach it again.",
                "bad_request",
            ) from error
        return "(A picture stood here that is not available any more.)"
    return BinaryContent(data, media_type=media_type)


def _bytes(part: ImagePart) -> bytes:
    if part.data is not None:
        try:
            return base64.b64decode(part.data, validate=True)
        except binascii.Error as error:
            raise ValueError("its data is not base64") from error
    if part.path is None:
        raise ValueError("it has neither data nor a path")
    path = Path(part.path)
    if not path.is_file():
        raise ValueError("there is no such file")
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1024**2} MB")
    return path.read_bytes()


def _media_type(data: bytes) -> str:
    for signature, media_type in _SIGNATURES.items():
        if data.startswith(signature):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise ValueError("it is no PNG, JPEG, GIF or WebP")

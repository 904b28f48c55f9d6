"""Pictures in a message, made ready to be sent."""

from __future__ import annotations

import base64
import binascii
import re

from pydantic_ai.messages import BinaryContent, UserContent

from tui_sessions.errors import ProviderError
from tui_sessions.model.message import ImagePart
from tui_sessions.model.picture_kinds import picture_kind

_REFUSALS = re.compile(
    r"\bimages?\b|image_url|\bpictures?\b|multi-?modal|\bvision\b|content must be a string",
    re.IGNORECASE,
)
"""What endpoints say of where the trouble is when they do not take pictures."""
_NEVER = re.compile(
    r"support|multi-?modal|\bvision\b|certain models|must be a string|at most 0", re.IGNORECASE
)
"""What they say where it is the model, and not that one picture is too large or damaged."""
LARGEST = 20 * 1024 * 1024
"""Bytes of one picture; no endpoint takes larger ones."""
_MARK_LENGTH = 16


def picture(part: ImagePart, *, required: bool) -> UserContent:
    """A picture to send; a note in its place where it is gone and not `required`.

    Only what the request brings along is sent: a session file may name any path of the disk.

    Raises:
        ProviderError: it is required and cannot be read.
    """
    try:
        data = _bytes(part)
        media_type = _media_type(data)
    except ValueError as error:
        if required:
            raise ProviderError(
                f"The picture {part.path or 'in the message'} cannot be sent: {error}. "
                "Take it out of the message, or attach it again.",
                "bad_request",
            ) from error
        return "(A picture stood here that is not available any more.)"
    return BinaryContent(data, media_type=media_type)


def are_refused(reason: str) -> bool:
    """Whether an endpoint that refused a request says that it is about pictures."""
    return _REFUSALS.search(reason) is not None


def are_never_taken(reason: str) -> bool:
    """Whether it says that the model takes no pictures at all."""
    return are_refused(reason) and _NEVER.search(reason) is not None


def _bytes(part: ImagePart) -> bytes:
    if part.data is None:
        raise ValueError("it is not beside the session" if part.path else "there is nothing in it")
    try:
        data = base64.b64decode(part.data, validate=True)
    except binascii.Error as error:
        raise ValueError("its data is not base64") from error
    if len(data) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1024**2} MB")
    return data


def _media_type(data: bytes) -> str:
    kind = picture_kind(data[:_MARK_LENGTH])
    if kind is None:
        raise ValueError("it is no PNG, JPEG, GIF or WebP")
    return kind

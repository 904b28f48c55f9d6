"""Which pictures are known, by how their files begin."""

from __future__ import annotations

_MARKS = (
    ("image/png", 0, b"\x89PNG"),
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/gif", 0, b"GIF8"),
    ("image/webp", 8, b"WEBP"),
)


def picture_kind(start: bytes) -> str | None:
    """The media type of a picture by its first bytes; None where it is none that is known."""
    for kind, place, mark in _MARKS:
        if start[place : place + len(mark)] == mark and (place == 0 or start[:4] == b"RIFF"):
            return kind
    return None

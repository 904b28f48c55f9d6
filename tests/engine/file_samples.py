"""Pictures and files for the tests of what lies beside the sessions."""

from __future__ import annotations

import base64
from typing import Any

from tui_sessions import FilePart, ImagePart, SessionManager, TextPart

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
JPEG = b"\xff\xd8\xff" + b"picture" * 2000
PDF = b"%PDF-1.7 private" * 1000


def image(data: bytes = PNG, kind: str = "image/png") -> ImagePart:
    return ImagePart(kind, data=base64.b64encode(data).decode())


def attached(data: bytes = PDF) -> FilePart:
    return FilePart("a.pdf", "application/pdf", data=base64.b64encode(data).decode())


async def with_picture(manager: SessionManager, **options: Any) -> tuple[str, ImagePart]:
    """A session with a picture in it, and the part that names it."""
    session = await manager.create_session(workspace="dev", **options)
    added = await manager.add_message(session.id, [TextPart("Look"), image()])
    return session.id, part_of(added)


def part_of(message: Any) -> ImagePart:
    (part,) = [part for part in message.content if isinstance(part, ImagePart)]
    return part


async def picture_of(manager: SessionManager, session_id: str) -> bytes:
    """What the only picture of a session shows."""
    (message,) = await manager.history(session_id)
    return await manager.read_file(session_id, part_of(message).path or "")

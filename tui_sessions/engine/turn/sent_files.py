"""The pictures and files of messages that are about to be sent to a model."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence

import msgspec

from tui_sessions.engine.turn.requests import after_last_prompt
from tui_sessions.errors import SessionsError
from tui_sessions.model.kept_files import kept_name
from tui_sessions.model.message import FilePart, ImagePart, Message, Part, TextPart
from tui_sessions.stores.base import FileKeeping, Store

MOST_PICTURES = 20
"""How many pictures of a history are sent; endpoints take so and so many in one request."""
MOST_BYTES = 16 * 1024 * 1024
"""How much they may take in all; the whole of a request may have 20 to 32 MB, in base64."""
_SENT_KINDS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_EARLIER = "(A picture stood here; only the latest ones are sent.)"


async def with_files(store: Store, session_id: str, messages: Sequence[Message]) -> list[Message]:
    """Messages that are about to be sent, with the data of their pictures.

    Pictures that a tool kept as files are pictures here too. Those of the question go whatever
    they take, of the others the latest; an earlier one leaves a mark.
    """
    files = _Files(store, session_id)
    made = [_with_pictures(message) for message in messages]
    question = (after_last_prompt(made) or len(made) + 1) - 1
    for place in range(len(made) - 1, -1, -1):
        message = made[place]
        if any(isinstance(part, ImagePart) for part in message.content):
            parts = [
                await files.part(part, required=place >= question)
                for part in reversed(message.content)
            ]
            made[place] = msgspec.structs.replace(message, content=tuple(reversed(parts)))
    return made


class _Files:
    """Reads what is sent, the latest first, until it is enough."""

    def __init__(self, store: Store, session_id: str) -> None:
        self._store = store
        self._session_id = session_id
        self._known: dict[str, str] = {}
        self._pictures = 0
        self._bytes = 0

    async def part(self, part: Part, *, required: bool) -> Part:
        """A part as it is sent."""
        if not isinstance(part, ImagePart):
            return part
        if not required and not self._has_room(part):
            return TextPart(_EARLIER)
        name = kept_name(part.path)
        # Data that came with the message is what the person's program gave it.
        data = part.data or (await self._data(name) if name is not None else None)
        if data is None:
            return part  # whoever sends it says that it is gone
        self._pictures += 1
        self._bytes += len(data) * 3 // 4
        return ImagePart(part.media_type, data=data)

    def _has_room(self, part: ImagePart) -> bool:
        size = len(part.data) * 3 // 4 if part.data else part.size or 0
        return self._pictures < MOST_PICTURES and self._bytes + size <= MOST_BYTES

    async def _data(self, name: str) -> str | None:
        if name not in self._known and isinstance(self._store, FileKeeping):
            try:
                data = await self._store.read_file(self._session_id, name)
            except SessionsError:
                return None
            self._known[name] = (await asyncio.to_thread(base64.b64encode, data)).decode()
        return self._known.get(name)


def _with_pictures(message: Message) -> Message:
    """The message, its files that are pictures as such."""
    if not any(map(_is_picture, message.content)):
        return message
    content = tuple(_as_picture(part) for part in message.content)
    return msgspec.structs.replace(message, content=content)


def _is_picture(part: Part) -> bool:
    if not isinstance(part, FilePart) or (part.media_type or "").lower() not in _SENT_KINDS:
        return False
    return part.data is not None or kept_name(part.path) is not None


def _as_picture(part: Part) -> Part:
    if not isinstance(part, FilePart) or not _is_picture(part):
        return part
    return ImagePart(part.media_type or "", data=part.data, path=part.path, size=part.size)

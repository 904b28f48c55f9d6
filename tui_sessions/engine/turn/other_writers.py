"""Replies that another program on the same files is writing right now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from tui_sessions.model.clock import now
from tui_sessions.model.document import SessionDocument

STILL_S = 1.5
"""Seconds without a save after which a reply is nobody's: one that arrives is saved more often."""
_LOOK_EVERY_S = 0.3


async def grows_elsewhere(read: Callable[[], Awaitable[SessionDocument]], chat_id: str) -> bool:
    """Whether the last reply of a chat, which none here is writing, still grows.

    One that was saved just now is watched until it has grown, or that is not just now any more; any
    other is told at once.

    Args:
        read: gives the session as it is on disk.
        chat_id: the chat's.
    """
    document = await read()
    before = _unfinished(document, chat_id)
    changed = document.head.updated_at
    if before is None or changed is None:
        return False
    fresh = STILL_S - (now() - changed).total_seconds()
    found: bytes | None = before
    while found == before and 0 < fresh <= STILL_S:
        await asyncio.sleep(min(fresh, _LOOK_EVERY_S))
        found = _unfinished(await read(), chat_id)
        fresh -= _LOOK_EVERY_S
    return found not in (before, None)


def _unfinished(document: SessionDocument, chat_id: str) -> bytes | None:
    """The content of a chat's last message, where that is a reply without an end."""
    chat = document.chat_data(chat_id)
    last = chat["messages"][-1] if chat and chat["messages"] else None
    if last is None or last.get("role") != "assistant" or last.get("status") != "partial":
        return None
    return msgspec.json.encode([last["id"], last.get("content")])

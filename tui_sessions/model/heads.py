"""What a list shows of a session and its chats, made from their JSON without their messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from tui_sessions.model.clock import parse_time
from tui_sessions.model.codec import text_of_data
from tui_sessions.model.format import FORMAT
from tui_sessions.model.session import Chat, Session

_PREVIEW_LENGTH = 160
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def session_of_heads(data: Mapping[str, Any], chats: Sequence[Mapping[str, Any] | Chat]) -> Session:
    """The snapshot that a document's fields and the heads of its chats stand for.

    Args:
        data: the document.
        chats: the heads; what is a value already is taken over as it is.

    Raises:
        msgspec.ValidationError: a field is not of its kind.
    """
    head = {k: v for k, v in data.items() if k != "chats" and v is not None}
    created = parse_time(data["created_at"]) or _EPOCH
    for field in ("updated_at", "last_active_at", "state_changed_at"):
        head[field] = parse_time(data.get(field)) or created
    head["created_at"] = created
    head["expires_at"] = parse_time(data.get("expires_at"))
    head.setdefault("workspace_id", "default")
    head["read_only"] = cast(int, data["format"]) > FORMAT
    head["chats"] = chats
    ids = [chat.id if isinstance(chat, Chat) else chat["id"] for chat in chats]
    head["active_chat_id"] = active_chat_id(head.get("active_chat_id"), ids)
    return msgspec.convert(head, Session)


def chat_head(chat: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A chat's fields without its messages, but with what a list shows of these."""
    head = {k: v for k, v in chat.items() if k != "messages" and v is not None}
    if isinstance(agent := head.get("agent"), Mapping) and None in agent.values():
        head["agent"] = {k: v for k, v in agent.items() if v is not None}
    head["created_at"] = parse_time(chat.get("created_at"))
    head["message_count"] = len(messages)
    head["preview"] = preview_of(reversed(messages))
    return head


def with_new_messages(
    session: Session, updated_at: datetime, chats: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Session:
    """The snapshot once messages have changed, and nothing else.

    Args:
        session: as it was.
        updated_at: when it was changed last.
        chats: the messages of each chat that has changed.
    """
    heads = [
        msgspec.structs.replace(
            chat,
            message_count=len(chats[chat.id]),
            preview=preview_of(reversed(chats[chat.id])),
        )
        if chat.id in chats
        else chat
        for chat in session.chats
    ]
    return msgspec.structs.replace(session, updated_at=updated_at, chats=tuple(heads))


def active_chat_id(chosen: object, ids: Sequence[str]) -> Any:
    """The chat that is active: the one chosen, or the first where that is not there."""
    return chosen if chosen in ids else (ids[0] if ids else None)


def preview_of(newest_first: Iterable[Mapping[str, Any]]) -> str:
    """The beginning of the last visible message."""
    last = next((message for message in newest_first if not message.get("hidden")), None)
    return text_of_data(last, _PREVIEW_LENGTH) if last else ""

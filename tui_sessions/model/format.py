"""File format 1: what a session's document must hold, and what a new one holds."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.clock import format_time, now, parse_time
from tui_sessions.model.identifiers import is_id
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.session import Session

FORMAT = 1


class DocumentError(ValueError):
    """A document that does not hold together; the text says why."""


def new_document_data(session: Session) -> dict[str, Any]:
    """The JSON of a new session, without chats."""
    data = {
        "format": FORMAT,
        "id": session.id,
        "workspace_id": session.workspace_id,
        "user_id": session.user_id,
        "label": session.label,
        "auto_label": session.auto_label,
        "state": session.state.value,
        "revision": 0,
        **{
            field: format_time(getattr(session, field))
            for field in ("created_at", "updated_at", "last_active_at", "state_changed_at")
        },
        "ttl_s": session.ttl_s,
        "expires_at": format_time(session.expires_at) if session.expires_at else None,
        "parent": msgspec.to_builtins(session.parent),
        "surfaces": list(session.surfaces),
        "tags": list(session.tags),
        "metadata": copy.deepcopy(session.metadata),
        "preferences": copy.deepcopy(session.preferences),
        "origin": msgspec.to_builtins(session.origin),
        "active_chat_id": session.active_chat_id,
        "chats": [],
    }
    if session.temporary:
        data["temporary"] = True
    return data


def new_chat_data(chat_id: str, name: str, agent: AgentConfig) -> dict[str, Any]:
    """The JSON of a new chat, without messages."""
    return {
        "id": chat_id,
        "name": name,
        "created_at": format_time(now()),
        "tags": [],
        "metadata": {},
        "max_messages": None,
        "inherited": 0,
        "agent": msgspec.to_builtins(agent),
        "messages": [],
    }


def check_document(data: object) -> None:
    """Refuse what cannot be a session; a message without an id of its own gets one from its place.

    Raises:
        DocumentError: with a reason for a person.
    """
    if not isinstance(data, dict):
        raise DocumentError("it is not a JSON object")
    check_head(data)
    chats = data["chats"]
    seen: set[str] = set()
    with _newer_format_told(data["format"]):
        for chat in chats:
            check_chat(chat)
            if chat["id"] in seen:
                raise DocumentError(f'two of its chats have the id "{chat["id"]}"')
            seen.add(chat["id"])
    _tell_messages_apart(chats)


def check_head(data: Mapping[str, Any], session_id: str | None = None) -> None:
    """Refuse what cannot be a session without looking at its messages.

    Args:
        data: the document.
        session_id: the id that it has to have; None: any.

    Raises:
        DocumentError: with a reason for a person.
    """
    version = data.get("format")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DocumentError('it has no "format" number, so it is not a session of this program')
    with _newer_format_told(version):
        _check_needed(data, session_id)


@contextmanager
def _newer_format_told(version: int) -> Iterator[None]:
    """What is not as format 1 has it is no damage where the format is a newer one: say so."""
    try:
        yield
    except DocumentError as error:
        if version <= FORMAT:
            raise
        raise DocumentError(
            f"its format {version} is newer than this version can read ({error}); "
            "update sessions-tui to open it"
        ) from error


def _check_needed(data: Mapping[str, Any], session_id: str | None) -> None:
    """Refuse a document that lacks what every session has."""
    if not is_id(data.get("id")) or session_id not in (None, data["id"]):
        raise DocumentError('its "id" is missing or not a valid id')
    if parse_time(data.get("created_at")) is None:
        raise DocumentError('its "created_at" is missing or not a time')
    chats = data.get("chats")
    if not isinstance(chats, list):
        raise DocumentError('its "chats" is missing or not a list')
    for chat in chats:
        _messages_of(chat)
    if data.get("state") is not None and data["state"] not in tuple(SessionState):
        raise DocumentError(f"its state {data['state']!r:.40} is none of {', '.join(SessionState)}")


def _tell_messages_apart(chats: list[dict[str, Any]]) -> None:
    """Give those whose id another has taken one of their own: some programs count in each chat."""
    ids = [message["id"] for chat in chats for message in chat["messages"]]
    known = set(ids)
    if len(known) == len(ids):
        return
    seen: set[str] = set()
    for chat in chats:
        for place, message in enumerate(chat["messages"]):
            own_id = message["id"]
            if own_id in seen:
                own_id = f"{chat['id']}-{place + 1}"
                while own_id in known:
                    own_id += "x"
                known.add(own_id)
                chat["messages"][place] = {**message, "id": own_id}
            seen.add(own_id)


def check_chat(chat: object) -> None:
    """Refuse what cannot be a chat; messages without an id get one from their place.

    Raises:
        DocumentError: with a reason for a person.
    """
    chat_id, messages = _messages_of(chat)
    for place, message in enumerate(messages):
        if not isinstance(message, dict):
            raise DocumentError(f'message {place + 1} of chat "{chat_id}" is not an object')
        if not isinstance(message.get("id"), str):
            message["id"] = f"{chat_id}-{place + 1}"


def _messages_of(chat: object) -> tuple[str, list[Any]]:
    """A chat's id and messages."""
    if not isinstance(chat, dict) or not is_id(chat.get("id")):
        raise DocumentError("one of its chats has no valid id")
    chat_id, messages = chat["id"], chat.get("messages")
    if not isinstance(messages, list):
        raise DocumentError(f'chat "{chat_id}" has no list of messages')
    return chat_id, messages

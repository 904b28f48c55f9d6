"""Documents in the form that this program gives them, seen by what lists show of their sessions.

Most documents are like that, and then typed values are made of their text at once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from tui_sessions.model.format import FORMAT
from tui_sessions.model.heads import active_chat_id, preview_of
from tui_sessions.model.identifiers import is_id
from tui_sessions.model.session import Chat, Session
from tui_sessions.stores.base import Stamp


class _Message(msgspec.Struct, gc=False):
    """What is looked at of a message."""

    hidden: Any = None
    content: msgspec.Raw = msgspec.Raw(b"null")


class _Messages(msgspec.Struct, gc=False):
    """A chat of a document, but for what `Chat` has."""

    messages: list[_Message]


class _Rest(msgspec.Struct, gc=False):
    """A document, but for what `Session` has."""

    format: int
    chats: list[_Messages]


_session = msgspec.json.Decoder(Session)
_rest = msgspec.json.Decoder(_Rest)
_content = msgspec.json.Decoder()


class Unusual(Exception):
    """A document in another form, which may well be in order."""


def session_at_once(text: bytes, stamp: Stamp) -> Session:
    """The session that a document stands for.

    Raises:
        Unusual: it has to be looked at piece by piece.
    """
    try:
        session, rest = _session.decode(text), _rest.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unusual from error
    if rest.format != FORMAT or session.read_only or not is_id(session.id):
        raise Unusual
    times = session.created_at, session.updated_at, session.last_active_at, session.state_changed_at
    if not all(map(_is_plain, (*times, session.expires_at))):
        raise Unusual
    chats = tuple(map(_with_messages, session.chats, rest.chats))
    ids = [chat.id for chat in chats]
    if len(ids) != len(set(ids)):
        raise Unusual
    return msgspec.structs.replace(
        session,
        id=stamp.session_id,
        workspace_id=stamp.workspace_id,
        active_chat_id=active_chat_id(session.active_chat_id, ids),
        chats=chats,
    )


def _with_messages(chat: Chat, own: _Messages) -> Chat:
    if not (is_id(chat.id) and _is_plain(chat.created_at)):
        raise Unusual
    shown = (message for message in reversed(own.messages) if not message.hidden)
    try:
        preview = preview_of({"content": _content.decode(each.content)} for each in shown)
    except msgspec.MsgspecError as error:
        raise Unusual from error
    return msgspec.structs.replace(chat, message_count=len(own.messages), preview=preview)


def _is_plain(moment: datetime | None) -> bool:
    """Whether a time is one in UTC; others are brought to it by who loads the session."""
    return moment is None or moment.tzinfo is UTC

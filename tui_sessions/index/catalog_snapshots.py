"""Sessions as the catalog keeps them: the bytes of one, and sessions made of the bytes of many."""

from __future__ import annotations

import sqlite3
from itertools import chain

import msgspec

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.session import Chat, Session

_AT_ONCE = 100
"""Few enough that their bytes take the place of those before them: new memory costs more."""
_ARRAY = b"\xdd"
"""What msgpack begins an array with, before the four bytes of its length."""


class _BriefAgent(AgentConfig, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """An agent as it is kept: what says nothing is left out, for there is less to read then."""


class _BriefChat(Chat, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A chat as it is kept."""

    agent: _BriefAgent = _BriefAgent()


class _BriefSession(Session, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A session as it is kept."""

    chats: tuple[_BriefChat, ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Session).decode
_decode_all = msgspec.msgpack.Decoder(list[Session]).decode


def snapshot_of(session: Session) -> bytes:
    """A session as it is kept.

    Raises:
        msgspec.ValidationError: a field is not of its kind.
        TypeError: something in it is no JSON.
        UnicodeEncodeError: a text holds half a character.
        OverflowError: a number of the caller's takes more than 64 bits.
    """
    return _encode(msgspec.convert(session, _BriefSession, from_attributes=True))


def session_of(snapshot: bytes) -> Session:
    """The session that was kept."""
    return _decode(snapshot)


def sessions_of(rows: sqlite3.Cursor) -> list[Session]:
    """The sessions of rows of one snapshot each, in their order."""
    sessions: list[Session] = []
    while some := rows.fetchmany(_AT_ONCE):
        sessions += _decode_all(b"".join((_ARRAY, len(some).to_bytes(4), *chain(*some))))
    return sessions

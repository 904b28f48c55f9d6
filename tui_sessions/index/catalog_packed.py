"""All sessions of the catalog in one piece, which takes half as long to read as their rows.

A pack stays as it is while sessions change: it has the number of the write it was made after, and
so the rows tell what is newer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from tui_sessions.index.catalog_rows import NEWEST_FIRST, newest_first, session_of
from tui_sessions.index.catalog_writing import KEPT_REMOVALS, last_write
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.session import Chat, Session

WORTH_PACKING = range(1_000, 20_001)
"""So many sessions: with fewer the difference is not felt, and more would be packed for too long
when a program ends."""
_IN_A_ROW = 1000
_CACHE_KB = 24_000
"""Room for all rows: in the order in which they are packed they lie everywhere in the file."""
_MOST_CHANGED = 500
"""With more changes than this since it was made, a pack is not used any more."""


class _BriefAgent(AgentConfig, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """An agent as it is packed: what says nothing is left out, for there is less to read then."""


class _BriefChat(Chat, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A chat as it is packed."""

    agent: _BriefAgent = _BriefAgent()


class _BriefSession(Session, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A session as it is packed."""

    chats: tuple[_BriefChat, ...] = ()


_brief = msgspec.msgpack.Decoder(_BriefSession).decode
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Session]).decode


def pack(db: sqlite3.Connection) -> None:
    """Pack all sessions as they are now; for a connection that is closed after it."""
    db.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
    db.execute("BEGIN IMMEDIATE")
    number = last_write(db)
    db.execute("DELETE FROM packed")
    # By way of the index: to sort, SQLite would copy all rows, into a file if they are many.
    rows = db.execute(f"SELECT snapshot FROM sessions INDEXED BY by_activity{NEWEST_FIRST}")  # noqa: S608
    place = 0
    while some := rows.fetchmany(_IN_A_ROW):
        db.execute("INSERT INTO packed VALUES (?, ?, ?)", [place, number, _packed(some)])
        place += 1


def packed_sessions(db: sqlite3.Connection) -> list[Session] | None:
    """All sessions, newest first; None where there is no pack that is new enough."""
    db.execute("BEGIN")  # all that is read is of one moment
    first = db.execute("SELECT sequence FROM packed WHERE place = 0").fetchone()
    if first is None or last_write(db) - first[0] > KEPT_REMOVALS:
        return None
    since = "INDEXED BY {} WHERE sequence > ? LIMIT ?"
    values = [first[0], _MOST_CHANGED + 1]
    rows = f"SELECT id, snapshot FROM sessions {since.format('by_sequence')}"  # noqa: S608
    changed = dict(db.execute(rows, values).fetchall())
    gone = f"SELECT id FROM removed {since.format('removed_by_sequence')}"  # noqa: S608
    removed = {row[0] for row in db.execute(gone, values)}
    if len(changed) + len(removed) > _MOST_CHANGED:
        return None
    sessions: list[Session] = []
    for (packed,) in db.execute("SELECT sessions FROM packed ORDER BY place"):
        sessions += _decode(packed)
    if changed or removed:
        removed |= changed.keys()
        sessions = [session for session in sessions if session.id not in removed]
        sessions += map(session_of, changed.values())
        sessions.sort(key=newest_first, reverse=True)
    return sessions


def _packed(rows: Sequence[tuple[bytes]]) -> bytes:
    return _encode([_brief(snapshot) for (snapshot,) in rows])

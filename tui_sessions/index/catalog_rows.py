"""Sessions as rows of the catalog's table, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from tui_sessions.index.catalog_snapshots import snapshot_of
from tui_sessions.model.session import Session

SCHEMA = 7
"""Raised whenever what a row holds changes; a database of another schema is made anew."""
TABLES = """
CREATE TABLE IF NOT EXISTS sessions(
    id TEXT NOT NULL UNIQUE, sequence INTEGER NOT NULL, found INTEGER NOT NULL,
    version TEXT NOT NULL,
    workspace_id TEXT NOT NULL, user_id TEXT NOT NULL, state TEXT NOT NULL, parent_id TEXT,
    active INTEGER NOT NULL, created INTEGER NOT NULL,
    surfaces TEXT NOT NULL, tags TEXT NOT NULL, words TEXT NOT NULL, snapshot BLOB NOT NULL,
    PRIMARY KEY(active, created, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_workspace ON sessions(
    workspace_id, active, created, id, version, sequence);
CREATE INDEX IF NOT EXISTS by_parent ON sessions(parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_sequence ON sessions(sequence);
CREATE INDEX IF NOT EXISTS by_traits ON sessions(user_id, state, tags, id);
CREATE TABLE IF NOT EXISTS removed(id TEXT PRIMARY KEY, sequence INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS removed_by_sequence ON removed(sequence);
CREATE TABLE IF NOT EXISTS writes(number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS folders(workspace_id TEXT PRIMARY KEY, mark TEXT NOT NULL);
"""
"""The sessions lie in the file in the order in which they are listed, so that all are read in one
go; the index by workspace has all that is compared with the files."""
PUT = "REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
NEWEST_FIRST = " ORDER BY active DESC, created DESC, id DESC"
"""What rows are sorted by, as `newest_first` does it with sessions."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
newest_first = attrgetter("last_active_at", "created_at", "id")
"""What sessions are sorted by, backwards."""
_END = "\x1f"
"""Stands before, between and after the values of a list."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which sessions are asked for: those that fit everything that is given."""

    workspace_id: str | None = None
    user_id: str | None = None
    states: Collection[str] | None = None
    parent_id: str | None = None
    surface: str | None = None
    tag: str | None = None
    active_since: datetime | None = None
    words: tuple[str, ...] = ()
    """Casefolded; each is in the label, a tag or the name of a chat."""
    others_than: str | None = None
    """Not the session with this id."""

    def fits(self, session: Session) -> bool:
        """Whether a session is among them."""
        link = session.parent
        return (
            self.workspace_id in (None, session.workspace_id)
            and self.user_id in (None, session.user_id)
            and (self.states is None or session.state.value in self.states)
            and (self.parent_id is None or (link is not None and link.session_id == self.parent_id))
            and (self.surface is None or self.surface in session.surfaces)
            and (self.tag is None or self.tag in session.tags)
            and (self.active_since is None or session.last_active_at >= self.active_since)
            and (not self.words or all(word in words_of(session) for word in self.words))
            and session.id != self.others_than
        )

    def statement(self, columns: str, *, ordered: bool = False) -> tuple[str, list[Any]]:
        """The SELECT for it, and its values."""
        terms = list(self._terms())
        where = " WHERE " + " AND ".join(term for term, _ in terms) if terms else ""
        values = [value for _, held in terms for value in held]
        order = NEWEST_FIRST if ordered else ""
        return f"SELECT {columns} FROM sessions{where}{order}", values  # noqa: S608  no values in it

    def _terms(self) -> list[tuple[str, list[Any]]]:
        terms: list[tuple[str, list[Any]]] = []
        plain = (
            ("workspace_id = ?", self.workspace_id),
            ("user_id = ?", self.user_id),
            ("parent_id = ?", self.parent_id),
            ("id <> ?", self.others_than),
        )
        terms += [(term, [value]) for term, value in plain if value is not None]
        if self.states is not None:
            marks = ", ".join("?" * len(self.states))
            terms.append((f"state IN ({marks})", list(self.states)))
        if self.surface is not None:
            terms.append(("instr(surfaces, ?)", [_joined([self.surface])]))
        if self.tag is not None:
            terms.append(("instr(tags, ?)", [_joined([self.tag])]))
        if self.active_since is not None:
            terms.append(("active >= ?", [_microseconds(self.active_since)]))
        return terms + [("instr(words, ?)", [word]) for word in self.words]


class Row(NamedTuple):
    """A session as the table keeps it, but for the numbers of writes."""

    id: str
    version: str
    workspace_id: str
    user_id: str
    state: str
    parent_id: str | None
    active: int
    created: int
    surfaces: str
    tags: str
    words: str
    snapshot: bytes
    alike: Sequence[str] = ()
    """Other versions of which the very same is found; in no column."""

    @classmethod
    def of(cls, session: Session, version: str) -> Row:
        """The row of a session.

        Raises:
            msgspec.ValidationError: a field is not of its kind.
            TypeError: something in it is no JSON.
            UnicodeEncodeError: a text holds half a character, which no database can.
            OverflowError: a number of the caller's takes more than 64 bits.
        """
        return cls(
            session.id,
            version,
            session.workspace_id,
            session.user_id,
            f"{session.state}",  # `value` takes five times as long
            session.parent.session_id if session.parent else None,
            _microseconds(session.last_active_at),
            _microseconds(session.created_at),
            _joined(session.surfaces),
            _joined(session.tags),
            words_of(session),
            snapshot_of(session),
        )

    def numbered(self, number: int, found: int) -> tuple[Any, ...]:
        """The values of the table's columns.

        Args:
            number: of the write that this is.
            found: of the last write with which anything was found otherwise.
        """
        return (self.id, number, found, *self[1:-1])


class Traits(NamedTuple):
    """What a search's filters ask of sessions, and what many sessions have in common."""

    user_id: str
    state: str
    tags: tuple[str, ...]

    @classmethod
    def of(cls, session: Session) -> Traits:
        """Those of a session."""
        return cls(session.user_id, session.state.value, session.tags)

    @classmethod
    def of_columns(cls, user_id: str, state: str, tags: str) -> Traits:
        """Those of a row."""
        return cls(user_id, state, tuple(tags.strip(_END).split(_END)) if tags else ())


def words_of(session: Session) -> str:
    """What a session is found by, casefolded."""
    names = (chat.name for chat in session.chats) if len(session.chats) > 1 else ()
    return "\n".join((session.label, *session.tags, *names)).casefold()


def _joined(values: Collection[str]) -> str:
    return _END + _END.join(values) + _END if values else ""


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND

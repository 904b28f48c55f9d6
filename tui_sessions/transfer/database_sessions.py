"""What the importers of SQLite histories share: finding the databases and reporting bad ones."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tui_sessions.transfer.base import ImportedSession, Skipped, Survey
from tui_sessions.transfer.database_opening import UnreadableDatabase, is_database, open_database
from tui_sessions.transfer.databases import Database, Grouped
from tui_sessions.transfer.drafts import SessionDraft, imported_session
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.single_files import nothing_there, parents_first, unreadable_folder
from tui_sessions.transfer.units import files_below, newest_of

_ENDINGS = (".db", ".sqlite", ".sqlite3")


class DatabaseSessions(ABC):
    """Reads databases that hold many sessions each."""

    name: str
    title: str
    session_tables: tuple[str, ...] = ()
    """The tables that have a row for each session."""

    @abstractmethod
    def find(self) -> list[Path]:
        """The databases that are where the program keeps them."""

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a database, or of the databases in a folder and below it."""
        if path.is_file():
            yield from self._database(path, user_id)
        elif path.is_dir():
            unreadable: list[OSError] = []
            for file in database_files(path, unreadable):
                yield from self._database(file, user_id)
            yield from map(unreadable_folder, unreadable)
        else:
            yield nothing_there(path)

    def survey(self, path: Path) -> Survey:
        """The rows of the tables of sessions."""
        files = list(database_files(path, [])) if path.is_dir() else [path]
        count = sum(rows_in(file, self.session_tables) for file in files)
        return Survey(sessions=count, newest=newest_of(files_below(path)))

    def _database(self, path: Path, user_id: str) -> Iterator[ImportedSession | Skipped]:
        try:
            with open_database(path) as database:
                if not self.is_history(database):
                    yield Skipped(path=path, reason=f"it is no {self.title} database")
                    return
                for found in self.drafts(database, path, user_id):
                    if isinstance(found, Skipped):
                        yield found
                    elif found.messages:
                        yield imported_session(found)
                    else:
                        yield Skipped(path=path, reason=no_conversation(found.external_id))
        except UnreadableDatabase as error:
            yield Skipped(path=path, reason=str(error))

    @abstractmethod
    def is_history(self, database: Database) -> bool:
        """Whether a database is of this format."""

    @abstractmethod
    def drafts(
        self, database: Database, path: Path, user_id: str
    ) -> Iterator[SessionDraft | Skipped]:
        """The sessions of a database, parents before their children."""


class ChatDatabases(DatabaseSessions):
    """Reads databases with a table of chats and one of their messages."""

    session_tables = ("chat",)
    chat_columns: tuple[str, ...]
    message_columns: tuple[str, ...]

    def drafts(
        self, database: Database, path: Path, user_id: str
    ) -> Iterator[SessionDraft | Skipped]:
        """The chats in the order they were begun."""
        messages = Grouped(database, "message", "chat_id", self.message_columns)
        for chat in database.select("chat", self.chat_columns):
            yield self.draft(chat, messages.of(chat["id"]), path, user_id)

    @abstractmethod
    def draft(
        self, chat: dict[str, Any], rows: list[dict[str, Any]], path: Path, user_id: str
    ) -> SessionDraft:
        """The session that a chat and the rows of its messages stand for."""


def parents_first_rows(rows: Iterable[dict[str, Any]], parent: str) -> list[dict[str, Any]]:
    """The rows that have an id, each after the one that is named in its column `parent`."""
    known = {row["id"]: row for row in rows if isinstance(row["id"], str)}
    parents = {id_: text_or_none(row[parent]) for id_, row in known.items()}
    return [known[id_] for id_ in parents_first(parents) if id_ in known]


def rows_in(path: Path, tables: Iterable[str]) -> int:
    """How many rows some tables of a database have; none where it cannot be read."""
    try:
        with open_database(path) as database:
            return sum(len(database.select(table, ("rowid",))) for table in tables)
    except UnreadableDatabase:
        return 0


def no_conversation(external_id: str) -> str:
    """The reason to leave out a session without messages."""
    return f"its session {external_id!r:.80} holds no conversation"


def database_files(top: Path, unreadable: list[OSError]) -> Iterator[Path]:
    """The SQLite databases in a folder and below it, by name and by how they begin."""
    for folder, subfolders, names in os.walk(top, onerror=unreadable.append):
        subfolders.sort()
        paths = (Path(folder) / name for name in sorted(names) if name.endswith(_ENDINGS))
        yield from (path for path in paths if path.is_file() and is_database(path))

"""Importing the conversations that llm logged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tui_sessions.transfer.base import Skipped
from tui_sessions.transfer.database_sessions import DatabaseSessions
from tui_sessions.transfer.databases import Database
from tui_sessions.transfer.drafts import SessionDraft
from tui_sessions.transfer.homes import (
    application_support,
    config_home,
    configured_path,
    existing,
)
from tui_sessions.transfer.llm import legacy, threads
from tui_sessions.transfer.llm.pieces import FORMAT, Pieces
from tui_sessions.transfer.llm.talks import draft_of

_APP = "io.datasette.llm"
_LOGS = "logs.db"


class LlmImporter(DatabaseSessions):
    """Reads `logs.db`; a thread that carries on an old conversation is one session with it."""

    name = FORMAT
    title = "llm"
    session_tables = ("conversations", "threads")

    def find(self) -> list[Path]:
        """The log of `LLM_USER_PATH`, or else of the user's folder."""
        configured = configured_path("LLM_USER_PATH")
        if configured:
            return existing([configured / _LOGS])
        folder = application_support() or config_home()
        return existing([folder / _APP / _LOGS])

    def is_history(self, database: Database) -> bool:
        """A log has responses, and since 0.32 threads."""
        old = {"responses": ("id", "prompt", "response"), "conversations": ("id",)}
        return database.has(old) or database.has(threads.TABLES)

    def drafts(
        self, database: Database, path: Path, user_id: str
    ) -> Iterator[SessionDraft | Skipped]:
        """Conversations of the old tables first, then threads, parents before forks."""
        pieces = Pieces(database)
        rows = legacy.Rows(database, pieces)
        newer = threads.Threads(database, pieces, rows.talk)
        for talk in (*legacy.talks(database, rows, newer.ids), *newer.talks()):
            yield draft_of(talk(), path, user_id)

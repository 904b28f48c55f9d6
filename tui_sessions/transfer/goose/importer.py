"""Importing goose's sessions; what its database took over from older files comes from there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tui_sessions.model.message import Message
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import ImportedSession, Skipped, Survey, session_id_for
from tui_sessions.transfer.database_opening import is_database
from tui_sessions.transfer.database_sessions import (
    DatabaseSessions,
    no_conversation,
    parents_first_rows,
)
from tui_sessions.transfer.databases import Database, Grouped
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft, imported_session
from tui_sessions.transfer.goose.messages import FORMAT, messages_of, usage_of_session
from tui_sessions.transfer.homes import configured_path, data_home, existing
from tui_sessions.transfer.hygiene import json_in, moment_of, text_or_none
from tui_sessions.transfer.lines import Problems, read_objects
from tui_sessions.transfer.session_usage import with_session_usage

_TABLES = {"sessions": ("id", "working_dir"), "messages": ("session_id", "role", "content_json")}
_SESSION = (
    "id",
    "name",
    "description",
    "user_set_name",
    "session_type",
    "parent_session_id",
    "working_dir",
    "created_at",
    "archived_at",
    "input_tokens",
    "output_tokens",
    "accumulated_input_tokens",
    "accumulated_output_tokens",
    "accumulated_cost",
    "provider_name",
    "model_config_json",
)
_MESSAGE = ("id", "message_id", "role", "content_json", "created_timestamp", "metadata_json")
_UNLISTED = ("sub_agent", "hidden")
_UNNAMED = re.compile(r"(CLI Session|New Chat|New session \d+)$")


class GooseImporter(DatabaseSessions):
    """Reads `sessions.db` and the `.jsonl` files that older versions wrote."""

    name = FORMAT
    title = "goose"
    session_tables = ("sessions",)

    def find(self) -> list[Path]:
        """The folder of sessions."""
        root = configured_path("GOOSE_PATH_ROOT")
        folder = root / "data" if root else data_home() / "goose"
        return existing([folder / "sessions"])

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a database, a file or a folder of both, databases first."""
        if path.is_file() and not is_database(path):
            yield from self._file(path, user_id)
            return
        seen: set[str] = set()
        for found in super().read(path, user_id):
            if isinstance(found, ImportedSession):
                seen.add(found.document.id)
            yield found
        for file in sorted(path.rglob("*.jsonl")) if path.is_dir() else ():
            if file.is_file() and session_id_for(FORMAT, file.stem) not in seen:
                yield from self._file(file, user_id)

    def survey(self, path: Path) -> Survey:
        """The rows of the database, or where there is none, the files."""
        known = super().survey(path)
        files = sum(1 for _ in path.rglob("*.jsonl")) if path.is_dir() else 0
        return Survey(sessions=known.sessions or files, newest=known.newest)

    def is_history(self, database: Database) -> bool:
        """Its sessions have working directories, and its messages are JSON."""
        return database.has(_TABLES)

    def drafts(
        self, database: Database, path: Path, user_id: str
    ) -> Iterator[SessionDraft | Skipped]:
        """The sessions, each after the one that started it."""
        messages = Grouped(database, "messages", "session_id", _MESSAGE)
        rows = parents_first_rows(database.select("sessions", _SESSION), "parent_session_id")
        for session in rows:
            talk = [
                message
                for place, row in enumerate(messages.of(session["id"]))
                for message in messages_of(session["id"], place, _record(row))
            ]
            yield self._draft(session, session["id"], talk, path, user_id)

    def _file(self, path: Path, user_id: str) -> Iterator[ImportedSession | Skipped]:
        problems = Problems(path)
        header: dict[str, Any] = {}
        messages: list[Message] = []
        for number, data in read_objects(path, problems):
            if "role" in data:
                messages += messages_of(path.stem, number, data)
            elif "working_dir" in data or "description" in data:
                header = data
        skipped = problems.skipped()
        yield from skipped
        if not header:
            if not skipped:
                yield Skipped(path=path, reason=f"it is not a {self.title} session")
        elif not messages:
            yield Skipped(path=path, reason=no_conversation(path.stem))
        else:
            yield imported_session(self._draft(header, path.stem, messages, path, user_id))

    def _draft(
        self,
        data: Mapping[str, Any],
        external_id: str,
        messages: list[Message],
        path: Path,
        user_id: str,
    ) -> SessionDraft:
        title = text_or_none(data.get("name")) or text_or_none(data.get("description"))
        config = json_in(data.get("model_config_json"))
        model = text_or_none(config.get("model_name")) if isinstance(config, dict) else None
        return SessionDraft(
            format_name=FORMAT,
            source_title=self.title,
            external_id=external_id,
            path=path,
            messages=with_session_usage(messages, usage_of_session(data)),
            user_id=user_id,
            title=None if title and _UNNAMED.match(title) else title,
            named_by_user=data.get("user_set_name") in (1, True),
            directory=text_or_none(data.get("working_dir")),
            model=next((m.model for m in reversed(messages) if m.model), model),
            source_provider=text_or_none(data.get("provider_name")),
            parent=_link(data),
            created_at=moment_of(data.get("created_at")),
            archived=data.get("archived_at") is not None or _is_unlisted(data),
        )


def _record(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the files have it."""
    return {
        "id": text_or_none(row["message_id"]) or f"row {row['id']}",
        "role": row["role"],
        "created": row["created_timestamp"],
        "content": json_in(row["content_json"]),
        "metadata": json_in(row["metadata_json"]),
    }


def _is_unlisted(data: Mapping[str, Any]) -> bool:
    """Whether goose made the session for itself and does not say for which other one."""
    return data.get("session_type") in _UNLISTED and _link(data) is None


def _link(data: Mapping[str, Any]) -> ParentLink | None:
    parent = text_or_none(data.get("parent_session_id"))
    if parent is None:
        return None
    session_id = session_id_for(FORMAT, parent)
    return ParentLink(session_id=session_id, chat_id=CHAT_ID, kind="spawn", detached=True)

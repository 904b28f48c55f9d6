"""elia: a database of chats, each of which begins with its system prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tui_sessions.model.message import Message, TextPart
from tui_sessions.transfer.base import message_id_for
from tui_sessions.transfer.database_sessions import ChatDatabases
from tui_sessions.transfer.databases import Database
from tui_sessions.transfer.drafts import SessionDraft
from tui_sessions.transfer.homes import data_home, existing
from tui_sessions.transfer.hygiene import json_in, moment_of, text_or_none
from tui_sessions.transfer.thinking_tags import parts_of_text

_TABLES = {
    "chat": ("id", "model", "title", "started_at"),
    "message": ("id", "chat_id", "role", "content", "timestamp"),
}
_OWN_KEYS = "elia-"
"""What elia's own names of models begin with."""


class EliaImporter(ChatDatabases):
    """Reads `elia.sqlite`; times are UTC, and order is that of the ids."""

    name = "elia"
    title = "elia"
    chat_columns = ("id", "model", "title", "started_at", "archived")
    message_columns = ("id", "role", "content", "timestamp", "meta", "model")

    def find(self) -> list[Path]:
        """The database in the user's data folder."""
        return existing([data_home() / "elia" / "elia.sqlite"])

    def is_history(self, database: Database) -> bool:
        """Its chats have titles, and its messages timestamps."""
        return database.has(_TABLES)

    def draft(
        self, chat: dict[str, Any], rows: list[dict[str, Any]], path: Path, user_id: str
    ) -> SessionDraft:
        """A chat, whose title is its name."""
        # Numbers repeat from one database to the next; the time they were begun does not.
        scope = f"{chat['id']} {chat['started_at']}"
        title = text_or_none(chat["title"])
        prompt = text_or_none(rows[0]["content"]) if rows and rows[0]["role"] == "system" else None
        talk = rows[1:] if prompt is not None else rows
        return SessionDraft(
            format_name=self.name,
            source_title=self.title,
            external_id=scope,
            path=path,
            messages=[message for row in talk if (message := _message(scope, row))],
            user_id=user_id,
            title=title,
            named_by_user=title is not None,
            model=_model(chat["model"]),
            system_prompt=prompt,
            created_at=moment_of(chat["started_at"]),
            archived=chat["archived"] == 1,
        )


def _message(scope: str, row: dict[str, Any]) -> Message | None:
    """A row as a message; chats that elia took over from ChatGPT hold empty rows of its tree."""
    role, text = row["role"], row["content"] if isinstance(row["content"], str) else ""
    is_talk = role in ("user", "assistant")
    if not is_talk and not text.strip():
        return None
    meta = json_in(row["meta"])
    metadata: dict[str, Any] = {"source_id": row["id"]}
    return Message(
        id=message_id_for("elia", scope, str(row["id"])),
        role=role if is_talk or role == "tool" else "system",
        content=tuple(parts_of_text(text) if role == "assistant" else [TextPart(text)]),
        created_at=moment_of(row["timestamp"]),
        hidden=not is_talk,
        model=_model(row["model"]) if role == "assistant" else None,
        metadata={**metadata, "meta": meta} if meta else metadata,
    )


def _model(value: object) -> str | None:
    name = text_or_none(value)
    return name.removeprefix(_OWN_KEYS) if name else None

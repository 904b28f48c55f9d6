"""oterm: a database of chats whose messages have no times."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from tui_sessions.model.message import Message, OpaquePart, Part
from tui_sessions.transfer.base import message_id_for
from tui_sessions.transfer.database_sessions import ChatDatabases
from tui_sessions.transfer.databases import Database
from tui_sessions.transfer.drafts import SessionDraft
from tui_sessions.transfer.homes import (
    application_support,
    configured_path,
    data_home,
    existing,
)
from tui_sessions.transfer.hygiene import json_in, text_or_none
from tui_sessions.transfer.pictures import picture_of_base64
from tui_sessions.transfer.thinking_tags import parts_of_text

_TABLES = {"chat": ("id", "name", "model"), "message": ("chat_id", "author", "text")}
_DIGEST_LENGTH = 12
_OLD_AUTHORS = {"me": "user", "ollama": "assistant"}
"""What version 0.12 renamed, also in the stores that it found."""


class OtermImporter(ChatDatabases):
    """Reads `store.db`; a regenerated reply overwrote the first one, so there are no branches."""

    name = "oterm"
    title = "oterm"
    chat_columns = ("id", "name", "model", "system", "provider")
    message_columns = ("rowid", "author", "text", "images")
    """Before version 0.3 messages had no ids; where they have, these are the rows' numbers."""

    def find(self) -> list[Path]:
        """The store of `OTERM_DATA_DIR`, or else where this system keeps programs' data."""
        configured = configured_path("OTERM_DATA_DIR")
        if configured:
            return existing([configured / "store.db"])
        support = application_support()
        folders = [support] if support else [data_home(), Path.home() / ".local" / "share"]
        return existing(folder / "oterm" / "store.db" for folder in folders)

    def is_history(self, database: Database) -> bool:
        """Its chats have names, and its messages authors."""
        return database.has(_TABLES)

    def draft(
        self, chat: dict[str, Any], rows: list[dict[str, Any]], path: Path, user_id: str
    ) -> SessionDraft:
        """A chat, whose title is its name."""
        scope = _scope(chat, rows)
        model = text_or_none(chat["model"])
        title = text_or_none(chat["name"])
        return SessionDraft(
            format_name=self.name,
            source_title=self.title,
            external_id=scope,
            path=path,
            messages=[_message(scope, row, model) for row in rows],
            user_id=user_id,
            title=title,
            named_by_user=title is not None and not title.startswith("chat #"),
            model=model,
            system_prompt=text_or_none(chat["system"]),
            source_provider=text_or_none(chat["provider"]) or "ollama",
        )


def _scope(chat: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """What tells the chat from that of the same number in another store: how it begins."""
    start = f"{_author(rows[0])}\0{rows[0]['text']}" if rows else ""
    digest = hashlib.sha256(start.encode("utf-8", "replace")).hexdigest()
    return f"{chat['id']}-{digest[:_DIGEST_LENGTH]}"


def _message(scope: str, row: dict[str, Any], model: str | None) -> Message:
    author = _author(row)
    role = author if author in ("user", "assistant", "system", "tool") else "system"
    text = row["text"] if isinstance(row["text"], str) else ""
    parts: list[Part] = parts_of_text(text)
    images = json_in(row["images"])
    for image in images if isinstance(images, list) else ():
        picture = picture_of_base64(image) if isinstance(image, str) else None
        parts.append(picture or OpaquePart({"type": "image", "value": image}))
    return Message(
        id=message_id_for("oterm", scope, str(row["rowid"])),
        role=role,
        content=tuple(parts),
        model=model if role == "assistant" else None,
        metadata={"source_id": row["rowid"]},
    )


def _author(row: dict[str, Any]) -> str:
    return _OLD_AUTHORS.get(str(row["author"]), str(row["author"]))

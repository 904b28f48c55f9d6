"""The chats in Open WebUI's database, as an export has them.

Newer versions keep messages in a table of their own, and with the chat only what else it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_sessions.transfer.databases import Database, Grouped
from tui_sessions.transfer.hygiene import json_in, text_or_none
from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.open_webui.chats import TITLE, parent_chat
from tui_sessions.transfer.single_files import parents_first

TABLES = {"chat": ("id", "title", "chat")}
_CHAT = (
    "id",
    "title",
    "chat",
    "created_at",
    "archived",
    "meta",
    "folder_id",
    "current_message_id",
)
_FIELDS = {
    "parentId": "parent_id",
    "role": "role",
    "content": "content",
    "output": "output",
    "model": "model_id",
    "files": "files",
    "error": "error",
    "usage": "usage",
    "meta": "meta",
    "timestamp": "created_at",
}
"""The columns of a message, by the names that exports have for them."""
_PLAIN = frozenset({"parentId", "role", "model", "timestamp"})
_MESSAGE = ("id", "data", *_FIELDS.values())
_SHARED = "shared-"
"""What the owner of a copy that was made to be shared begins with; the chat's id follows."""


def chats_in(database: Database, problems: Problems) -> Iterator[dict[str, Any]]:
    """The chats one at a time, each after the one that started it; copies are left out."""
    if not database.has(TABLES):
        problems.add(f"it is not an {TITLE} database")
        return
    messages = Grouped(database, "chat_message", "chat_id", _MESSAGE)
    places, parents = _places(database)
    for chat_id in parents_first(parents):
        for place in places.get(chat_id, ()):
            for row in database.select("chat", _CHAT, rowid=place):
                yield _chat(row, messages)


def _places(database: Database) -> tuple[dict[str, list[int]], dict[str, str | None]]:
    """Where each chat is, and the chat that started it."""
    rows = database.select("chat", ("rowid", "id", "user_id", "meta"))
    known = {row["id"] for row in rows}
    places: dict[str, list[int]] = {}
    parents: dict[str, str | None] = {}
    for row in rows:
        owner = str(row["user_id"])
        if owner.startswith(_SHARED) and owner.removeprefix(_SHARED) in known:
            continue
        name = text_or_none(row["id"]) or f"row {row['rowid']}"
        places.setdefault(name, []).append(row["rowid"])
        parents[name] = parent_chat({"meta": json_in(row["meta"])})
    return places, parents


def _chat(row: dict[str, Any], messages: Grouped) -> dict[str, Any]:
    chat = json_in(row["chat"])
    if isinstance(chat, dict):
        history = chat.get("history")
        history = history if isinstance(history, dict) else {}
        if not history.get("messages") and not chat.get("messages"):
            nodes = dict(_node(one, str(row["id"])) for one in messages.of(row["id"]))
            current = history.get("currentId") or row["current_message_id"]
            chat = {**chat, "history": {**history, "currentId": current, "messages": nodes}}
    return {**row, "chat": chat, "meta": json_in(row["meta"])}


def _node(row: dict[str, Any], chat_id: str) -> tuple[str, dict[str, Any]]:
    """A message with its id; rows put the chat's before it."""
    kept = json_in(row["data"])
    node: dict[str, Any] = dict(kept) if isinstance(kept, dict) else {}
    for name, column in _FIELDS.items():
        value = row[column] if name in _PLAIN else json_in(row[column])
        if value is not None:
            node.setdefault(name, value)
    return str(row["id"]).removeprefix(f"{chat_id}-"), node

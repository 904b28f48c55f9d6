"""crush: a database in each project, with sub-agents as sessions of their own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tui_sessions.model.message import (
    FilePart,
    Message,
    OpaquePart,
    Part,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.session import ParentLink
from tui_sessions.model.usage import Usage
from tui_sessions.transfer.base import Skipped, message_id_for, session_id_for
from tui_sessions.transfer.blocks import text_of_value
from tui_sessions.transfer.database_sessions import DatabaseSessions, parents_first_rows
from tui_sessions.transfer.databases import Database, Grouped
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft
from tui_sessions.transfer.homes import data_home, existing, folders_above
from tui_sessions.transfer.hygiene import json_in, moment_of, text_or_none, tokens
from tui_sessions.transfer.pictures import file_of_base64, picture_of_base64, picture_of_url
from tui_sessions.transfer.session_usage import with_session_usage
from tui_sessions.transfer.single_files import read_object

_TABLES = {
    "sessions": ("id", "title", "prompt_tokens", "completion_tokens"),
    "messages": ("id", "session_id", "role", "parts"),
}
_SESSION = (
    "id",
    "parent_session_id",
    "title",
    "prompt_tokens",
    "completion_tokens",
    "cost",
    "created_at",
    "updated_at",
    "summary_message_id",
)
_MESSAGE = ("id", "role", "parts", "model", "provider", "is_summary_message", "created_at")
_UNNAMED = re.compile(r"(New Session|Untitled Session|New Agent Session)$")
_BETWEEN = "$$"
"""What stands between the message and the tool call that a sub-agent's id is made of.

Older versions take the id of the call alone.
"""


class CrushImporter(DatabaseSessions):
    """Reads `.crush/crush.db`; the workspace is the folder that holds it."""

    name = "crush"
    title = "crush"
    folder = ".crush"
    """The folder in a project that holds the database."""
    session_tables = ("sessions",)

    def find(self) -> list[Path]:
        """The databases of this folder's project, and of the projects that crush remembers."""
        known = read_object(data_home() / "crush" / "projects.json")
        projects = known.get("projects") if isinstance(known, dict) else None
        folders = [folder / self.folder for folder in folders_above()]
        for project in projects if isinstance(projects, list) else ():
            if isinstance(project, dict) and isinstance(project.get("path"), str):
                data = text_or_none(project.get("data_dir")) or self.folder
                folders.append(Path(project["path"]) / data)
        return existing(folder / "crush.db" for folder in folders)

    def is_history(self, database: Database) -> bool:
        """Its sessions count their tokens."""
        return has_such_tables(database)

    def drafts(
        self, database: Database, path: Path, user_id: str
    ) -> Iterator[SessionDraft | Skipped]:
        """The sessions, each after the one that started it."""
        messages = Grouped(database, "messages", "session_id", _MESSAGE)
        rows = parents_first_rows(database.select("sessions", _SESSION), "parent_session_id")
        # A parent's cost takes in that of its sub-agents, which are told by themselves here.
        spent: dict[str | None, float] = {}
        for row in rows:
            parent = text_or_none(row["parent_session_id"])
            spent[parent] = spent.get(parent, 0.0) + _cost(row)
        children = {row["id"] for row in rows if text_or_none(row["parent_session_id"])}
        callers: dict[str, str] = {}
        for row in rows:
            own = max(0.0, _cost(row) - spent.get(row["id"], 0.0))
            draft = self._draft(row, messages.of(row["id"]), own, path, user_id)
            yield dataclasses.replace(draft, parent=_link(self.name, row, callers))
            for message in draft.messages if children else ():
                calls = (p.id for p in message.content if isinstance(p, ToolCallPart))
                callers |= dict.fromkeys(children.intersection(calls), message.id)

    def _draft(
        self,
        row: dict[str, Any],
        rows: Sequence[dict[str, Any]],
        cost: float,
        path: Path,
        user_id: str,
    ) -> SessionDraft:
        title = text_or_none(row["title"])
        usage = Usage(
            input_tokens=tokens(row["prompt_tokens"]),
            output_tokens=tokens(row["completion_tokens"]),
            cost_usd=cost,
        )
        ordered = sorted(rows, key=lambda one: _number(one["created_at"]))
        summary = row["summary_message_id"]
        made = [_message(self.name, one, summary) for one in ordered]
        messages = with_session_usage(made, usage)
        replies = [one for one in ordered if text_or_none(one["model"])]
        last = replies[-1] if replies else {}
        return SessionDraft(
            format_name=self.name,
            source_title=self.title,
            external_id=row["id"],
            path=path,
            messages=messages,
            user_id=user_id,
            title=None if title and _UNNAMED.match(title) else title,
            directory=str(path.absolute().parents[1]) if path.parent.name == self.folder else None,
            model=text_or_none(last.get("model")),
            source_provider=text_or_none(last.get("provider")),
            created_at=moment_of(row["created_at"]),
        )


def has_such_tables(database: Database) -> bool:
    """Whether a database is crush's, or that of the program that crush grew out of."""
    return database.has(_TABLES)


def _link(format_name: str, row: dict[str, Any], callers: Mapping[str, str]) -> ParentLink | None:
    parent = text_or_none(row["parent_session_id"])
    if parent is None:
        return None
    caller, between, _ = str(row["id"]).partition(_BETWEEN)
    return ParentLink(
        session_id=session_id_for(format_name, parent),
        chat_id=CHAT_ID,
        message_id=message_id_for(format_name, "", caller) if between else callers.get(row["id"]),
        kind="spawn",
        detached=True,
    )


def _message(format_name: str, row: dict[str, Any], summary_id: object) -> Message:
    kept = json_in(row["parts"])
    raws = [raw for raw in kept if isinstance(raw, dict)] if isinstance(kept, list) else []
    parts = [part for raw in raws for part in _parts(raw)]
    role = row["role"] if row["role"] in ("user", "assistant", "tool") else "system"
    # Before messages had a mark, sessions named their summary.
    if row["is_summary_message"] == 1 or row["id"] == summary_id:
        role = "system"
        parts = [SummaryPart(part.text) if isinstance(part, TextPart) else part for part in parts]
    status, error = _outcome(raws)
    return Message(
        id=message_id_for(format_name, "", str(row["id"])),
        role=role,
        content=tuple(parts),
        created_at=moment_of(row["created_at"]),
        status=status,
        error=error,
        model=text_or_none(row["model"]) if role != "user" else None,
        metadata={"source_id": row["id"]},
    )


def _parts(raw: dict[str, Any]) -> Iterator[Part]:
    data = raw["data"] if isinstance(raw.get("data"), dict) else {}
    match raw.get("type"):
        case "text" if isinstance(data.get("text"), str):
            if data["text"]:
                yield TextPart(data["text"])
        case "reasoning" if isinstance(data.get("thinking"), str):
            if data["thinking"]:
                yield ThinkingPart(data["thinking"])
        case "tool_call" if isinstance(data.get("name"), str):
            given = json_in(data.get("input"))
            arguments = data.get("input") if given is None else given
            yield ToolCallPart(str(data.get("id") or "call"), data["name"], arguments or None)
        case "tool_result":
            text = text_of_value(data.get("content"))
            call_id = str(data.get("tool_call_id") or "call")
            yield ToolResultPart(call_id, text, data.get("is_error") is True)
            picture = _picture(data.get("data"), data.get("mime_type"))
            if picture is not None:
                yield picture
        case "image_url" if isinstance(data.get("url"), str):
            yield picture_of_url(data["url"]) or FilePart("image", None, data["url"])
        case "binary":
            kind = text_or_none(data.get("MIMEType"))
            name = Path(text_or_none(data.get("Path")) or "file").name
            given = data.get("Data")
            held = file_of_base64(name, given, kind) if isinstance(given, str) else None
            yield _picture(given, kind) or held or FilePart(name, kind, data.get("Path"))
        case "finish":
            pass
        case _:
            yield OpaquePart(raw)


def _picture(data: object, kind: object) -> Part | None:
    if not isinstance(data, str) or not data:
        return None
    return picture_of_base64(data, kind if isinstance(kind, str) else None)


def _outcome(raws: Sequence[dict[str, Any]]) -> tuple[str, str | None]:
    ends = [raw.get("data") for raw in raws if raw.get("type") == "finish"]
    end = ends[-1] if ends and isinstance(ends[-1], dict) else {}
    if end.get("reason") == "canceled":
        return "stopped", None
    if end.get("reason") == "error":
        return "failed", text_or_none(end.get("details")) or text_or_none(end.get("message"))
    return "complete", None


def _cost(row: dict[str, Any]) -> float:
    cost = row["cost"]
    return float(cost) if isinstance(cost, (int, float)) and 0 <= cost < 1e9 else 0.0


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0

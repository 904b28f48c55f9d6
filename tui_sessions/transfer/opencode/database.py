"""opencode's database, in use since version 1.2."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from tui_sessions.transfer.databases import Database, Grouped
from tui_sessions.transfer.hygiene import json_in
from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.opencode.records import Conversation, Record

_TABLES = {"session": ("id",), "message": ("id", "session_id", "data"), "part": ("message_id",)}
_COLUMNS = (
    "id",
    "parent_id",
    "directory",
    "title",
    "version",
    "revert",
    "time_created",
    "time_updated",
    "time_archived",
)


def is_opencode(database: Database) -> bool:
    """Whether a database is opencode's."""
    return database.has(_TABLES)


def conversations(database: Database, path: Path) -> list[Conversation]:
    """The sessions of a database; valid while it is open."""
    messages = Grouped(database, "message", "session_id", ("id", "time_created", "data"))
    parts = Grouped(database, "part", "message_id", ("id", "data"))
    begun: dict[Any, Any] = {}
    for row in database.select("message", ("session_id", "time_created")):
        key, moment = row["session_id"], row["time_created"]
        if isinstance(moment, int) and moment < begun.get(key, moment + 1):
            begun[key] = moment
    talked = database.states("message", "session_id")
    said = database.states("part", "session_id")
    found = []
    for row in database.select("session", _COLUMNS):
        id_, problems = row["id"], Problems(path)
        if isinstance(id_, str) and id_:
            load = partial(_records, id_, messages, parts, problems)
            state = repr((row, talked.get(id_), said.get(id_)))
            found.append(Conversation(_info(row), path, begun.get(id_), load, problems, state))
    return found


def _info(row: dict[str, Any]) -> dict[str, Any]:
    """A row as an export tells it."""
    times = {key: row[f"time_{key}"] for key in ("created", "updated", "archived")}
    return {
        "id": row["id"],
        "parentID": row["parent_id"],
        "directory": row["directory"],
        "title": row["title"],
        "version": row["version"],
        "revert": json_in(row["revert"]),
        "time": times,
    }


def _records(
    session_id: str, messages: Grouped, parts: Grouped, problems: Problems
) -> list[Record]:
    rows = messages.of(session_id)
    # The program's own order; ids are made of the time, too.
    rows.sort(key=lambda row: (_number(row["time_created"]), str(row["id"])))
    records = []
    for row in rows:
        info = json_in(row["data"])
        if not isinstance(info, dict):
            problems.add("a message is not JSON")
            continue
        records.append(Record({**info, "id": row["id"]}, _parts(row["id"], parts, problems)))
    return records


def _parts(message_id: Any, parts: Grouped, problems: Problems) -> list[dict[str, Any]]:
    found = []
    for row in sorted(parts.of(message_id), key=lambda row: str(row["id"])):
        data = json_in(row["data"])
        if isinstance(data, dict):
            found.append({**data, "id": row["id"]})
        else:
            problems.add("a part of a message is not JSON")
    return found


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0

"""Makes stores of any size: believable sessions, the same ones every time."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.texts import title, written
from tui_sessions.stores.encoding import encode_members, join_members

_END = datetime(2026, 11, 20, tzinfo=UTC)
_WORDS = 30
"""Of a message."""
KB_WORDS = 150
"""Words that make a message of about 1 kB."""


def made(folder: Path, make: Callable[[Path], object]) -> Path:
    """A folder that is made once: what was left half made is made again."""
    if not folder.exists():
        half = folder.with_name(f"{folder.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        make(half)
        half.rename(folder)
    return folder


def write_store(
    data: Path, *, sessions: int, workspaces: int, messages: int, words: int = _WORDS
) -> None:
    """Write so many sessions of so many messages into a data folder.

    Args:
        data: the folder that holds `workspaces/`.
        sessions: how many in all, spread evenly.
        workspaces: how many.
        messages: how many in each session.
        words: of each message.
    """
    for place in range(workspaces):
        for number in range(place, sessions, workspaces):
            write_session(data, number, messages, workspace=place, words=words)


def write_session(
    data: Path,
    number: int,
    messages: int,
    *,
    workspace: int = 0,
    words: int = _WORDS,
    label: str | None = None,
    agent: dict[str, Any] | None = None,
) -> Path:
    """Write one session; its file. The higher its number, the older it is."""
    chance = random.Random(number)
    document = _document(chance, number, workspace, messages, words)
    if label is not None:
        document["label"] = label
    document["chats"][0]["agent"] |= agent or {}
    folder = _workspace_folder(data, workspace)
    path = folder / "sessions" / f"{document['id']}.json"
    path.write_bytes(join_members(encode_members(document)))
    return path


def session_id(number: int) -> str:
    """The id of a session."""
    return f"session-{number:07d}"


def workspace_id(place: int) -> str:
    """The id of a workspace."""
    return f"project-{place:03d}"


def workspace_name(place: int) -> str:
    """What a workspace is called."""
    return f"Project {place:03d}"


def mark(number: int, place: int) -> str:
    """The word that one message of one session begins with, and no other."""
    return f"s{number}m{place}."


def _workspace_folder(data: Path, place: int) -> Path:
    folder = data / "workspaces" / workspace_id(place)
    if not folder.exists():
        (folder / "sessions").mkdir(parents=True)
        made_at = _time(_END - timedelta(days=place))
        fields = {"id": workspace_id(place), "name": workspace_name(place), "created_at": made_at}
        (folder / "workspace.json").write_bytes(msgspec.json.encode({"format": 1, **fields}))
    return folder


def _document(
    chance: random.Random, number: int, workspace: int, messages: int, words: int
) -> dict[str, Any]:
    """One session as a document of format 1."""
    begun = _END - timedelta(minutes=number * 7)
    chat = {
        "id": "c1",
        "name": "Chat 1",
        "created_at": _time(begun),
        "agent": {"provider": "offline", "template": "assistant", "parameters": {}, "tools": []},
        "messages": list(_messages(chance, number, begun, messages, words)),
    }
    moments = ("created_at", "updated_at", "last_active_at", "state_changed_at")
    return {
        "format": 1,
        "id": session_id(number),
        "workspace_id": workspace_id(workspace),
        "user_id": "ana",
        "label": title(chance),
        "state": "active",
        **dict.fromkeys(moments, _time(begun)),
        "tags": ["work"] if number % 3 == 0 else [],
        "active_chat_id": "c1",
        "chats": [chat],
    }


def _messages(
    chance: random.Random, number: int, begun: datetime, messages: int, words: int
) -> Iterator[dict[str, Any]]:
    for place in range(messages):
        text = f"{mark(number, place)} {written(chance, words)}"
        yield {
            "id": f"m{place}",
            "role": "assistant" if place % 2 else "user",
            "created_at": _time(begun + timedelta(seconds=place)),
            "content": [{"type": "text", "text": text}],
        }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

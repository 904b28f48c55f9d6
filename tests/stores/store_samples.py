"""Sessions for the tests of stores, and a store as somebody outside would write it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.errors import SessionExists, SessionNotFound
from tui_sessions.model.changes import JournalEntry, PutMessage
from tui_sessions.model.clock import format_time
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.session import Workspace
from tui_sessions.stores.base import Appended, Stamp, Stored, Trashed

MOMENT = datetime(2026, 11, 20, 22, 14, 0, 123000, tzinfo=UTC)
LATER = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
BAD_IDS = ["", ".", "..", "a/b", "../x", "a\0b", "a" * 260, "-a", "_a", "a.b", "ä", "a\n", "a b"]


def message(number: int, text: str = "Hello", **extra: Any) -> dict[str, Any]:
    return {
        "id": f"m{number}",
        "role": "user",
        "created_at": format_time(MOMENT),
        "status": "complete",
        "content": [{"type": "text", "text": text}],
        **extra,
    }


def data(session_id: str = "s1", messages: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "id": session_id,
        "workspace_id": "dev",
        "user_id": "ana",
        "label": "Fix the parser",
        "state": "active",
        "revision": 0,
        "created_at": format_time(MOMENT),
        "updated_at": format_time(MOMENT),
        "active_chat_id": "c1",
        "chats": [
            {"id": "c1", "name": "Coder", "messages": [message(n) for n in range(messages)]},
            {"id": "c2", "name": "Empty", "messages": []},
        ],
        **fields,
    }


def document(session_id: str = "s1", messages: int = 0, **fields: Any) -> SessionDocument:
    return SessionDocument(data(session_id, messages, **fields))


def put(number: int, text: str = "Hello", **extra: Any) -> PutMessage:
    return PutMessage(chat="c1", value=message(number, text, **extra))


def ids(stored: Stored, chat: str = "c1") -> list[str]:
    return [each.id for each in stored.document.messages(chat)]


def place(sessions: Path, content: bytes | dict, name: str = "s1.json") -> Path:
    sessions.mkdir(parents=True, exist_ok=True)
    path = sessions / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class DictStore:
    """A whole store in one dict of JSON text, written against the protocol alone."""

    def __init__(self) -> None:
        self.live: dict[str, str] = {}
        self.deleted: dict[str, tuple[str, datetime]] = {}
        self.places: dict[str, Workspace] = {}
        self.versions: dict[str, int] = {}

    async def scan(self):
        return [
            Stamp(
                session_id=key,
                workspace_id=json.loads(text)["workspace_id"],
                version=str(self.versions[key]),
            )
            for key, text in self.live.items()
        ]

    async def version(self, session_id):
        check_id(session_id)
        return str(self.versions[session_id]) if session_id in self.live else None

    async def load(self, session_id):
        if check_id(session_id) not in self.live:
            raise SessionNotFound(session_id)
        document = SessionDocument(json.loads(self.live[session_id]))
        return Stored(document=document, version=str(self.versions[session_id]))

    async def save(self, document, *, create=False):
        key = document.id
        if create and (key in self.live or key in self.deleted):
            raise SessionExists(key)
        if not create and key not in self.live:
            raise SessionNotFound(key)
        self._put(key, document.data)
        return str(self.versions[key])

    async def append(self, session_id, changes, at):
        stored = await self.load(session_id)
        revision = stored.document.revision + 1
        entry = JournalEntry(revision=revision, at=format_time(at), changes=tuple(changes))
        stored.document.apply_entry(entry)
        self._put(session_id, stored.document.data)
        after = str(self.versions[session_id])
        return Appended(before=stored.version, after=after, revision=revision)

    async def fold(self, session_id):
        check_id(session_id)

    async def move(self, session_id, workspace_id):
        stored = await self.load(session_id)
        self._put(session_id, {**stored.document.data, "workspace_id": check_id(workspace_id)})

    async def delete(self, session_id):
        if check_id(session_id) not in self.live:
            return False
        self.deleted[session_id] = (self.live.pop(session_id), datetime.now(UTC))
        return True

    async def undelete(self, session_id):
        if check_id(session_id) not in self.deleted:
            raise SessionNotFound(session_id)
        self.live[session_id] = self.deleted.pop(session_id)[0]

    async def purge(self, session_id):
        check_id(session_id)
        gone = self.deleted.pop(session_id, None) or self.live.pop(session_id, None)
        return gone is not None

    async def trash(self):
        found = [
            Trashed(
                session_id=key,
                workspace_id=json.loads(text)["workspace_id"],
                label=json.loads(text).get("label", ""),
                deleted_at=moment,
            )
            for key, (text, moment) in reversed(self.deleted.items())
        ]
        return sorted(found, key=lambda trashed: trashed.deleted_at, reverse=True)

    async def problems(self):
        return []

    async def workspaces(self):
        named = {json.loads(text)["workspace_id"] for text in self.live.values()}
        found = {key: Workspace(id=key, name=key) for key in named} | self.places
        return sorted(found.values(), key=lambda workspace: workspace.name)

    async def save_workspace(self, workspace):
        self.places[check_id(workspace.id)] = workspace

    async def close(self):
        pass

    def _put(self, key, data):
        text = json.dumps(msgspec.to_builtins(data))
        self.live[key] = text.encode("utf-8", "replace").decode()
        self.versions[key] = self.versions.get(key, 0) + 1

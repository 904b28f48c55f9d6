"""A session that cannot be read stays in the trash until it can be, or is purged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tui_sessions import CorruptSession, open_sessions

DAMAGED = b'{"format": 1, "id": "s1", "chats": ['
READABLE = b'{"format": 1, "id": "s1", "created_at": "2026-11-20T22:14:00Z", "chats": []}'


async def test_a_damaged_session_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    place = tmp_path / "workspaces" / "dev" / "sessions" / "s1.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(DAMAGED)
    created: list[Any] = []
    async with open_sessions(tmp_path.as_uri()) as manager:
        manager.on("created", created.append)
        assert await manager.delete("s1") is True
        with pytest.raises(CorruptSession):
            await manager.undelete("s1")
        assert [trashed.session_id for trashed in await manager.trash()] == ["s1"]
        [trashed] = (tmp_path / "trash").rglob("s1.json")
        assert trashed.read_bytes() == DAMAGED
        assert not place.exists()
        assert (await manager.problems(), await manager.list_sessions(), created) == ([], [], [])

        trashed.write_bytes(READABLE)
        assert (await manager.undelete("s1")).id == "s1"
        assert [event.session_id for event in created] == ["s1"]


async def test_a_damaged_session_in_the_trash_can_be_purged(tmp_path: Path) -> None:
    place = tmp_path / "workspaces" / "dev" / "sessions" / "s1.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(DAMAGED)
    async with open_sessions(tmp_path.as_uri()) as manager:
        assert await manager.delete("s1") is True
        with pytest.raises(CorruptSession):
            await manager.undelete("s1")
        assert await manager.purge("s1") is True
        assert await manager.trash() == []
    assert [*tmp_path.rglob("s1*")] == []

"""What the tree shows first, from one start to the next."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tui_sessions import open_sessions
from tui_sessions.model.session import Workspace
from tui_sessions.tui.remembered.known_tree import (
    KnownTree,
    ask_known_tree,
    read_known_tree,
    remember_tree,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TREE = KnownTree(
    [Workspace(id="dev", name="Töpferei", created_at=NOON, extra={"colour": "red"})],
    {"dev": (3, NOON)},
)


def test_a_tree_that_was_remembered_is_there_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "trees" / "one.json"
    remember_tree(path, TREE)
    known = read_known_tree(path)
    assert known is not None
    assert (known.workspaces, known.counts) == (TREE.workspaces, TREE.counts)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["one.json"]


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"[1, 2",
        b"\xff\xfe",
        b'{"workspaces": [], "counts": {"dev": ["many", 0]}, "format": 1}',
        msgspec.json.encode(msgspec.structs.replace(TREE, format=99)),
        msgspec.json.encode(msgspec.structs.replace(TREE, format=1, counts={})),
        b'{"workspaces": [], "counts": {"dev": [3, "2026-11-20T10:00:00"]}, "format": 1}',
    ],
    ids=[
        "absent",
        "empty",
        "torn",
        "no text",
        "of other kinds",
        "of another format",
        "no session",
        "a time of no zone",
    ],
)
def test_what_is_of_no_use_is_no_tree(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "one.json"
    if content is not None:
        path.write_bytes(content)
    assert read_known_tree(path) is None


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "one.json"
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    assert read_known_tree(path) is None


def test_a_place_that_takes_no_file_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "trees").write_text("a file")
    remember_tree(tmp_path / "trees" / "one.json", TREE)
    assert (tmp_path / "trees").read_text() == "a file"


async def test_temporary_sessions_are_counted_but_not_remembered() -> None:
    async with open_sessions("memory:") as manager:
        await manager.create_session(workspace="dev")
        await manager.create_session(workspace="dev", temporary=True)
        await manager.refresh()
        assert (await ask_known_tree(manager)).counts["dev"][0] == 2
        assert (await ask_known_tree(manager, lasting=True)).counts["dev"][0] == 1

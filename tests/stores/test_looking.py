"""Looking at a store of files again: only what may have changed is looked through."""

import asyncio
import contextlib
import errno
import json
import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from settled_folders import folder, labels, made, settle

from tui_sessions import open_sessions
from tui_sessions.engine.cataloguing import catalog_upkeep, taking_in
from tui_sessions.paths import cache_dir
from tui_sessions.stores import locking, workspace_files
from tui_sessions.stores.base import Look
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.inventory import Inventory
from tui_sessions.stores.layout import Layout


async def test_a_folder_that_has_not_changed_is_passed_over(tmp_path: Path) -> None:
    await made(tmp_path, "a", "b")
    store = FileStore(tmp_path)
    first = await store.look({})
    assert {stamp.session_id for stamp in first.stamps} == {"a", "b"}
    again = await store.look(first.marks)
    assert (again.stamps, again.unchanged) == ([], {"w"})
    await store.close()


async def test_a_folder_that_has_just_changed_is_looked_through_again(tmp_path: Path) -> None:
    await made(tmp_path, "a")
    os.utime(folder(tmp_path))
    inventory = Inventory(Layout(tmp_path))
    assert inventory.marks == {"w": ""}
    assert not Inventory(Layout(tmp_path), inventory.marks).unchanged


async def test_a_journal_that_grows_is_noticed(tmp_path: Path) -> None:
    await made(tmp_path, "a")
    async with open_sessions(tmp_path.as_uri()) as manager:
        await manager.set_tags("a", ["one"])
        settle(tmp_path)
        marks = Inventory(Layout(tmp_path)).marks
        assert Inventory(Layout(tmp_path), marks).unchanged == {"w"}
        await manager.set_tags("a", ["two"])
        assert not Inventory(Layout(tmp_path), marks).unchanged


async def test_what_is_wrong_in_a_folder_that_is_passed_over_stays_known(tmp_path: Path) -> None:
    await made(tmp_path, "a")
    (folder(tmp_path) / "odd.txt").write_text("?")
    settle(tmp_path)
    store = FileStore(tmp_path)
    marks = (await store.look({})).marks
    assert (await store.look(marks)).unchanged == {"w"}
    assert [Path(problem.path).name for problem in await store.problems()] == ["odd.txt"]
    await store.close()


async def test_a_look_that_has_seen_enough_leaves_what_changed_longest_ago(tmp_path: Path) -> None:
    async with open_sessions(tmp_path.as_uri()) as manager:
        for name in ("a", "b", "c"):
            await manager.create_session(id=name, workspace=f"w{name}")
    for age, name in enumerate(("b", "a", "c")):
        os.utime(folder(tmp_path, f"w{name}"), (1e9 - age, 1e9 - age))
    store = FileStore(tmp_path)
    first = await store.look({}, enough=2)
    assert [stamp.session_id for stamp in first.stamps] == ["b", "a"]
    assert (first.left, first.unchanged) == ({"wc"}, {"wc"})
    assert first.marks.keys() == {"wa", "wb", "wc"}
    rest = await store.look({}, only=first.left, enough=2)
    assert ([stamp.session_id for stamp in rest.stamps], rest.left) == (["c"], set())
    await store.close()


async def test_a_large_store_is_known_bit_by_bit_and_then_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_upkeep, "AT_ONCE", 2)
    names = [f"s{number}" for number in range(6)]
    async with open_sessions(tmp_path.as_uri()) as manager:
        for number, name in enumerate(names):
            await manager.create_session(id=name, workspace=f"w{number // 2}", label=name)
    shutil.rmtree(cache_dir())
    known: list[int] = []
    look = FileStore.look

    async with open_sessions(tmp_path.as_uri()) as manager:

        async def counted(store: FileStore, *args: Any, **options: Any) -> Look:
            known.append(len(await manager.known_sessions()))
            return await look(store, *args, **options)

        monkeypatch.setattr(FileStore, "look", counted)
        assert {session.id for session in await manager.list_sessions()} == {*names}
        assert known == [0, 2, 4]
        shutil.rmtree(folder(tmp_path, "w1"))
        text = (folder(tmp_path, "w0") / "s0.json").read_text()
        newer = text.replace('"label": "s0"', '"label": "newer"')
        (folder(tmp_path, "w2") / "s0.json").write_text(newer)
        after = {"s0": "newer", "s1": "s1", "s4": "s4", "s5": "s5"}
        assert await labels(manager) == after
        await manager.refresh(thoroughly=True)
        assert await labels(manager) == after


def written() -> set[str]:
    """What the catalog holds in its file."""
    found = {*cache_dir().glob("catalogs/*.sqlite")}
    with contextlib.closing(sqlite3.connect(found.pop())) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM sessions")}


async def test_a_list_is_given_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(tmp_path, "a", "b")
    shutil.rmtree(cache_dir())
    async with open_sessions(tmp_path.as_uri()) as manager:
        assert await labels(manager) == {"a": "a", "b": "b"}
        assert written() == set()
    assert written() == {"a", "b"}
    glanced: list[Any] = []
    monkeypatch.setattr(FileStore, "glance", lambda *args: glanced.append(args))
    async with open_sessions(tmp_path.as_uri()) as manager:
        assert await labels(manager) == {"a": "a", "b": "b"}
        assert (await manager.list_sessions(limit=1)) == (await manager.list_sessions())[:1]
    assert not glanced


async def test_a_list_is_written_soon_where_the_program_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(tmp_path, "a")
    shutil.rmtree(cache_dir())
    monkeypatch.setattr(catalog_upkeep, "_PATIENCE_S", 0.01)
    async with open_sessions(tmp_path.as_uri()) as manager:
        assert await labels(manager) == {"a": "a"}
        while written() != {"a"}:
            await asyncio.sleep(0.01)


async def test_of_very_many_sessions_some_are_written_while_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"s{number}" for number in range(6)]
    await made(tmp_path, *names)
    shutil.rmtree(cache_dir())
    monkeypatch.setattr(taking_in, "MOST_WAITING", 1)
    monkeypatch.setattr(taking_in, "_GLANCED_AT_ONCE", 2)
    before: list[int] = []
    glance = FileStore.glance

    async def counted(store: FileStore, stamps: Any) -> Any:
        before.append(len(written()))
        return await glance(store, stamps)

    monkeypatch.setattr(FileStore, "glance", counted)
    async with open_sessions(tmp_path.as_uri()) as manager:
        assert (await labels(manager)).keys() == {*names}
        assert written() == {*names}
    assert (before[0], len(before)) == (0, 3)


async def test_temporary_sessions_do_not_make_every_look_a_thorough_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_upkeep, "FEW", 0)
    await made(tmp_path, "a")
    async with open_sessions(tmp_path.as_uri()) as manager:
        await manager.create_session(id="t", workspace="w", temporary=True)
        await manager.list_sessions()
        settle(tmp_path)
        await manager.list_sessions()
        seen: list[Look] = []
        look = FileStore.look

        async def noted(store: FileStore, *args: Any, **options: Any) -> Look:
            seen.append(await look(store, *args, **options))
            return seen[-1]

        monkeypatch.setattr(FileStore, "look", noted)
        assert {session.id for session in await manager.list_sessions()} == {"a", "t"}
        assert [each.unchanged for each in seen] == [{"w"}]


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": 1}',
        b'{"format": 1, "id": "a", "created_at": "2026-01-01T00:00:00Z", "chats": [{"id": "c"}]}',
        b'{"format": 1, "id": "a", "created_at": "2026-01-01T00:00:00Z", "chats": '
        b'[{"id": "c", "messages": [1]}]}',
        b'{"format": 1, "id": "a", "created_at": "2026-01-01T00:00:00Z", "chats": [], "tags": 1}',
        b'{"format": 1, "id": "a", "created_at": "2026-01-01T00:00:00Z", "chats": [], "x": "\xff"}',
    ],
)
async def test_what_a_glance_cannot_take_in_is_loaded_and_so_reported(
    tmp_path: Path, spoilt: bytes
) -> None:
    await made(tmp_path, "a", "b")
    (folder(tmp_path) / "a.json").write_bytes(spoilt)
    async with open_sessions(tmp_path.as_uri()) as manager:
        assert [s.id for s in await manager.list_sessions()] == ["b"]
        assert [problem.session_id for problem in await manager.problems()] == ["a"]


async def test_a_glance_shows_what_loading_shows(tmp_path: Path) -> None:
    text = (
        '\ufeff{"format": 1, "id": "other", "created_at": 1700000000, "unknown": {"k": [1]},'
        ' "state": "paused", "parent": {"session_id": "x", "kind": "spawn"}, "chats": [{"id": "c",'
        ' "messages": [{"id": "1", "content": "plain text"}, {"hidden": true, "content": []}]},'
        ' {"id": "d", "created_at": "2026-01-01T00:00:00", "messages": []}]}'
    )
    folder(tmp_path).mkdir(parents=True)
    (folder(tmp_path) / "a.json").write_text(text)
    store = FileStore(tmp_path)
    (stamp,) = await store.scan()
    (seen,) = await store.glance([stamp])
    assert seen is None or seen == (await store.load("a")).document.session()
    (folder(tmp_path) / "a.json").write_text(text.removeprefix("\ufeff"))
    (stamp,) = await store.scan()
    (seen,) = await store.glance([stamp])
    assert seen == (await store.load("a")).document.session()
    await store.close()


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"created_at": "2026-01-01T02:00:00+02:00"},
        {"updated_at": "2026-01-01T02:00:00"},
        {"state": None, "label": None, "metadata": {"k": [1]}, "ttl_s": 5},
        {"active_chat_id": "gone"},
        {"format": 9},
        {"read_only": True},
        {"id": "other"},
        {"workspace_id": "other"},
        {"expires_at": "2026-01-01T00:00:00+01:00"},
        {"chats": [{"id": "c", "name": None, "messages": []}]},
        {"chats": [{"id": "c", "message_count": 9, "preview": "none", "messages": []}]},
        {"chats": [{"id": "c", "created_at": "2026-01-01T00:00:00", "messages": []}]},
    ],
)
async def test_a_glance_at_a_document_of_ours_shows_what_loading_shows(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    await made(tmp_path, "a")
    async with open_sessions(tmp_path.as_uri()) as manager:
        await manager.add_message("a", "Hello")
        await manager.add_message("a", "A note", hidden=True)
        await manager.create_chat("a", name="Second")
    path = folder(tmp_path) / "a.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | other))
    store = FileStore(tmp_path)
    (stamp,) = await store.scan()
    (seen,) = await store.glance([stamp])
    assert seen is not None
    assert seen == (await store.load("a")).document.session()
    await store.close()


@pytest.mark.parametrize(
    "chats", [[{"id": "c", "messages": []}] * 2, [{"id": "no id", "messages": []}]]
)
async def test_a_document_with_chats_that_cannot_be_told_apart_is_loaded_and_so_reported(
    tmp_path: Path, chats: list[Any]
) -> None:
    await made(tmp_path, "a")
    path = folder(tmp_path) / "a.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"chats": chats}))
    async with open_sessions(tmp_path.as_uri()) as manager:
        assert await manager.list_sessions() == []
        assert [problem.session_id for problem in await manager.problems()] == ["a"]


async def test_with_many_sessions_a_file_that_was_edited_in_place_shows_after_a_thorough_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_upkeep, "FEW", 0)
    await made(tmp_path, "a", "b", "c")
    async with open_sessions(tmp_path.as_uri()) as manager:
        await manager.list_sessions()
        settle(tmp_path)
        await manager.list_sessions()
        path = folder(tmp_path) / "a.json"
        path.write_text(path.read_text().replace('"label": "a"', '"label": "by hand"'))
        (folder(tmp_path) / "b.json").unlink()
        assert {s.label for s in await manager.list_sessions()} >= {"c"}
        await manager.refresh(thoroughly=True)
        assert {s.label for s in await manager.list_sessions()} == {"by hand", "c"}


async def test_a_workspace_renamed_by_hand_has_its_new_name(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    path = Layout(tmp_path).workspace_file("w")
    path.parent.mkdir(parents=True)
    path.write_text('{"format": 1, "id": "w", "name": "Before"}')
    old = time.time() - 60
    os.utime(path, (old, old))
    [first] = await store.workspaces()
    first.defaults["template"] = "mine"
    assert [(one.name, one.defaults) for one in await store.workspaces()] == [("Before", {})]
    path.write_text('{"format": 1, "id": "w", "name": "Behind"}')
    assert [one.name for one in await store.workspaces()] == ["Behind"]
    path.write_text("{")
    assert [one.name for one in await store.workspaces()] == ["w"]
    assert [problem.path for problem in await store.problems()] == [str(path)]
    path.unlink()
    assert [one.name for one in await store.workspaces()] == ["w"]
    await store.close()


async def test_a_workspace_file_that_nobody_changed_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileStore(tmp_path)
    path = Layout(tmp_path).workspace_file("w")
    path.parent.mkdir(parents=True)
    path.write_text('{"format": 1, "id": "w", "name": "Named"}')
    os.utime(path, (1, 1))
    await store.workspaces()
    reads: list[object] = []
    monkeypatch.setattr(workspace_files, "read_file", reads.append)
    assert [one.name for one in await store.workspaces()] == ["Named"]
    assert reads == []
    await store.close()


@pytest.mark.parametrize("few", [0, 2000])
async def test_a_file_that_may_be_read_again_shows_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(catalog_upkeep, "FEW", few)
    await made(tmp_path, "a", "b")
    shutil.rmtree(cache_dir())
    settle(tmp_path)
    path = folder(tmp_path) / "a.json"
    opened = os.open

    def forbidden(name: str | Path, *arguments: int) -> int:
        if Path(name) == path:
            raise PermissionError(errno.EACCES, "Permission denied", str(name))
        return opened(name, *arguments)

    async with open_sessions(tmp_path.as_uri()) as manager:
        monkeypatch.setattr(os, "open", forbidden)
        assert await labels(manager) == {"b": "b"}
        assert [problem.session_id for problem in await manager.problems()] == ["a"]
        monkeypatch.setattr(os, "open", opened)
        path.chmod(0o640)
        assert await labels(manager) == {"a": "a", "b": "b"}
        assert await manager.problems() == []


async def test_a_file_that_was_repaired_is_no_problem_any_more(tmp_path: Path) -> None:
    await made(tmp_path, "a")
    path = folder(tmp_path) / "a.json"
    whole = path.read_bytes()
    async with open_sessions(tmp_path.as_uri()) as manager:
        path.write_bytes(whole[:40])
        assert await labels(manager) == {}
        assert [problem.session_id for problem in await manager.problems()] == ["a"]
        path.write_bytes(whole)
        assert await labels(manager) == {"a": "a"}
        assert await manager.problems() == []


async def test_a_session_that_another_program_holds_stays_as_it_was_last_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "PATIENCE_S", 0.01)
    await made(tmp_path, "a", "b")
    async with (
        open_sessions(tmp_path.as_uri()) as manager,
        open_sessions(tmp_path.as_uri()) as other,
    ):
        await manager.list_sessions()
        await other.rename("a", "renamed")
        with locking.locked(folder(tmp_path) / "a.journal.jsonl"):
            assert await labels(manager) == {"a": "a", "b": "b"}
        assert await labels(manager) == {"a": "renamed", "b": "b"}

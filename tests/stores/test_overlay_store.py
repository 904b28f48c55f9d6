"""Temporary sessions in memory over sessions in files."""

from __future__ import annotations

import pytest
from store_samples import LATER, document, ids, put

from tui_sessions.errors import SessionExists
from tui_sessions.model.changes import SetFields
from tui_sessions.model.session import Workspace
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.memory import MemoryStore
from tui_sessions.stores.overlay import OverlayStore


@pytest.fixture
def memory():
    return MemoryStore()


@pytest.fixture
async def below(tmp_path):
    made = FileStore(tmp_path / "data")
    yield made
    await made.close()


@pytest.fixture
async def store(below, memory):
    return OverlayStore(below, memory)


def files(below: FileStore) -> list[str]:
    return sorted(path.name for path in below.directory.rglob("*") if path.is_file())


async def test_a_temporary_session_never_reaches_the_disk(store, below, memory):
    await store.save(document(temporary=True), create=True)
    await store.append("s1", [put(1)], LATER)
    await store.move("s1", "other")
    await store.fold("s1")
    await store.delete("s1")
    await store.undelete("s1")
    assert ids(await store.load("s1")) == ["m1"]
    assert memory.size() == 1
    assert files(below) == []
    assert [workspace.id for workspace in await store.workspaces()] == ["other"]


async def test_a_session_changes_its_store_by_a_change_for_one_version_too(store, below, memory):
    version = await store.save(document(temporary=True), create=True)
    keep = [SetFields(fields={"temporary": False})]
    assert await store.append_if("s1", "another", keep, LATER) is None
    assert memory.size() == 1
    made = await store.append_if("s1", version, keep, LATER)
    assert (memory.size(), await below.version("s1")) == (0, made.after)


async def test_both_kinds_are_listed_and_each_has_its_trash(store, below, memory):
    await store.save(document("kept"), create=True)
    await store.save(document("passing", temporary=True), create=True)
    assert {stamp.session_id for stamp in await store.scan()} == {"kept", "passing"}
    await store.delete("kept")
    await store.delete("passing")
    assert [each.session_id for each in await store.trash()] == ["passing", "kept"]
    assert [each.session_id for each in await below.trash()] == ["kept"]
    assert await store.purge("passing") is True
    assert await store.purge("kept") is True
    assert files(below) == []


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("deleted", [True, False])
async def test_an_id_is_taken_for_both_stores(store, first, deleted):
    await store.save(document(temporary=first), create=True)
    if deleted:
        await store.delete("s1")
    with pytest.raises(SessionExists):
        await store.save(document(temporary=not first), create=True)


async def test_a_session_that_is_made_permanent_goes_to_the_files(store, below, memory):
    await store.save(document(temporary=True), create=True)
    await store.append("s1", [put(1)], LATER)
    appended = await store.append("s1", [SetFields(fields={"temporary": False})], LATER)
    assert memory.size() == 0
    assert await store.trash() == []
    assert appended.after == await below.version("s1") == await store.version("s1")
    assert ids(await below.load("s1")) == ["m1"]
    assert (await store.append("s1", [put(2)], LATER)).revision == 3


async def test_a_session_saved_as_temporary_leaves_the_disk(store, below, memory):
    await store.save(document(), create=True)
    await store.save(document(temporary=True))
    assert memory.size() == 1
    assert files(below) == []
    assert len(await store.scan()) == 1


async def test_workspaces_go_below(store, below):
    await store.save_workspace(Workspace(id="dev", name="Dev"))
    await store.save(document(temporary=True), create=True)
    assert [each.name for each in await store.workspaces()] == ["Dev"]
    assert [each.name for each in await below.workspaces()] == ["Dev"]


async def test_the_memory_store_counts_and_forgets():
    memory = MemoryStore()
    await memory.save(document("a"), create=True)
    await memory.save(document("b"), create=True)
    await memory.delete("a")
    assert memory.size() == 1
    await memory.clear()
    assert memory.size() == 0
    assert await memory.trash() == await memory.workspaces() == await memory.scan() == []
    assert await MemoryStore().scan() == []

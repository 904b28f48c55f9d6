"""Searching where the index or the catalog is lost, is being made, or cannot be had."""

import asyncio
import shutil
import sqlite3
import sys
import threading
from collections.abc import Collection

import pytest
from engine_driving import until
from searched_sessions import Opened, found, talk, texts

from tui_sessions import SessionManager, StoreError
from tui_sessions.engine.full_text import indexing
from tui_sessions.index.base import IndexLost
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.paths import cache_dir


async def test_changes_are_found_after_the_catalog_was_lost(
    manager: SessionManager,
) -> None:
    session_id = await talk(manager, "needle")
    await found(manager, "needle")
    [catalog] = (cache_dir() / "catalogs").glob("*.sqlite")
    with sqlite3.connect(catalog) as broken:
        broken.execute("DROP TABLE sessions")
    broken.close()
    await manager.add_message(session_id, "haystack")
    assert await texts(manager, "haystack") == {"haystack"}


async def test_an_index_that_is_lost_again_and_again_is_done_without(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise IndexLost("The index was damaged.")

    monkeypatch.setattr(indexing, "RETRY_S", 0.01)
    monkeypatch.setattr(indexing, "_AFTER_FAILURE_S", 0.05)
    monkeypatch.setattr(TantivyIndex, "write", lost)
    await talk(manager, "needle")
    results = await manager.search("needle", wait_s=None, messages_only=True)
    assert [hit.snippet.text for hit in results.hits] == ["needle"]
    assert "Every session is read" in results.notice


async def test_what_cannot_be_written_to_the_index_is_found_and_the_reason_told(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_AFTER_FAILURE_S", 0.01)
    async with open_manager() as manager:
        session_id = await talk(manager, "needle")
        await found(manager, "needle")
        [lock] = (cache_dir() / "search").glob("*.lock")
        lock.unlink()
        lock.mkdir()
        await manager.add_message(session_id, "another needle")
        results = await manager.search("needle", wait_s=None, messages_only=True)
        assert results.total == 2
        assert "Every session is read" in results.notice
        assert lock.name in results.notice
        lock.rmdir()
        await until(lambda: not manager._engine.indexer.problem)
        assert await texts(manager, "needle") == {"needle", "another needle"}


@pytest.mark.parametrize("how", ["deleted", "damaged"])
@pytest.mark.parametrize("wait_s", [0, None])
async def test_an_index_that_is_lost_is_made_again(
    manager: SessionManager, how: str, wait_s: float | None
) -> None:
    await talk(manager, "needle")
    assert await texts(manager, "needle") == {"needle"}
    [folder] = [path for path in (cache_dir() / "search").iterdir() if path.is_dir()]
    if how == "deleted":
        shutil.rmtree(folder)
    else:
        (folder / "meta.json").write_bytes(b"{}")
    results = await manager.search("needle", wait_s=wait_s, messages_only=True)
    assert (results.complete, results.total) == ((True, 1) if wait_s is None else (False, 0))
    assert await texts(manager, "needle") == {"needle"}


async def test_what_is_to_be_compared_again_while_comparing_begins_is(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager:
        await manager.create_workspace("w1", name="Compiler lab")
        await talk(manager, "needle", workspace="w1")
    begun, go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    strangers = TantivyIndex.strangers

    def waiting(index: TantivyIndex, workspace_ids: Collection[str]) -> list[str]:
        loop.call_soon_threadsafe(begun.set)
        go.wait(30)
        return strangers(index, workspace_ids)

    async with open_manager() as manager:
        monkeypatch.setattr(TantivyIndex, "strangers", waiting)
        manager.start_indexing()
        await begun.wait()
        await manager.update_workspace("w1", name="Translator lab")
        go.set()
        assert len(await found(manager, "translator")) == 1
        assert await texts(manager, "needle") == {"needle"}


async def test_without_an_index_everything_is_read(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk(manager, "a needle", "hay", tags=["sharp"], label="Sewing")
    monkeypatch.setitem(sys.modules, "tantivy", None)
    results = await manager.search("needle")
    assert [hit.snippet.text for hit in results.hits] == ["a needle"]
    assert results.complete
    assert "Every session is read" in results.notice
    assert (await manager.search("sharp")).hits[0].message_id is None
    assert (await manager.search("needle", offset=1)).hits == ()


async def test_it_ends_while_the_index_is_being_made(open_manager: Opened) -> None:
    async with open_manager() as manager:
        for number in range(30):
            await talk(manager, f"needle {number}")
        manager.start_indexing()
    async with open_manager() as manager:
        assert len(await texts(manager, "needle")) == 30
    with pytest.raises(StoreError):
        await manager.search("needle")

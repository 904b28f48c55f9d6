"""An index that may not hold what is noted of it is not relied on."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from noted_indexes import Used, an_index, did_all, indexed, place, sorted_texts
from searched_sessions import Opened, talk

from tui_sessions.index import index_folder
from tui_sessions.index.base import CaughtUp, IndexBusy
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.index.index_folder import IndexFolder
from tui_sessions.paths import cache_dir


def drop_catalog() -> None:
    shutil.rmtree(cache_dir() / "catalogs")


def damage_meta() -> None:
    (place() / "meta.json").write_bytes(b"{}")


def damage_segments() -> None:
    for path in place().iterdir():
        if path.suffix in (".store", ".term", ".idx", ".fast"):
            path.write_bytes(b"\0" * path.stat().st_size)


def damage_note() -> None:
    (place() / "caught_up").write_bytes(b'{"name":')


def drop_index() -> None:
    shutil.rmtree(place())


@pytest.mark.parametrize(
    "harm", [drop_catalog, damage_meta, damage_segments, damage_note, drop_index]
)
async def test_whatever_is_wrong_with_it_all_is_found(
    open_manager: Opened, harm: Callable[[], None]
) -> None:
    [first, gone] = await an_index(open_manager, "needle one", "needle two")
    async with open_manager() as manager:
        await manager.add_message(first, "needle three")
        await manager.delete(gone)
        await did_all(manager, first)
    harm()
    async with open_manager() as manager:
        await indexed(manager)
        await sorted_texts(manager, "needle")  # damage within shows when it is read
        assert await sorted_texts(manager, "needle") == ["needle one", "needle three"]


async def test_a_catalog_that_is_restored_and_goes_on_is_not_taken_for_the_one_that_was(
    open_manager: Opened, tmp_path: Path
) -> None:
    await an_index(open_manager, "needle 0")
    cache, backup = cache_dir(), tmp_path.parent / f"{tmp_path.name}-backup"
    shutil.copytree(cache, backup)
    [first] = await an_index(open_manager, "needle 1")
    for path in backup.rglob("*"):
        if path.is_file() and "search" not in path.parts:
            shutil.copy2(path, cache / path.relative_to(backup))
    async with open_manager() as manager:  # its writes get the numbers of those that were lost
        for number in range(2, 6):
            await talk(manager, f"needle {number}")
        await did_all(manager, first)
        await manager.delete(first)
    async with open_manager() as manager:
        await indexed(manager)
        assert await sorted_texts(manager, "needle") == [
            f"needle {number}" for number in (0, 2, 3, 4, 5)
        ]
    shutil.rmtree(backup)


async def test_an_index_of_another_version_is_made_anew(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_index(open_manager, "needle")
    monkeypatch.setattr(index_folder, "SCHEMA", index_folder.SCHEMA + 1)
    before = (place() / "name").read_text()
    async with open_manager() as manager:
        await indexed(manager)
        assert (place() / "name").read_text() != before
        assert await sorted_texts(manager, "needle") == ["needle"]


async def test_what_was_written_before_a_crash_that_kept_it_from_being_noted_is_compared(
    open_manager: Opened, used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    [first] = await an_index(open_manager, "needle one")

    def crash(*_: object) -> None:
        raise IndexBusy

    with monkeypatch.context() as patch:
        patch.setattr(IndexFolder, "note_caught_up", crash)
        async with open_manager() as manager:
            await manager.add_message(first, "needle two")
            await indexed(manager)
    used.compared = []
    async with open_manager() as manager:
        assert await sorted_texts(manager, "needle") == ["needle one", "needle two"]
    assert used.compared
    used.compared = []
    async with open_manager() as manager:
        await indexed(manager)
    assert used.compared == []


async def test_what_another_program_wrote_to_it_is_not_relied_on(
    open_manager: Opened, used: Used
) -> None:
    [first] = await an_index(open_manager, "needle one")
    index = TantivyIndex(place())
    index.open()
    index.write((), [first])
    index.settle()
    index.close()
    async with open_manager() as manager:
        await indexed(manager)
        assert await sorted_texts(manager, "needle") == ["needle one"]


async def test_a_doubt_that_comes_up_while_all_is_noted_as_written_is_not_forgotten(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    keep, resume, watch = TantivyIndex.keep, TantivyIndex.resume, TantivyIndex.watch
    loop = asyncio.get_running_loop()
    async with open_manager() as manager:

        async def doubt() -> None:
            manager._engine.indexer.compare_again()

        def doubted(index: TantivyIndex, held: CaughtUp) -> None:
            keep(index, held)
            if "doubted" not in told:
                told.append("doubted")
                asyncio.run_coroutine_threadsafe(doubt(), loop).result()

        def relied_on(index: TantivyIndex, fits: Callable[[CaughtUp], bool]) -> CaughtUp | None:
            told.append("relied on")
            return resume(index, fits)

        def compared(index: TantivyIndex) -> None:
            told.append("compared")
            watch(index)

        monkeypatch.setattr(TantivyIndex, "keep", doubted)
        monkeypatch.setattr(TantivyIndex, "resume", relied_on)
        monkeypatch.setattr(TantivyIndex, "watch", compared)
        await talk(manager, "Hello")
        await indexed(manager)
        await manager.search("hello", wait_s=None)
        assert told[told.index("doubted") + 1] == "compared"

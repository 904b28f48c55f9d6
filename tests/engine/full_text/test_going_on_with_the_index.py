"""What the next program does with an index that holds everything: nothing, until it is needed."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from engine_driving import until
from noted_indexes import (
    UNFOUND,
    Used,
    an_index,
    did_all,
    indexed,
    noted_write,
    place,
    sorted_texts,
)
from searched_sessions import Opened, talk

from tui_sessions import SessionManager, StoreError
from tui_sessions.engine.full_text import index_comparison, indexing
from tui_sessions.stores.base import Stored
from tui_sessions.stores.file import FileStore


async def test_an_index_that_holds_everything_is_not_opened_until_somebody_searches(
    open_manager: Opened, used: Used
) -> None:
    await an_index(open_manager, "needle one", "needle two")
    used.opened, used.compared = 0, []
    async with open_manager() as manager:
        await indexed(manager)
        assert manager.index_progress().total == 2
        assert (used.opened, used.compared) == (0, [])
        assert await sorted_texts(manager, "needle") == ["needle one", "needle two"]
        assert used.opened == 1
        await talk(manager, "needle three")
        assert len(await sorted_texts(manager, "needle")) == 3
    assert used.compared == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which files are in memory")
async def test_the_index_is_let_go_of_once_nobody_searches_any_more(
    open_manager: Opened, used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_REST_AFTER_S", 0.1)
    async with open_manager() as manager:
        await talk(manager, "tea at four")
        await indexed(manager)
        for _ in range(2):
            await until(lambda: not in_memory())
            before = used.opened
            assert await sorted_texts(manager, "tea") == ["tea at four"]
            assert used.opened > before
        await until(lambda: not in_memory())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is in memory")
async def test_the_index_is_let_go_of_when_it_is_told(
    open_manager: Opened,
) -> None:
    async with open_manager() as manager:
        await talk(manager, "tea at four")
        await indexed(manager)
        for _ in range(2):
            assert await sorted_texts(manager, "tea") == ["tea at four"]
            assert in_memory()
            await manager.rest()
            assert not in_memory()


def in_memory() -> bool:
    """Whether a file of the index is."""
    return str(place()) in Path("/proc/self/maps").read_text()


async def test_a_start_at_which_nothing_is_to_be_written_does_not_load_tantivy(
    open_manager: Opened, tmp_path: Path
) -> None:
    await an_index(open_manager, "needle")
    program = """
import asyncio, sys
from tui_sessions import open_sessions
async def main():
    async with open_sessions(sys.argv[1], user_id="ana") as manager:
        manager.start_indexing()
        while not manager.index_progress().complete:
            await asyncio.sleep(0.01)
        print("tantivy" in sys.modules)
        print((await manager.search("needle", wait_s=None, messages_only=True)).total)
asyncio.run(main())
"""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, f"file://{tmp_path}"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.split() == ["False", "1"]


@pytest.mark.parametrize("change", UNFOUND.values(), ids=UNFOUND)
@pytest.mark.parametrize("indexes", [True, False], ids=["while it indexes", "before it does"])
async def test_what_changes_nothing_that_is_found_is_no_reason_to_open_the_index(
    open_manager: Opened,
    used: Used,
    change: Callable[[SessionManager, str], Awaitable[object]],
    indexes: bool,
) -> None:
    [first] = await an_index(open_manager, "needle one")
    used.opened, used.compared = 0, []
    before = noted_write()
    async with open_manager() as manager:
        if indexes:
            await indexed(manager)
        await change(manager, first)
    assert (noted_write() != before) == indexes
    async with open_manager() as manager:
        await indexed(manager)
    assert noted_write() != before
    assert (used.opened, used.compared) == (0, [])
    async with open_manager() as manager:
        assert await sorted_texts(manager, "needle") == ["needle one"]
    assert (used.opened, used.compared) == (1, [])


async def test_what_is_found_after_such_changes_is_written(
    open_manager: Opened, used: Used
) -> None:
    first, second, third = await an_index(open_manager, "needle one", "two", "three")
    async with open_manager() as manager:
        for each in (first, second, third):
            await did_all(manager, each)
        await manager.add_message(first, "needle more")
        await manager.rename(second, "Quinces")
        await manager.set_tags(third, ["orchard"])
        for each in (second, third):
            await did_all(manager, each)
    used.compared = []
    async with open_manager() as manager:
        assert await sorted_texts(manager, "needle") == ["needle more", "needle one"]
        for word, session_id in (("quinces", second), ("orchard", third)):
            [hit] = (await manager.search(word, wait_s=None)).hits
            assert hit.session_id == session_id
    assert used.compared == []


async def test_when_a_session_was_last_used_is_told_though_the_index_does_not_know_it(
    open_manager: Opened,
) -> None:
    async with open_manager() as manager:
        session = await manager.create_session(label="Quinces")
        await indexed(manager)
        used = await manager.touch(session.id)
        [hit] = (await manager.search("quinces", wait_s=None)).hits
        assert hit.time == used.last_active_at > session.last_active_at


async def test_what_another_program_changes_is_written_only_if_it_is_found(
    open_manager: Opened, used: Used
) -> None:
    [first] = await an_index(open_manager, "needle one")
    async with open_manager() as one, open_manager() as other:
        await indexed(one)
        used.opened = 0
        await did_all(other, first)
        await other.refresh()
        await one.refresh()
        one._engine.indexer.note()
        await indexed(one)
        assert used.opened == 0
        await other.add_message(first, "needle two")
        assert await sorted_texts(one, "needle") == ["needle one", "needle two"]


async def test_a_session_that_was_edited_by_hand_after_it_was_opened_is_found_as_it_is(
    open_manager: Opened, tmp_path: Path
) -> None:
    [first] = await an_index(open_manager, "needle one")
    async with open_manager() as manager:
        await indexed(manager)
        await did_all(manager, first)
    [path] = tmp_path.rglob(f"{first}.json")
    path.write_text(path.read_text().replace("needle one", "needle by hand"))
    async with open_manager() as manager:
        assert await sorted_texts(manager, "needle") == ["needle by hand"]


async def test_only_what_has_changed_since_is_written(open_manager: Opened, used: Used) -> None:
    kept, edited, gone = await an_index(open_manager, "needle kept", "needle old", "needle gone")
    async with open_manager() as manager:  # this one does not index
        await manager.add_message(edited, "needle new")
        await manager.delete(gone)
        await talk(manager, "needle more")
    used.compared = []
    loads, load = list[str](), FileStore.load

    async def noted(store: FileStore, session_id: str) -> Stored:
        loads.append(session_id)
        return await load(store, session_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileStore, "load", noted)
        async with open_manager() as manager:
            await indexed(manager)
            assert await sorted_texts(manager, "needle") == [
                *("needle kept", "needle more", "needle new", "needle old")
            ]
    assert kept not in loads
    assert used.compared == []


async def test_only_the_sessions_of_a_workspace_that_was_renamed_are_compared(
    open_manager: Opened, used: Used
) -> None:
    async with open_manager() as manager:
        await manager.create_workspace("w1", name="Compiler lab")
        await manager.create_workspace("w2", name="Garden")
        for workspace in ("w1", "w2"):
            await talk(manager, "needle", workspace=workspace)
        await indexed(manager)
    async with open_manager() as manager:
        await manager.update_workspace("w1", name="Translator lab")
    used.compared = []
    async with open_manager() as manager:
        assert len((await manager.search("translator", wait_s=None)).hits) == 1
        assert (await manager.search("compiler", wait_s=None)).hits == ()
    assert used.compared == ["w1"]


async def test_a_session_that_could_not_be_read_is_tried_again_at_the_next_start(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = await an_index(open_manager, "needle one", "needle two")
    load = FileStore.load

    async def held(store: FileStore, session_id: str) -> Stored:
        if session_id == second:
            raise StoreError("Another program holds it.")
        return await load(store, session_id)

    async with open_manager() as manager:
        await manager.add_message(second, "needle three")
    with monkeypatch.context() as patch:
        patch.setattr(FileStore, "load", held)
        async with open_manager() as manager:
            assert await sorted_texts(manager, "needle") == ["needle one"]
    async with open_manager() as manager:
        assert await sorted_texts(manager, "needle") == ["needle one", "needle three", "needle two"]


async def test_what_a_fork_inherited_is_found_once_when_its_parent_comes_back_later(
    open_manager: Opened,
) -> None:
    async with open_manager() as manager:
        parent = await talk(manager, "shared needle")
        child = await manager.fork(parent)
        await indexed(manager)
        await manager.delete(parent)
        assert await sorted_texts(manager, "needle") == ["shared needle"]
    async with open_manager() as manager:
        await indexed(manager)
        await manager.undelete(parent)
        results = await manager.search("needle", wait_s=None, messages_only=True)
        assert [hit.session_id for hit in results.hits] == [parent]
    async with open_manager() as manager:
        await manager.purge(child.id)
        assert await sorted_texts(manager, "needle") == ["shared needle"]


async def test_where_much_has_changed_the_workspaces_are_compared_one_by_one(
    open_manager: Opened, used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_index(open_manager, "needle 0")
    async with open_manager() as manager:
        for number in range(1, 5):
            await talk(manager, f"needle {number}")
    monkeypatch.setattr(index_comparison, "_CHANGED_SINCE", 2)
    used.compared = []
    async with open_manager() as manager:
        assert len(await sorted_texts(manager, "needle")) == 5
    assert used.compared


async def test_two_programs_at_once_leave_an_index_that_the_next_one_goes_on_with(
    open_manager: Opened, used: Used
) -> None:
    [first] = await an_index(open_manager, "needle 0")
    async with open_manager() as one, open_manager() as other:
        await indexed(one)
        await indexed(other)
        for number in range(1, 4):
            await one.add_message(first, f"needle {number}")
            assert len(await sorted_texts(one, "needle")) == number + 1
            while len(await sorted_texts(other, "needle")) <= number:
                await asyncio.sleep(0.01)
    used.opened, used.compared = 0, []
    async with open_manager() as manager:
        await indexed(manager)
        assert (used.opened, used.compared) == (0, [])
        assert len(await sorted_texts(manager, "needle")) == 4


async def test_without_tantivy_all_is_read_though_the_index_is_known_to_hold_everything(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_index(open_manager, "needle")
    monkeypatch.setitem(sys.modules, "tantivy", None)
    async with open_manager() as manager:
        await indexed(manager)
        results = await manager.search("needle", messages_only=True)
        while "Every session is read" not in results.notice:
            results = await manager.search("needle", messages_only=True)
        assert results.total == 1


async def test_the_note_is_for_its_owners_eyes_and_says_nothing_of_what_was_said(
    open_manager: Opened,
) -> None:
    await an_index(open_manager, "needle")
    note = place() / "caught_up"
    assert note.stat().st_mode & 0o777 == 0o600
    assert "needle" not in note.read_text()
    assert msgspec.json.decode(note.read_bytes())["held"]["unread"] == []

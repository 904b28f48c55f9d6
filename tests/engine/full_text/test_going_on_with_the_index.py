"""What the next program does with an index that holds everything: nothing, until it is needed."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from engine_driving import until

from tui_sessions import SessionManager, StoreError
from tui_sessions.engine.full_text import indexing
from tui_sessions.index import index_folder
from tui_sessions.index.base import CaughtUp, IndexBusy
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.index.index_folder import IndexFolder
from tui_sessions.paths import cache_dir
from tui_sessions.stores.base import Stored
from tui_sessions.stores.file import FileStore

Opened = Callable[..., SessionManager]


class Used:
    """How often the index was opened, and which workspaces were compared with it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = 0
        self.compared: list[str] = []
        opening, compare = IndexFolder.open, TantivyIndex.compare

        def noted_opening(folder: IndexFolder, schema: object) -> object:
            self.opened += 1
            return opening(folder, schema)  # type: ignore[arg-type]

        def noted_compare(index: TantivyIndex, place: str, stamps: dict[str, str]) -> object:
            self.compared.append(place)
            return compare(index, place, stamps)

        monkeypatch.setattr(IndexFolder, "open", noted_opening)
        monkeypatch.setattr(TantivyIndex, "compare", noted_compare)


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Used:
    return Used(monkeypatch)


def place() -> Path:
    [folder] = [path for path in (cache_dir() / "search").iterdir() if path.is_dir()]
    return folder


def noted_write() -> str:
    """What the catalog's write is called up to which the index is known to hold everything."""
    return str(msgspec.json.decode((place() / "caught_up").read_bytes())["held"]["write"])


async def said(manager: SessionManager, text: str, **fields: object) -> str:
    session = await manager.create_session(**fields)
    await manager.add_message(session.id, text)
    return session.id


async def indexed(manager: SessionManager) -> None:
    """Until the index holds everything."""
    manager.start_indexing()
    await until(lambda: manager.index_progress().complete)


async def texts(manager: SessionManager, query: str) -> list[str]:
    results = await manager.search(query, wait_s=None, messages_only=True)
    assert results.complete
    assert not results.notice
    return sorted(hit.snippet.text for hit in results.hits)


async def an_index(open_manager: Opened, *said_there: str, **fields: object) -> list[str]:
    """An index of sessions, each with one message; gives their ids."""
    async with open_manager() as manager:
        ids = [await said(manager, text, **fields) for text in said_there]
        await indexed(manager)
    return ids


async def test_an_index_that_holds_everything_is_not_opened_until_somebody_searches(
    open_manager: Opened, used: Used
) -> None:
    await an_index(open_manager, "needle one", "needle two")
    used.opened, used.compared = 0, []
    async with open_manager() as manager:
        await indexed(manager)
        assert manager.index_progress().total == 2
        assert (used.opened, used.compared) == (0, [])
        assert await texts(manager, "needle") == ["needle one", "needle two"]
        assert used.opened == 1
        await said(manager, "needle three")
        assert len(await texts(manager, "needle")) == 3
    assert used.compared == []


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


async def paused(manager: SessionManager, session_id: str) -> None:
    await manager.touch(session_id)
    await manager.pause(session_id)
    await manager.resume(session_id)


async def folded(manager: SessionManager, session_id: str) -> None:
    await manager.update_metadata(session_id, {"size": 1})
    await manager.close(session_id)


async def archived(manager: SessionManager, session_id: str) -> None:
    await manager.archive(session_id)
    await manager.unarchive(session_id)


UNFOUND: dict[str, Callable[[SessionManager, str], Awaitable[object]]] = {
    "used": lambda manager, one: manager.touch(one),
    "opened here": lambda manager, one: manager.attach_surface(one, "tty:%3"),
    "paused": paused,
    "archived": archived,
    "with metadata": lambda manager, one: manager.update_metadata(one, {"colour": "red"}),
    "with its journal folded": folded,
}
"""What may become of a session without anything else being found of it."""


async def did_all(manager: SessionManager, session_id: str) -> None:
    for change in UNFOUND.values():
        await change(manager, session_id)


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
        assert await texts(manager, "needle") == ["needle one"]
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
        assert await texts(manager, "needle") == ["needle more", "needle one"]
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
        assert await texts(one, "needle") == ["needle one", "needle two"]


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
        assert await texts(manager, "needle") == ["needle by hand"]


async def test_only_what_has_changed_since_is_written(open_manager: Opened, used: Used) -> None:
    kept, edited, gone = await an_index(open_manager, "needle kept", "needle old", "needle gone")
    async with open_manager() as manager:  # this one does not index
        await manager.add_message(edited, "needle new")
        await manager.delete(gone)
        await said(manager, "needle more")
    used.compared = []
    loads, load = list[str](), FileStore.load

    async def noted(store: FileStore, session_id: str) -> Stored:
        loads.append(session_id)
        return await load(store, session_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileStore, "load", noted)
        async with open_manager() as manager:
            await indexed(manager)
            assert await texts(manager, "needle") == [
                *("needle kept", "needle more", "needle new", "needle old")
            ]
    assert kept not in loads
    assert used.compared == []


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
        await texts(manager, "needle")  # damage within shows when it is read
        assert await texts(manager, "needle") == ["needle one", "needle three"]


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
            await said(manager, f"needle {number}")
        await did_all(manager, first)
        await manager.delete(first)
    async with open_manager() as manager:
        await indexed(manager)
        assert await texts(manager, "needle") == [f"needle {number}" for number in (0, 2, 3, 4, 5)]
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
        assert await texts(manager, "needle") == ["needle"]


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
        assert await texts(manager, "needle") == ["needle one", "needle two"]
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
        assert await texts(manager, "needle") == ["needle one"]


async def test_only_the_sessions_of_a_workspace_that_was_renamed_are_compared(
    open_manager: Opened, used: Used
) -> None:
    async with open_manager() as manager:
        await manager.create_workspace("w1", name="Compiler lab")
        await manager.create_workspace("w2", name="Garden")
        for workspace in ("w1", "w2"):
            await said(manager, "needle", workspace=workspace)
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
            assert await texts(manager, "needle") == ["needle one"]
    async with open_manager() as manager:
        assert await texts(manager, "needle") == ["needle one", "needle three", "needle two"]


async def test_what_a_fork_inherited_is_found_once_when_its_parent_comes_back_later(
    open_manager: Opened,
) -> None:
    async with open_manager() as manager:
        parent = await said(manager, "shared needle")
        child = await manager.fork(parent)
        await indexed(manager)
        await manager.delete(parent)
        assert await texts(manager, "needle") == ["shared needle"]
    async with open_manager() as manager:
        await indexed(manager)
        await manager.undelete(parent)
        results = await manager.search("needle", wait_s=None, messages_only=True)
        assert [hit.session_id for hit in results.hits] == [parent]
    async with open_manager() as manager:
        await manager.purge(child.id)
        assert await texts(manager, "needle") == ["shared needle"]


async def test_where_much_has_changed_the_workspaces_are_compared_one_by_one(
    open_manager: Opened, used: Used, monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_index(open_manager, "needle 0")
    async with open_manager() as manager:
        for number in range(1, 5):
            await said(manager, f"needle {number}")
    monkeypatch.setattr(indexing, "_CHANGED_SINCE", 2)
    used.compared = []
    async with open_manager() as manager:
        assert len(await texts(manager, "needle")) == 5
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
            assert len(await texts(one, "needle")) == number + 1
            while len(await texts(other, "needle")) <= number:
                await asyncio.sleep(0.01)
    used.opened, used.compared = 0, []
    async with open_manager() as manager:
        await indexed(manager)
        assert (used.opened, used.compared) == (0, [])
        assert len(await texts(manager, "needle")) == 4


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
        await said(manager, "Hello")
        await indexed(manager)
        await manager.search("hello", wait_s=None)
        assert told[told.index("doubted") + 1] == "compared"

"""Searching sessions through the engine: what is found, and how soon."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from engine_driving import Watched, ask, document_path, until

from tui_sessions import (
    InvalidValue,
    Message,
    SearchHit,
    SearchResults,
    SessionManager,
    SessionState,
    Settings,
    StoreError,
    open_sessions,
)
from tui_sessions.engine.full_text import indexing
from tui_sessions.index.base import IndexLost, SessionText
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.index.index_writer import IndexWriting
from tui_sessions.paths import cache_dir
from tui_sessions.providers.scripted import ScriptedProvider
from tui_sessions.stores import session_reader
from tui_sessions.stores.base import Stored
from tui_sessions.stores.file import FileStore

Opened = Callable[..., object]


async def found(manager: SessionManager, query: str, **options: object) -> list[SearchHit]:
    """What is found once the index knows everything."""
    results = await manager.search(query, wait_s=None, **options)
    assert results.complete
    assert not results.notice
    return list(results.hits)


async def texts(manager: SessionManager, query: str, **options: object) -> set[str]:
    """The messages that are found, by what is shown of them."""
    hits = await found(manager, query, messages_only=True, **options)
    return {hit.snippet.text for hit in hits}


async def talk(manager: SessionManager, *said: str, **fields: object) -> str:
    """A session in which that was said; gives its id."""
    session = await manager.create_session(**fields)
    for text in said:
        await manager.add_message(session.id, text)
    return session.id


async def test_a_hit_says_where_it_is_and_what_was_found(manager: SessionManager) -> None:
    session_id = await talk(manager, "Hello", workspace="dev", label="Fix the lexer")
    added = await manager.add_message(session_id, "The **Parser** and a parser", role="assistant")
    [hit] = await found(manager, "parser")
    session = await manager.get_session(session_id)
    assert (hit.session_id, hit.workspace_id, hit.label) == (session_id, "dev", "Fix the lexer")
    assert (hit.chat_id, hit.message_id) == (session.active_chat_id, added.id)
    assert hit.role == "assistant"
    assert abs(hit.time - added.created_at) < timedelta(milliseconds=1)
    assert hit.snippet.text == "The **Parser** and a parser"
    assert [hit.snippet.text[a:b] for a, b in hit.snippet.marks] == ["Parser", "parser"]


async def test_sessions_are_found_by_label_tag_and_workspace(manager: SessionManager) -> None:
    await manager.create_workspace("w1", name="Compiler lab")
    session_id = await talk(manager, workspace="w1", label="Grammar", tags=["urgent"])
    for query in ("grammar", "urgent", "compiler", "w1"):
        [hit] = await found(manager, query)
        assert (hit.session_id, hit.message_id, hit.role) == (session_id, None, "")
    assert await found(manager, "grammar", messages_only=True) == []
    await manager.rename(session_id, "Syntax")
    assert await found(manager, "grammar") == []
    assert len(await found(manager, "syntax")) == 1
    await manager.update_workspace("w1", name="Translator lab")
    assert len(await found(manager, "translator")) == 1


async def test_what_changes_is_found_as_it_is_now(manager: SessionManager) -> None:
    session_id = await talk(manager, "first words", "second words")
    first, second = await manager.history(session_id)
    assert await texts(manager, "words") == {"first words", "second words"}
    await manager.edit_message(session_id, first.id, "other words")
    assert await texts(manager, "words") == {"other words", "second words"}
    await manager.delete_message(session_id, second.id)
    assert await texts(manager, "words") == {"other words"}
    await manager.clear_history(session_id)
    assert await texts(manager, "words") == set()


async def test_a_deleted_session_vanishes_and_comes_back(manager: SessionManager) -> None:
    session_id = await talk(manager, "needle")
    assert len(await texts(manager, "needle")) == 1
    await manager.delete(session_id)
    assert await found(manager, "needle") == []
    await manager.undelete(session_id)
    assert len(await texts(manager, "needle")) == 1
    await manager.purge(session_id)
    assert await found(manager, "needle") == []


async def test_a_moved_session_is_found_where_it_is(manager: SessionManager) -> None:
    session_id = await talk(manager, "needle", workspace="one")
    await manager.create_workspace("two")
    assert len(await texts(manager, "needle", workspace="one")) == 1
    await manager.move(session_id, "two")
    assert await texts(manager, "needle", workspace="one") == set()
    assert len(await texts(manager, "needle", workspace="two")) == 1
    assert len(await texts(manager, "needle workspace:two")) == 1


async def test_what_a_fork_inherited_is_found_once_and_its_own_in_the_fork(
    manager: SessionManager,
) -> None:
    parent = await talk(manager, "shared needle")
    child = await manager.fork(parent)
    await manager.add_message(child.id, "own needle")
    grandchild = await manager.fork(child.id)
    hits = await found(manager, "needle", messages_only=True)
    assert {(h.session_id, h.snippet.text) for h in hits} == {
        (parent, "shared needle"),
        (child.id, "own needle"),
    }
    await manager.delete(parent)
    hits = await found(manager, "needle", messages_only=True)
    assert {(h.session_id, h.snippet.text) for h in hits} == {
        (child.id, "shared needle"),
        (child.id, "own needle"),
    }
    await manager.undelete(parent)
    assert len(await found(manager, "needle", messages_only=True)) == 2
    await manager.purge(child.id)
    hits = await found(manager, "needle", messages_only=True)
    assert {h.session_id for h in hits} == {parent, grandchild.id}


async def test_what_a_fork_inherited_is_found_in_it_once_the_parent_has_it_no_more(
    manager: SessionManager,
) -> None:
    parent = await talk(manager, "first needle", "second needle", "third needle")
    child = await manager.fork(parent)
    grandchild = await manager.fork(child.id)
    await found(manager, "needle")
    first, second, _ = await manager.history(parent)
    await manager.edit_message(parent, first.id, "another thread")
    await manager.delete_message(parent, second.id)
    hits = await found(manager, "needle", messages_only=True)
    assert {(h.session_id, h.snippet.text) for h in hits} == {
        (child.id, "first needle"),
        (child.id, "second needle"),
        (parent, "third needle"),
    }
    await manager.edit_message(parent, first.id, "first needle")
    hits = await found(manager, "first", messages_only=True)
    assert [h.session_id for h in hits] == [parent]
    await manager.clear_history(child.id)
    hits = await found(manager, "second", messages_only=True)
    assert [h.session_id for h in hits] == [grandchild.id]


async def test_what_only_a_fork_still_has_is_found_by_an_index_made_anew(
    open_manager: Opened,
) -> None:
    async with open_manager() as manager:
        parent = await talk(manager, "first needle", "second needle")
        child = await manager.fork(parent)
        await manager.clear_history(parent)
    async with open_manager() as manager:
        hits = await found(manager, "needle", messages_only=True)
    assert {(h.session_id, h.snippet.text) for h in hits} == {
        (child.id, "first needle"),
        (child.id, "second needle"),
    }


async def test_a_search_that_waits_finds_what_others_have_just_done(
    open_manager: Opened,
) -> None:
    async with open_manager() as manager, open_manager() as other:
        session_id = await talk(other, "needle 0")
        for number in range(1, 4):
            await other.add_message(session_id, f"needle {number}")
            assert f"needle {number}" in await texts(manager, "needle")


async def test_a_workspace_that_a_filter_leaves_out_is_not_searched(
    manager: SessionManager,
) -> None:
    await talk(manager, "needle", workspace="one")
    await talk(manager, "needle", workspace="two")
    assert await found(manager, "needle workspace:two", workspace="one") == []
    assert await found(manager.workspace("one"), "needle -workspace:one") == []


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

    monkeypatch.setattr(indexing, "_RETRY_S", 0.01)
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


async def test_a_face_bound_to_a_workspace_finds_only_what_is_in_it(
    manager: SessionManager,
) -> None:
    await talk(manager, "needle here", workspace="here", label="needle")
    there = await talk(manager, "needle there", workspace="there", label="needle")
    bound = manager.workspace("here")
    assert {hit.workspace_id for hit in await found(bound, "needle")} == {"here"}
    assert await found(bound, "needle", workspace="there") == []
    with pytest.raises(InvalidValue, match="here"):
        await bound.search("needle workspace:there")
    child = await manager.fork(there)
    await manager.create_workspace("here")
    await manager.move(child.id, "here")
    assert await texts(bound, "needle") == {"needle here", "needle there"}


async def test_filters_ask_for_sessions_too(manager: SessionManager) -> None:
    await talk(manager, "needle one", workspace="w1", tags=["Red", "big"], user_id="ana")
    two = await talk(manager, "needle two", workspace="w2", tags=["red"], user_id="ben")
    await manager.archive(two)
    for query, expected in {
        "needle tag:red": {"needle one", "needle two"},
        "needle tag:RED tag:big": {"needle one"},
        "needle -tag:big": {"needle two"},
        "needle state:archived": {"needle two"},
        "needle -state:archived": {"needle one"},
        "needle workspace:w1": {"needle one"},
        "needle -workspace:w1": {"needle two"},
        "tag:red": {"needle one", "needle two"},
    }.items():
        assert await texts(manager, query) == expected, query
    assert await texts(manager, "needle", user_id="ben") == {"needle two"}
    assert await texts(manager, "needle", user_id="nobody") == set()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("workspace:nowhere", "workspace cannot be 'nowhere'; valid: W1."),
        ("workspace:NoWhere😀", "workspace cannot be 'NoWhere😀'; valid: W1."),
        ("role:boss", "valid: system, user, assistant, tool."),
    ],
)
async def test_a_bad_filter_says_what_would_be_valid(
    manager: SessionManager, query: str, said: str
) -> None:
    await manager.create_workspace("w1", name="W1")
    with pytest.raises(InvalidValue) as raised:
        await manager.search(query)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "option",
    [{"limit": -1}, {"offset": -1}, {"limit": "x"}, {"offset": None}, {"wait_s": "x"}],
)
async def test_a_bad_argument_is_refused(manager: SessionManager, option: dict[str, int]) -> None:
    with pytest.raises(InvalidValue):
        await manager.search("x", **option)
    with pytest.raises(InvalidValue):
        await manager.search(7)  # type: ignore[arg-type]


async def test_without_a_limit_everything_that_fits_is_found(manager: SessionManager) -> None:
    session = await manager.create_session(label="Spices")
    for _ in range(60):
        await manager.add_message(session.id, "salt")
    assert len((await manager.search("salt")).hits) == 50
    assert len((await manager.search("salt", limit=None, wait_s=None)).hits) == 60
    assert len((await manager.search("salt", limit=None, offset=50)).hits) == 10


async def test_temporary_sessions_are_found_and_never_reach_the_disk(
    manager: SessionManager, own_home: Path
) -> None:
    session_id = await talk(manager, "secretive needle", temporary=True)
    await talk(manager, "open needle")
    assert await texts(manager, "needle") == {"secretive needle", "open needle"}
    pages = [await manager.search("needle", limit=1, offset=n, wait_s=None) for n in range(3)]
    assert len({page.hits[0].message_id for page in pages}) == len(pages) - 0
    written = [path.read_bytes() for path in cache_dir().rglob("*") if path.is_file()]
    assert written
    assert not any(b"secretive" in content for content in written)
    await manager.delete(session_id)
    assert await texts(manager, "needle") == {"open needle"}


async def test_what_waits_in_memory_is_found(manual: SessionManager) -> None:
    session_id = await talk(manual, "unsaved needle")
    assert await texts(manual, "needle") == {"unsaved needle"}
    await manual.save()
    await manual.add_message(session_id, "another needle")
    assert await texts(manual, "needle") == {"unsaved needle", "another needle"}


async def test_a_reply_is_found_when_it_is_whole(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    running = Watched(scripted.send(session.id, "question"))
    await running.until("reply_delta")
    assert await texts(scripted, "question") == {"question"}
    assert await texts(scripted, "hel*") == set()
    provider.open("go")
    await running.end()
    assert await texts(scripted, "hello") == {"Hello"}


async def test_a_new_message_is_found_by_itself_soon_after(manager: SessionManager) -> None:
    session_id = await talk(manager, "first")
    await found(manager, "first")
    await manager.add_message(session_id, "later needle")
    while not (await manager.search("needle", wait_s=0)).hits:
        await asyncio.sleep(0.005)


async def test_what_others_did_is_found_in_the_next_program(open_manager: Opened) -> None:
    async with open_manager() as manager:
        session_id = await talk(manager, "early needle")
        assert await texts(manager, "needle") == {"early needle"}
    async with open_manager() as manager:  # this one does not search
        await manager.add_message(session_id, "late needle")
        gone = await talk(manager, "gone needle")
        await manager.delete(gone)
    async with open_manager() as manager:
        assert await texts(manager, "needle") == {"early needle", "late needle"}
        await manager.delete(session_id)
    async with open_manager() as manager:
        assert await found(manager, "needle") == []


OTHER = """
import asyncio, sys
from tui_sessions import open_sessions
async def main():
    async with open_sessions(sys.argv[1], user_id="ana") as manager:
        print((await manager.search("needle", wait_s=None)).total, flush=True)
        for line in sys.stdin:
            await manager.add_message(sys.argv[2], line.strip())
            found = await manager.search("needle", wait_s=None, messages_only=True)
            print(found.total, flush=True)
asyncio.run(main())
"""


async def test_two_processes_find_what_the_other_one_writes(
    manager: SessionManager, tmp_path: Path
) -> None:
    session_id = await talk(manager, "needle 0", label="-")
    assert await texts(manager, "needle") == {"needle 0"}
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OTHER, f"file://{tmp_path}", session_id),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdin
    assert other.stdout
    assert await other.stdout.readline() == b"1\n"
    for number in (1, 3):
        other.stdin.write(f"needle {number}\n".encode())
        assert await other.stdout.readline() == f"{number + 1}\n".encode()
        while len((await manager.search("needle", messages_only=True)).hits) <= number:
            await asyncio.sleep(0.01)
        await manager.add_message(session_id, f"needle {number + 1}")
        await found(manager, "needle")
    other.stdin.close()
    await other.wait()
    assert len(await texts(manager, "needle")) == 5


async def test_while_another_process_writes_it_is_said_that_more_may_come(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = asyncio.Event()
    loop = asyncio.get_running_loop()

    add = IndexWriting.add

    def slow(*arguments: object) -> set[str]:
        asyncio.run_coroutine_threadsafe(go.wait(), loop).result()
        return add(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(IndexWriting, "add", slow)
    await talk(manager, "needle")
    results = await manager.search("needle", wait_s=0.05)
    assert (results.hits, results.complete) == ((), False)
    assert manager.index_progress().percent < 100
    go.set()
    assert await texts(manager, "needle") == {"needle"}
    assert manager.index_progress().percent == 100


async def test_while_it_is_looked_for_what_others_did_it_is_said_that_more_may_come(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager, open_manager() as other:
        await talk(manager, "needle")
        assert await texts(manager, "needle") == {"needle"}
        manager._engine.looked_at = 0.0
        go, refresh = asyncio.Event(), SessionManager.refresh

        async def waiting(bound: SessionManager) -> None:
            await go.wait()
            await refresh(bound)

        await talk(other, "another needle")
        monkeypatch.setattr(SessionManager, "refresh", waiting)
        for wait_s in (0.01, 0):
            results = await manager.search("needle", wait_s=wait_s, messages_only=True)
            assert (results.complete, results.total) == (False, 1)
        assert results.progress.to_go == 0
        go.set()
        assert await texts(manager, "needle") == {"needle", "another needle"}


async def test_what_was_just_said_is_indexed_before_what_is_older(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_HANDED_OVER", 1)
    monkeypatch.setattr(indexing, "_READ_AT_ONCE", 1)
    talks = [await talk(manager, f"old{place}", workspace=f"w{place}") for place in range(8)]
    loop = asyncio.get_running_loop()
    write, written = TantivyIndex.write, list[str]()

    def noted(
        index: TantivyIndex, sessions: Sequence[SessionText], gone: Sequence[str]
    ) -> Collection[str]:
        if not written:
            quick = manager.add_message(talks[0], "quick")
            asyncio.run_coroutine_threadsafe(quick, loop).result()
        written.extend(session.session_id for session in sessions)
        return write(index, sessions, gone)

    monkeypatch.setattr(TantivyIndex, "write", noted)
    assert await texts(manager, "quick") == {"quick"}
    assert written.index(talks[0]) < len(talks) - 1
    assert {*written} == {*talks}


async def test_a_filter_by_tag_or_state_follows_every_change(manager: SessionManager) -> None:
    first, second = [await talk(manager, "needle") for _ in range(2)]

    async def in_sessions(query: str) -> list[str]:
        return [hit.session_id for hit in await found(manager, query, messages_only=True)]

    assert await in_sessions("needle tag:work") == []
    await manager.set_tags(first, ["work"])
    assert await in_sessions("needle tag:work") == [first]
    assert await in_sessions("needle -tag:work") == [second]
    await manager.pause(second)
    assert await in_sessions("needle state:paused") == [second]
    await manager.resume(second)
    assert await in_sessions("needle state:paused") == []
    await manager.delete(first)
    assert await in_sessions("needle tag:work") == []


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


async def test_searching_again_and_again_at_once_is_fine(manager: SessionManager) -> None:
    await talk(manager, "needle")
    results: list[SearchResults] = await asyncio.gather(
        *(manager.search("needle", wait_s=None) for _ in range(20))
    )
    assert {result.total for result in results} == {2}


async def test_a_long_chat_that_grows_is_found_to_its_end(manager: SessionManager) -> None:
    session_id = await talk(manager)
    await manager.create_chat(session_id)
    for start in range(3):
        for number in range(5):
            await manager.add_message(
                session_id, Message.from_text("user", f"needle {start}{number}")
            )
        assert len(await found(manager, "needle", messages_only=True)) == 5 * (start + 1)


def loads_noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sessions that are read from their files from now on."""
    loaded = list[str]()
    load = FileStore.load

    async def noted(store: FileStore, session_id: str) -> Stored:
        loaded.append(session_id)
        return await load(store, session_id)

    monkeypatch.setattr(FileStore, "load", noted)
    return loaded


async def test_of_a_session_that_is_never_held_as_a_whole_all_is_found(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager:
        session_id = await talk(manager, "needle one", "needle two", "needle three", label="Long")
        child = await manager.fork(session_id)
        await manager.add_message(child.id, "needle four")
    monkeypatch.setattr(session_reader, "LONG", 1)
    shutil.rmtree(cache_dir())
    async with open_manager() as manager:
        expected = {"needle one", "needle two", "needle three", "needle four"}
        assert await texts(manager, "needle") == expected
        hits = await found(manager, "long")
        assert {hit.session_id for hit in hits} == {session_id, child.id}
        first, second, _ = await manager.history(session_id)
        await manager.edit_message(session_id, second.id, "pin")
        await manager.delete_message(session_id, first.id)
        hits = await found(manager, "needle", messages_only=True)
        assert {(hit.session_id, hit.snippet.text) for hit in hits} == {
            (session_id, "needle three"),
            (child.id, "needle one"),
            (child.id, "needle two"),
            (child.id, "needle four"),
        }
    shutil.rmtree(cache_dir())
    async with open_manager() as manager, open_manager() as other:
        await other.add_message(session_id, "needle five")  # it stands in the journal
        assert len(await texts(manager, "needle")) == 5


async def test_a_long_session_is_not_read_again_for_what_does_not_change_its_messages(
    open_manager: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager:
        talked = await talk(manager, *[f"straw {number}" for number in range(210)])
    async with open_manager() as manager:
        assert len(await found(manager, "straw", messages_only=True, limit=300)) == 210
        loaded = loads_noted(monkeypatch)
        for change in (
            manager.attach_surface(talked, "terminal"),
            manager.attach_surface(talked, "telephone"),
            manager.rename(talked, "Haystack"),
            manager.set_tags(talked, ["golden"]),
            manager.touch(talked),
            manager.update_metadata(talked, {"key": "value"}),
        ):
            await change
            assert [hit.session_id for hit in await found(manager, "straw", limit=1)] == [talked]
        assert loaded == [talked]
        for query in ("haystack", "golden"):
            assert [hit.session_id for hit in await found(manager, query)] == [talked]

        await manager.detach_surface(talked, "telephone")
        path = document_path(tmp_path, talked)
        path.write_text(path.read_text().replace("straw 100", "needle 100"))
        assert await texts(manager, "needle") == {"needle 100"}
        await manager.attach_surface(talked, "telephone")
        await manager.add_message(talked, "needle 300")
        assert await texts(manager, "needle") == {"needle 100", "needle 300"}


async def test_the_next_program_reads_nothing_again_where_messages_stayed_the_same(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager:
        talks = [await talk(manager, "straw", label=f"Stack {number}") for number in range(3)]
    async with open_manager() as manager:
        await found(manager, "straw")
        for talked in talks:
            await manager.attach_surface(talked, "terminal")
    loaded = loads_noted(monkeypatch)
    async with open_manager() as manager:
        assert len(await found(manager, "straw")) == 3
    assert loaded == []


async def test_memory_stores_are_searched_and_leave_nothing_behind(own_home: Path) -> None:
    async with open_sessions("memory:", settings=Settings()) as manager:
        session_id = await talk(manager, "needle")
        assert await texts(manager, "needle") == {"needle"}
        assert (await manager.get_session(session_id)).state is SessionState.CREATED
    assert not (cache_dir() / "search").exists()


async def test_the_index_is_loaded_when_it_is_first_needed(manager: SessionManager) -> None:
    await ask(manager, await talk(manager), "hello")
    assert manager.index_progress().total == 0
    assert not manager.index_progress().complete
    manager.start_indexing()
    manager.start_indexing()
    await until(lambda: manager.index_progress().complete)
    assert manager.index_progress().total == 1
    assert isinstance(manager._engine.indexer.index, TantivyIndex)

"""How soon the search finds what has changed, here and in other programs."""

import asyncio
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
from engine_driving import Watched
from searched_sessions import Opened, found, talk, texts

from tui_sessions import SessionManager
from tui_sessions.engine.cataloguing.catalog_upkeep import CatalogUpkeep
from tui_sessions.engine.full_text import catching_up, text_writing
from tui_sessions.index.base import SessionText
from tui_sessions.index.full_text import TantivyIndex
from tui_sessions.index.index_writer import IndexWriting
from tui_sessions.providers.scripted import ScriptedProvider


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


async def test_a_search_that_waits_finds_what_others_have_just_done(
    open_manager: Opened,
) -> None:
    async with open_manager() as manager, open_manager() as other:
        session_id = await talk(other, "needle 0")
        for number in range(1, 4):
            await other.add_message(session_id, f"needle {number}")
            assert f"needle {number}" in await texts(manager, "needle")


async def test_a_filter_asks_for_sessions_as_others_have_just_left_them(
    open_manager: Opened,
) -> None:
    async with open_manager() as manager, open_manager() as other:
        early = await talk(manager, "early needle", tags=["work"])
        assert await texts(manager, "needle tag:work") == {"early needle"}
        await other.set_tags(early, [])
        await talk(other, "late needle", tags=["work"])
        assert await texts(manager, "needle tag:work") == {"late needle"}


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


async def test_what_was_read_before_another_program_wrote_takes_nothing_back(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager, open_manager() as other:
        session_id = await talk(other, "needle 1")
        assert await texts(other, "needle") == await texts(manager, "needle") == {"needle 1"}
        read, go, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
        index, write = manager._engine.indexer.index, TantivyIndex.write

        def late(self: TantivyIndex, *arguments: object) -> Collection[str]:
            if self is index:
                loop.call_soon_threadsafe(read.set)
                asyncio.run_coroutine_threadsafe(go.wait(), loop).result()
            return write(self, *arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(TantivyIndex, "write", late)
        await other.add_message(session_id, "needle 2")
        searching = asyncio.create_task(manager.search("needle", wait_s=None))
        await read.wait()
        await other.add_message(session_id, "needle 3")
        assert len(await texts(other, "needle")) == 3
        go.set()
        await searching
        assert len(await texts(other, "needle")) == 3


async def test_while_it_is_looked_for_what_others_did_it_is_said_that_more_may_come(
    open_manager: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_manager() as manager, open_manager() as other:
        await talk(manager, "needle")
        assert await texts(manager, "needle") == {"needle"}
        go, refresh = asyncio.Event(), CatalogUpkeep.refresh

        async def waiting(upkeep: CatalogUpkeep) -> None:
            await go.wait()
            await refresh(upkeep)

        await talk(other, "another needle")
        monkeypatch.setattr(catching_up, "_LOOK_EVERY_S", 0.0)
        monkeypatch.setattr(CatalogUpkeep, "refresh", waiting)
        for wait_s in (0.01, 0):
            results = await manager.search("needle", wait_s=wait_s, messages_only=True)
            assert (results.complete, results.total) == (False, 1)
        assert results.progress.to_go == 0
        go.set()
        assert await texts(manager, "needle") == {"needle", "another needle"}


async def test_what_was_just_said_is_indexed_before_what_is_older(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_writing, "_HANDED_OVER", 1)
    monkeypatch.setattr(text_writing, "READ_AT_ONCE", 1)
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

"""When changes reach the disk: at once by default, else when they are told to."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from engine_driving import Watched, ask, document_path, texts

from tui_sessions import (
    ScriptedProvider,
    SessionManager,
    SessionNotFound,
    Settings,
    StoreError,
    create_session,
    fork_session,
    open_sessions,
    resume_session,
    set_default_store,
)
from tui_sessions.engine.documents import documents_in_memory
from tui_sessions.engine.documents.documents_in_memory import KEPT_DOCUMENTS
from tui_sessions.stores.base import Stored
from tui_sessions.stores.file import FileStore


async def labels(opener: Any) -> set[str]:
    """The labels that another program sees."""
    async with opener() as other:
        return {session.label for session in await other.list_sessions()}


async def test_every_change_is_on_disk_at_once(manager: SessionManager, open_manager: Any) -> None:
    session = await manager.create_session()
    await manager.rename(session.id, "One")
    assert await labels(open_manager) == {"One"}


async def test_without_autosave_changes_wait_for_save(
    manual: SessionManager, open_manager: Any
) -> None:
    session = await manual.create_session()
    other = await manual.create_session()
    await manual.rename(session.id, "One")
    await manual.rename(other.id, "Two")
    await ask(manual, session.id, "Hello")
    assert (await manual.get_session(session.id)).label == "One"
    assert {s.label for s in await manual.list_sessions()} == {"One", "Two"}
    assert await labels(open_manager) == {""}
    await manual.save(session.id)
    assert await labels(open_manager) == {"One", ""}
    await manual.save()
    assert await labels(open_manager) == {"One", "Two"}
    assert len(await manual.history(session.id)) == 2
    await manual.save()


async def test_closing_saves_and_brings_the_file_up_to_date(
    manual: SessionManager, open_manager: Any, tmp_path: Path
) -> None:
    session = await manual.create_session()
    await ask(manual, session.id, "Hello")
    await manual.close(session.id)
    assert "Hello" in document_path(tmp_path, session.id).read_text()
    assert not list(tmp_path.rglob("*.journal.jsonl"))
    await manual.rename(session.id, "Later")
    await manual.close()
    assert await labels(open_manager) == {"Later"}


async def test_the_index_never_holds_what_is_not_saved(
    open_manager: Any, manual: SessionManager
) -> None:
    session = await manual.create_session(label="Saved")
    await manual.rename(session.id, "Waiting")
    await manual.list_sessions()
    assert await labels(open_manager) == {"Saved"}


async def test_a_session_deleted_elsewhere_takes_its_waiting_changes_along(
    manual: SessionManager, open_manager: Any
) -> None:
    gone, kept = await manual.create_session(), await manual.create_session()
    await manual.rename(gone.id, "Gone")
    await manual.rename(kept.id, "Kept")
    async with open_manager() as other:
        await other.delete(gone.id)
    assert [s.label for s in await manual.list_sessions()] == ["Kept"]
    await manual.save()
    assert await labels(open_manager) == {"Kept"}


async def test_a_save_that_fails_keeps_what_waits(
    manual: SessionManager, open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await manual.create_session()
    await manual.rename(session.id, "Waiting")

    async def failing(*arguments: Any) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(manual._engine.store, "append", failing)
        with pytest.raises(StoreError):
            await manual.save(session.id)
    assert (await manual.get_session(session.id)).label == "Waiting"
    await manual.save(session.id)
    assert await labels(open_manager) == {"Waiting"}


async def test_shutdown_saves_all_it_can_and_tells_what_it_could_not(
    open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    async with open_manager() as manager:
        manager.on("lifecycle_error", told.append)
        bad, good = await manager.create_session(), await manager.create_session()
        fold = manager._engine.store.fold

        async def failing(session_id: str) -> None:
            if session_id == bad.id:
                raise OSError("no such disk")
            await fold(session_id)

        monkeypatch.setattr(manager._engine.store, "fold", failing)
        await manager.rename(good.id, "Good")
    assert [(e.session_id, e.operation) for e in told] == [(bad.id, "shutdown")]
    assert "Good" in await labels(open_manager)


async def test_more_sessions_than_are_kept_in_memory_lose_nothing(manager: SessionManager) -> None:
    sessions = [await manager.create_session() for _ in range(KEPT_DOCUMENTS * 2)]
    await asyncio.gather(*(ask(manager, s.id, f"Hello {s.id}") for s in sessions))
    assert len(manager._engine.documents.opened()) <= KEPT_DOCUMENTS
    for session in sessions:
        assert texts(await manager.history(session.id))[0] == f"Hello {session.id}"


async def test_a_cancelled_change_happened_whole_or_not_at_all(manager: SessionManager) -> None:
    session = await manager.create_session()
    for number in range(20):
        task = asyncio.create_task(manager.update_metadata(session.id, {str(number): number}))
        for _ in range(number % 5):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        seen = (await manager.get_session(session.id)).metadata
        await manager.update_metadata(session.id, {"done": number})
        after = (await manager.get_session(session.id)).metadata
        assert after == seen | {"done": number}


async def test_two_managers_over_one_folder_lose_no_message(
    manager: SessionManager, open_manager: Any
) -> None:
    session = await manager.create_session()
    chat = await manager.create_chat(session.id)
    async with open_manager() as other:
        await asyncio.gather(
            *(
                each.add_message(session.id, f"{name}{number}", chat_id=chat.id)
                for number in range(30)
                for name, each in (("a", manager), ("b", other))
            )
        )
        assert await other.history(session.id) == await manager.history(session.id)
    assert len(await manager.history(session.id)) == 60


_APPENDING = """
import asyncio, sys
from tui_sessions import open_sessions
async def main(folder, name):
    async with open_sessions("file://" + folder) as manager:
        for number in range(60):
            await manager.add_message("s", f"{name}{number}", chat_id="c")
asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_on_one_session_lose_no_message(
    manager: SessionManager, tmp_path: Path
) -> None:
    await manager.create_session(id="s")
    await manager.create_chat("s", id="c")
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", _APPENDING, str(tmp_path), name)
        for name in "ab"
    ]
    assert [await process.wait() for process in processes] == [0, 0]
    found = texts(await manager.history("s"))
    assert sorted(found) == sorted(f"{name}{number}" for name in "ab" for number in range(60))
    for name in "ab":
        own = [text for text in found if text.startswith(name)]
        assert own == [f"{name}{number}" for number in range(60)]


async def test_temporary_sessions_leave_nothing_on_disk(
    open_manager: Any, tmp_path: Path, own_home: Path
) -> None:
    async with open_manager() as manager:
        session = await manager.create_session(label="TopSecret", temporary=True)
        await ask(manager, session.id, "TopSecret question")
        assert [s.id for s in await manager.list_sessions()] == [session.id]
    for folder in (tmp_path, own_home):
        for path in folder.rglob("*"):
            assert not path.is_file() or b"TopSecret" not in path.read_bytes()
    async with open_manager() as manager:
        assert await manager.list_sessions() == []


async def test_the_conveniences_use_the_default_store(tmp_path: Path, own_home: Path) -> None:
    try:
        set_default_store(f"file://{tmp_path}")
        session = await create_session(label="Parser")
        fork = await fork_session(session.id)
        assert (await resume_session(session.id)).label == "Parser"
        assert (await resume_session()).id in (session.id, fork.id)
        set_default_store("memory:")
        with pytest.raises(SessionNotFound):
            await resume_session()
        kept = await create_session()
        assert (await resume_session()).id == kept.id
    finally:
        set_default_store(None)
    assert (await create_session()).id
    assert list(own_home.glob("data/**/*.json"))


async def test_a_store_that_is_none_is_refused(tmp_path: Path) -> None:
    from tui_sessions import InvalidValue

    for store in ("nothing:", "http://x", tmp_path, 5):
        with pytest.raises(InvalidValue):
            async with open_sessions(store):  # type: ignore[arg-type]
                pass


async def test_of_long_chats_no_more_stay_in_memory_than_one_goes_to_and_fro_between(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_in_memory, "KEPT_MESSAGES", 5)
    sessions = [await manager.create_session() for _ in range(5)]
    for session in sessions:
        for number in range(3):
            await manager.add_message(session.id, f"{number}")
    assert manager._engine.documents.opened() == [session.id for session in sessions[-2:]]
    assert texts(await manager.history(sessions[0].id)) == ["0", "1", "2"]


async def test_a_long_chat_that_is_not_gone_back_to_makes_room_before_the_next_one_is_read(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_in_memory, "KEPT_MESSAGES", 1)
    first, second, third = [await manager.create_session() for _ in range(3)]
    for session in (first, second, third):
        await manager.add_message(session.id, "One")
        await manager.add_message(session.id, "Two")
    documents, load = manager._engine.documents, manager._engine.store.load
    beside: list[list[str]] = []

    async def noted(session_id: str) -> Stored:
        beside.append(documents.opened())
        return await load(session_id)

    monkeypatch.setattr(manager._engine.store, "load", noted)
    await manager.history(first.id)
    assert beside == [[third.id]]
    assert documents.opened() == [third.id, first.id]


async def test_what_is_being_answered_stays_in_memory_however_long_the_others_are(
    scripted: SessionManager, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_in_memory, "KEPT_MESSAGES", 1)
    answered, *others = [await scripted.create_session() for _ in range(5)]
    turn = Watched(scripted.send(answered.id, "Hello"))
    await turn.until("reply_delta")
    for session in others:
        await scripted.add_message(session.id, "One")
    documents = scripted._engine.documents
    assert {*documents.opened()} == {session.id for session in (answered, *others[-2:])}
    provider.open("go")
    await turn.end()
    for session in others:
        await scripted.add_message(session.id, "Two")
    assert answered.id not in documents.opened()


@pytest.mark.parametrize("steps", [1, 5, 20, 40])
async def test_a_shutdown_that_was_cancelled_is_brought_to_its_end_by_the_next(
    tmp_path: Path, steps: int
) -> None:
    settings = Settings(autosave=False)
    store = FileStore(tmp_path)
    async with open_sessions(store, settings=settings) as manager:
        ids = [(await manager.create_session()).id for _ in range(3)]
        for session_id in ids:
            await manager.add_message(session_id, "Hello")
        ending = asyncio.ensure_future(manager.shutdown())
        for _ in range(steps):
            await asyncio.sleep(0)
        ending.cancel()
        await asyncio.wait([ending])
        await manager.shutdown()
        with pytest.raises(StoreError):
            await manager.get_session(ids[0])
    async with open_sessions(store) as manager:
        assert [texts(await manager.history(session_id)) for session_id in ids] == [["Hello"]] * 3

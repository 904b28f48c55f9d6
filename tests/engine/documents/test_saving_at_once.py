"""Saving a message in one call to the store, by what was last known of the session."""

from __future__ import annotations

import asyncio
import errno
import json
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from engine_driving import document_path

from tui_sessions import (
    ChatNotFound,
    LifecycleError,
    MemoryStore,
    SessionManager,
    SessionNotFound,
    SessionStateError,
    StoreError,
    open_sessions,
)
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.lanes import Lanes


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[SessionManager]:
    async with open_sessions(tmp_path.as_uri()) as manager:
        yield manager


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[SessionManager]:
    async with open_sessions(tmp_path.as_uri()) as manager:
        yield manager


async def talked(manager: SessionManager) -> str:
    session = await manager.create_session()
    await manager.create_chat(session.id, id="c1")
    await manager.add_message(session.id, "One")
    return session.id


async def said(manager: SessionManager, session_id: str, chat_id: str | None = None) -> list[str]:
    return [message.text for message in await manager.history(session_id, chat_id)]


async def test_a_message_follows_what_others_have_said_meanwhile(
    here: SessionManager, other: SessionManager
) -> None:
    session_id = await talked(here)
    await other.add_message(session_id, "Two")
    await here.add_message(session_id, "Three")
    await other.add_message(session_id, "Four")
    await other.close(session_id)
    await here.add_message(session_id, "Five")
    expected = ["One", "Two", "Three", "Four", "Five"]
    assert await said(here, session_id) == await said(other, session_id) == expected


async def test_what_others_have_made_final_is_not_added_to(
    here: SessionManager, other: SessionManager
) -> None:
    session_id = await talked(here)
    await other.expire(session_id)
    with pytest.raises(SessionStateError):
        await here.add_message(session_id, "Two")
    assert await said(other, session_id) == ["One"]


async def test_a_refusal_is_checked_against_the_file(
    here: SessionManager, other: SessionManager
) -> None:
    session_id = await talked(here)
    await other.create_chat(session_id, id="c2")
    await here.add_message(session_id, "Beside", chat_id="c2")
    assert await said(here, session_id, "c2") == ["Beside"]
    with pytest.raises(ChatNotFound):
        await here.add_message(session_id, "Nowhere", chat_id="c3")


async def test_the_chat_that_others_have_switched_to_gets_the_message(
    here: SessionManager, other: SessionManager
) -> None:
    session_id = await talked(here)
    await other.create_chat(session_id, id="c2")
    await other.switch_chat(session_id, "c2")
    await here.add_message(session_id, "Two")
    assert await said(here, session_id, "c2") == ["Two"]


async def test_where_others_have_deleted_all_chats_one_is_made(
    here: SessionManager, other: SessionManager
) -> None:
    session_id = await talked(here)
    await other.delete_chat(session_id, "c1")
    await here.add_message(session_id, "Two")
    [chat] = (await here.get_session(session_id)).chats
    assert await said(other, session_id, chat.id) == ["Two"]


async def test_what_others_have_deleted_stays_deleted_and_is_no_failure_of_a_save(
    here: SessionManager, other: SessionManager
) -> None:
    session_id = await talked(here)
    failures: list[LifecycleError] = []
    here.on("lifecycle_error", failures.append)
    await other.delete(session_id)
    with pytest.raises(SessionNotFound):
        await here.add_message(session_id, "Two")
    assert failures == []
    assert [entry.session_id for entry in await here.trash()] == [session_id]


async def test_a_session_edited_by_hand_keeps_what_was_written(
    here: SessionManager, tmp_path: Path
) -> None:
    session_id = await talked(here)
    await here.close(session_id)
    await here.add_message(session_id, "Two")
    await here.close(session_id)
    await here.history(session_id)
    path = document_path(tmp_path, session_id)
    data = json.loads(path.read_text())
    path.write_text(json.dumps(data | {"label": "By hand", "note": 1}))
    await here.add_message(session_id, "Three")
    session = await here.get_session(session_id)
    assert (session.label, session.message_count) == ("By hand", 3)
    await here.close(session_id)
    assert json.loads(path.read_text())["note"] == 1


async def test_a_face_of_another_workspace_adds_nothing(here: SessionManager) -> None:
    session_id = await talked(here)
    with pytest.raises(SessionNotFound):
        await here.workspace("elsewhere").add_message(session_id, "Two")
    assert await said(here, session_id) == ["One"]


@pytest.mark.parametrize("steps", range(6))
async def test_a_save_that_is_cancelled_is_in_the_file_and_in_memory_or_in_neither(
    here: SessionManager, other: SessionManager, steps: int
) -> None:
    session_id = await talked(here)
    cancelled = asyncio.create_task(here.add_message(session_id, "Perhaps"))
    for _ in range(steps):
        await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    await here.add_message(session_id, "Two")
    assert await said(here, session_id) == await said(other, session_id)
    assert (await said(here, session_id))[-1] == "Two"


def failing_sync(seen: threading.Event, gate: threading.Event) -> Callable[[int], None]:
    """Fails once the gate is open."""

    def sync(_handle: int) -> None:
        seen.set()
        gate.wait()
        raise OSError(errno.ENOSPC, "No space left on device")

    return sync


@pytest.mark.parametrize("cancelled", [False, True])
async def test_what_has_not_reached_the_disk_is_not_kept_in_memory(
    here: SessionManager, monkeypatch: pytest.MonkeyPatch, cancelled: bool
) -> None:
    session_id = await talked(here)
    await here.close(session_id)
    await said(here, session_id)
    seen, gate = threading.Event(), threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr("tui_sessions.stores.journal._sync", failing_sync(seen, gate))
        saving = asyncio.create_task(here.add_message(session_id, "Two"))
        await asyncio.to_thread(seen.wait)
        reading = asyncio.create_task(said(here, session_id))
        for _ in range(5):
            await asyncio.sleep(0)
        if cancelled:
            saving.cancel()
        gate.set()
        await asyncio.wait([saving])
        assert saving.cancelled() == cancelled
        if not cancelled:
            assert isinstance(saving.exception(), StoreError)
    assert await reading == ["One"]
    assert await said(here, session_id) == ["One"]
    await here.add_message(session_id, "Three")
    assert await said(here, session_id) == ["One", "Three"]


async def test_one_call_to_the_store_saves_a_message(
    here: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await talked(here)
    calls: list[str] = []
    lane = Lanes._lane

    def counted(self: Lanes, key: str) -> object:
        calls.append(key)
        return lane(self, key)

    monkeypatch.setattr(Lanes, "_lane", counted)
    await here.add_message(session_id, "Two")
    assert calls == [session_id]


async def test_a_store_that_cannot_check_is_asked_first(tmp_path: Path) -> None:
    class PlainStore(MemoryStore):
        asked = 0

        async def version(self, session_id: str) -> str | None:
            self.asked += 1
            return await super().version(session_id)

    store = PlainStore()
    async with open_sessions(store) as manager:
        session_id = await talked(manager)
        before = store.asked
        await manager.add_message(session_id, "Two")
        assert store.asked > before
        assert await said(manager, session_id) == ["One", "Two"]


async def test_what_is_listed_at_once_has_the_message(here: SessionManager) -> None:
    session_id = await talked(here)
    for number in range(2, 12):
        await here.add_message(session_id, "More")
        known = await here.known_session(session_id)
        assert known is not None
        assert known.message_count == number


async def test_a_snapshot_that_was_handed_out_is_the_callers_own(here: SessionManager) -> None:
    session_id = await talked(here)
    for session in (
        await here.get_session(session_id),
        await here.load(session_id),
        await here.set_tags(session_id, ["work"]),
    ):
        session.metadata["mine"] = 1
        session.chats[0].agent.parameters["temperature"] = 2
    await here.add_message(session_id, "Two")
    [listed] = await here.list_sessions()
    assert "mine" not in listed.metadata
    assert listed.chats[0].agent.parameters["temperature"] != 2


async def test_a_fork_and_its_parent_share_no_change(here: SessionManager, tmp_path: Path) -> None:
    session_id = await talked(here)
    await here.close(session_id)
    before = document_path(tmp_path, session_id).read_bytes()
    child = await here.fork(session_id)
    [message] = await here.history(child.id)
    await here.edit_message(child.id, message.id, "Changed")
    assert (await said(here, session_id), await said(here, child.id)) == (["One"], ["Changed"])
    assert document_path(tmp_path, session_id).read_bytes() == before
    await here.edit_message(session_id, message.id, "Otherwise")
    assert (await said(here, session_id), await said(here, child.id)) == (
        ["Otherwise"],
        ["Changed"],
    )
    store = FileStore(tmp_path)
    assert (await store.load(child.id)).document.messages("c1")[0].text == "Changed"
    await store.close()


async def test_the_first_messages_of_two_programs_at_once_make_one_chat(
    here: SessionManager, other: SessionManager
) -> None:
    for _ in range(10):
        session = await here.create_session()
        calls = (manager.add_message(session.id, "Hello") for manager in (here, other) * 3)
        await asyncio.gather(*calls)
        after = await other.get_session(session.id)
        assert (len(after.chats), after.message_count) == (1, 6)

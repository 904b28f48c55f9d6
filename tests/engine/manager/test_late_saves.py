"""Replies that the disk did not take: they stay in memory, and are saved once it does."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from engine_driving import ask, document_path, texts, until

from tui_sessions import (
    AgentConfig,
    ProviderRegistry,
    ReplyDone,
    ReplyFailed,
    ScriptedProvider,
    SessionManager,
    StoreError,
    open_sessions,
)
from tui_sessions.engine.saving import late_saves, left_over
from tui_sessions.paths import state_dir
from tui_sessions.stores.base import Appended
from tui_sessions.stores.locking import locked
from tui_sessions.stores.memory import MemoryStore
from tui_sessions.stores.session_files import SessionFiles

KEPT = [("user", "complete", "Hello"), ("assistant", "failed", "Hello")]

APPEND = SessionFiles._append


def full(*_: object) -> None:
    raise StoreError("the disk is full")


@pytest.fixture
def often() -> Iterator[None]:
    """A save that failed is tried again at once."""
    with pytest.MonkeyPatch.context() as patch:
        for room in (late_saves, left_over):
            patch.setattr(room, "TRY_AGAIN_S", 0.001)
        yield


@pytest.fixture
async def unsaved(
    scripted: SessionManager, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A session whose reply the disk did not take; the disk is full until the test undoes that."""
    session_id = (await scripted.create_session()).id
    events = scripted.send(session_id, "Hello")
    await anext(events)
    monkeypatch.setattr(SessionFiles, "_append", full)
    provider.open("go")
    end = [event async for event in events][-1]
    assert isinstance(end, ReplyFailed)
    assert end.message.text == "Hello"
    return session_id


async def kept(manager: SessionManager, session_id: str) -> list[tuple[str, str, str]]:
    return [(m.role, m.status, m.text) for m in await manager.history(session_id)]


async def test_a_reply_that_a_full_disk_did_not_take_is_there_whole_and_saved_at_close(
    scripted: SessionManager, unsaved: str, open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await kept(scripted, unsaved) == KEPT
    monkeypatch.undo()
    await scripted.close(unsaved)
    assert await kept(scripted, unsaved) == KEPT
    await scripted.shutdown()
    async with open_manager() as later:
        assert await kept(later, unsaved) == KEPT


async def test_it_is_saved_with_whatever_is_saved_next(
    scripted: SessionManager, unsaved: str, open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError):
        await scripted.rename(unsaved, "Not yet")
    assert await kept(scripted, unsaved) == KEPT
    monkeypatch.undo()
    assert isinstance(await ask(scripted, unsaved, "More"), ReplyDone)
    await scripted.rename(unsaved, "Now")
    async with open_manager() as other:
        assert texts(await other.history(unsaved)) == ["Hello", "Hello", "More", "Again"]
        assert (await other.get_session(unsaved)).label == "Now"


async def test_it_is_saved_by_itself_once_the_disk_has_room(
    often: None,
    scripted: SessionManager,
    unsaved: str,
    open_manager: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    await until(lambda: not scripted._engine.documents.unsaved())
    async with open_manager() as other:
        assert await kept(other, unsaved) == KEPT


async def test_a_session_whose_reply_is_not_saved_yet_can_be_deleted(
    scripted: SessionManager, unsaved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await scripted.delete(unsaved)
    assert await scripted.list_sessions() == []


class OtherError(Exception):
    """An error of the library that a store uses."""


class FailingStore(MemoryStore):
    """Fails with an error that is none of ours, as often as it is told to."""

    def __init__(self, unreadable: int) -> None:
        super().__init__()
        self.failures = 0
        self.unreadable = unreadable
        """How often it cannot be read either once it has failed."""

    async def append(self, *arguments: Any) -> Appended:
        if self.failures:
            self.failures -= 1
            raise OtherError
        return await super().append(*arguments)

    async def version(self, session_id: str) -> str | None:
        if self.failures == 1 and self.unreadable:
            self.unreadable -= 1
            raise OtherError
        return await super().version(session_id)


@pytest.mark.parametrize(("unreadable", "saved"), [(0, True), (1, False)])
async def test_whatever_error_a_store_raises_the_reply_comes_to_an_end(
    provider: ScriptedProvider, often: None, unreadable: int, saved: bool
) -> None:
    store, providers = FailingStore(unreadable), ProviderRegistry()
    providers.register("offline", lambda: provider)
    async with open_sessions(store, providers=providers) as manager:
        session_id = (await manager.create_session()).id
        events = manager.send(session_id, "Hello")
        await anext(events)
        store.failures = 3
        provider.open("go")
        end = [event async for event in events][-1]
        assert isinstance(end, ReplyFailed)
        assert end.message.text == "Hello"
        if saved:
            await until(lambda: not store.failures and not manager._engine.documents.unsaved())
            assert await kept(manager, session_id) == KEPT


async def test_what_a_full_disk_did_not_take_until_the_end_comes_in_at_the_next_start(
    scripted: SessionManager, unsaved: str, open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    scripted.on("lifecycle_error", lambda event: told.append(str(event.error)))
    await scripted.shutdown()
    [path] = (state_dir() / "unsaved").rglob("*.json")
    assert any("the disk is full" in one and str(path) in one for one in told)
    assert path.stat().st_mode & 0o777 == 0o600
    async with open_manager() as still_full:
        assert await kept(still_full, unsaved) == KEPT[:1]
    assert path.exists()
    monkeypatch.setattr(SessionFiles, "_append", APPEND)
    async with open_manager() as later:
        await until(lambda: not path.exists())
        assert await kept(later, unsaved) == KEPT
    async with open_manager() as again:
        assert await kept(again, unsaved) == KEPT


async def test_a_start_does_not_wait_for_a_session_that_another_program_holds(
    scripted: SessionManager,
    unsaved: str,
    open_manager: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    await scripted.shutdown()
    monkeypatch.setattr(SessionFiles, "_append", APPEND)
    [path] = (state_dir() / "unsaved").rglob("*.json")
    journal = document_path(tmp_path, unsaved).with_suffix(".journal.jsonl")
    with ExitStack() as elsewhere:
        elsewhere.enter_context(locked(journal))
        async with open_manager() as given_up:
            assert await given_up.create_session()
        assert path.exists()
        async with open_manager() as later:
            assert path.exists()
            elsewhere.close()
            await until(lambda: not path.exists())
            assert await kept(later, unsaved) == KEPT
    async with open_manager() as again:
        assert await kept(again, unsaved) == KEPT


async def test_it_comes_in_once_the_disk_has_room_without_another_start(
    often: None,
    scripted: SessionManager,
    unsaved: str,
    open_manager: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await scripted.shutdown()
    [path] = (state_dir() / "unsaved").rglob("*.json")
    async with open_manager() as later:
        saved: list[str] = []
        later.on("saved", lambda event: saved.append(event.session_id))
        assert await kept(later, unsaved) == KEPT[:1]
        monkeypatch.setattr(SessionFiles, "_append", APPEND)
        await until(lambda: bool(saved))
        assert not path.exists()
        assert await kept(later, unsaved) == KEPT


async def test_an_end_amid_the_saving_of_what_was_kept_elsewhere_doubles_nothing(
    scripted: SessionManager, unsaved: str, open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scripted.shutdown()
    monkeypatch.setattr(left_over, "AT_START_S", 0.0)
    appending, go_on = threading.Event(), threading.Event()
    revisions: list[int] = []

    def slow(*arguments: Any) -> Appended:
        appending.set()
        assert go_on.wait(60)
        appended = APPEND(*arguments)
        revisions.append(appended.revision)
        return appended

    monkeypatch.setattr(SessionFiles, "_append", slow)
    async with open_manager() as ended:
        await until(appending.is_set)
        ending = asyncio.ensure_future(ended.shutdown())
        await asyncio.sleep(0)
        go_on.set()
        await ending
    async with open_manager() as later:
        assert await kept(later, unsaved) == KEPT
    assert len(revisions) == 1


async def test_what_is_kept_elsewhere_goes_with_a_session_that_is_purged(
    scripted: SessionManager, unsaved: str, open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scripted.shutdown()
    async with open_manager() as later:
        await later.purge(unsaved)
    assert not [*(state_dir() / "unsaved").rglob("*.json")]


async def test_a_damaged_file_of_what_was_not_saved_stays_and_stops_nobody(
    scripted: SessionManager, unsaved: str, open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scripted.shutdown()
    monkeypatch.setattr(SessionFiles, "_append", APPEND)
    [path] = (state_dir() / "unsaved").rglob("*.json")
    path.write_text("[{")
    async with open_manager() as later:
        assert await kept(later, unsaved) == KEPT[:1]
    assert path.read_text() == "[{"


async def test_a_tools_result_that_was_not_saved_is_kept_too(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(text: str) -> str:
        monkeypatch.setattr(SessionFiles, "_append", full)
        return f"done: {text}"

    manager.tools.register(fill)
    session = await manager.create_session()
    script = [[{"tool_call": {"name": "fill", "arguments": {"text": "x"}}}]]
    agent = AgentConfig(provider="scripted", tools=("fill",), parameters={"script": script})
    await manager.create_chat(session.id, agent=agent)
    manager.allow_tool(session.id, "fill")
    assert isinstance(await ask(manager, session.id, "Go"), ReplyFailed)
    monkeypatch.setattr(SessionFiles, "_append", APPEND)
    await manager.close(session.id)
    *_, result = await manager.history(session.id)
    assert [part.text for part in result.content] == ["done: x"]

"""Calls that meet at the worst moment."""

import asyncio
import gc
from pathlib import Path

import pytest
from engine_driving import Watched, ask, document_path, until

from tui_sessions import (
    MemoryStore,
    ProviderRegistry,
    ReplyDone,
    ReplyStopped,
    ScriptedProvider,
    SessionManager,
    SessionNotFound,
    SessionsError,
    StoreError,
    UnknownProvider,
    open_sessions,
)


async def asked(scripted: SessionManager, session_id: str, delay: int) -> Watched:
    """A turn that has gone on for some moments."""
    turn = Watched(scripted.send(session_id, "Hello"))
    for _ in range(delay):
        await asyncio.sleep(0.0005)
    return turn


@pytest.mark.parametrize("delay", range(24))
async def test_a_session_deleted_as_it_is_sent_to_is_deleted_and_silent(
    scripted: SessionManager, delay: int
) -> None:
    session = await scripted.create_session()
    turn = await asked(scripted, session.id, delay)
    assert await scripted.delete(session.id) is True
    try:
        await turn.end()
    except SessionNotFound:
        assert delay < 24
    await until(lambda: not scripted.running())
    assert await scripted.list_sessions() == []
    assert len(await scripted.trash()) == 1


@pytest.mark.parametrize("delay", range(12))
async def test_a_stop_at_any_moment_leaves_one_sound_end(
    scripted: SessionManager, provider: ScriptedProvider, delay: int
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    turn = await asked(scripted, session.id, delay)
    await scripted.stop(session.id)
    end = await turn.end()
    reply = (await scripted.history(session.id))[-1]
    assert isinstance(end, ReplyDone | ReplyStopped)
    assert reply.status == ("complete" if isinstance(end, ReplyDone) else "stopped")
    assert reply == end.message
    assert isinstance(await ask(scripted, session.id, "Again"), ReplyDone)


@pytest.mark.parametrize("delay", range(12))
async def test_a_question_cancelled_at_any_moment_leaves_the_chat_free(
    scripted: SessionManager, provider: ScriptedProvider, delay: int
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    turn = await asked(scripted, session.id, delay)
    await turn.leave()
    await until(lambda: not scripted.running())
    assert isinstance(await ask(scripted, session.id, "Again"), ReplyDone)
    roles = [message.role for message in await scripted.history(session.id)]
    assert roles[-2:] == ["user", "assistant"]


async def test_everything_at_once_on_one_session_ends(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()

    async def again() -> None:
        [event async for event in scripted.regenerate(session.id)]

    calls = [
        call
        for number in range(5)
        for call in (
            ask(scripted, session.id, f"q{number}"),
            again(),
            scripted.stop(session.id),
            scripted.fork(session.id),
            scripted.pause(session.id),
            scripted.resume(session.id),
            scripted.rename(session.id, f"n{number}"),
            scripted.clear_history(session.id),
            scripted.move(session.id, f"w{number % 2}"),
            scripted.close(session.id),
            scripted.sweep_stale(),
            scripted.resolve_session(),
            scripted.list_sessions(),
        )
    ]
    results = await asyncio.gather(*calls, return_exceptions=True)
    odd = [r for r in results if isinstance(r, BaseException) and not isinstance(r, SessionsError)]
    assert odd == []
    await until(lambda: not scripted.running())
    assert (await scripted.get_session(session.id)).id == session.id


async def test_a_chat_whose_provider_is_gone_refuses_the_question_and_keeps_none(
    manager: SessionManager, tmp_path: Path
) -> None:
    session = await manager.create_session()
    await manager.create_chat(session.id)
    await manager.close(session.id)
    path = document_path(tmp_path, session.id)
    path.write_text(path.read_text().replace('"provider":"offline"', '"provider":"gone"'))
    with pytest.raises(UnknownProvider):
        await ask(manager, session.id, "Hello")
    assert await manager.history(session.id) == []
    assert manager.running() == []


async def test_locks_live_only_as_long_as_they_are_held(manager: SessionManager) -> None:
    for number in range(20):
        with pytest.raises(SessionNotFound):
            await manager.rename(f"nobody{number}", "x")
    gc.collect()
    assert len(manager._engine.documents._locks) == 0


class HeldStore(MemoryStore):
    """Holds up one look at a session's version, the n-th from now on."""

    def __init__(self) -> None:
        super().__init__()
        self.hold: int | None = None
        self.held = asyncio.Event()
        self.go = asyncio.Event()

    async def version(self, session_id: str) -> str | None:
        if self.hold is not None:
            self.hold -= 1
            if self.hold == 0:
                self.held.set()
                await self.go.wait()
        return await super().version(session_id)


@pytest.mark.parametrize(
    ("what", "place"),
    [
        *(("send", place) for place in range(1, 4)),
        *(("checkpoint", place) for place in range(1, 5)),
    ],
)
async def test_what_begins_during_the_shutdown_does_not_go_on_after_it(
    provider: ScriptedProvider, what: str, place: int
) -> None:
    registry = ProviderRegistry()
    registry.register("offline", lambda: provider)
    store = HeldStore()
    async with open_sessions(store, providers=registry) as manager:
        session = await manager.create_session()
        await manager.create_chat(session.id)
        await manager.add_message(session.id, "Hello")
        store.hold = place
        begun = asyncio.create_task(
            ask(manager, session.id, "Hello") if what == "send" else manager.checkpoint(session.id)
        )
        await until(lambda: store.held.is_set() or bool(manager.running()))
        ending = asyncio.create_task(manager.shutdown())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        store.go.set()
        await ending
        [end] = await asyncio.gather(begun, return_exceptions=True)
        assert end is None or isinstance(end, StoreError | ReplyStopped)
        assert not manager.running()

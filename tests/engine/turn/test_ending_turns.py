"""Turns that are stopped, or whose chat, session or program ends meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from engine_driving import Watched, ask, begun, odd, texts, until

from tui_sessions import (
    Finished,
    ProviderRegistry,
    ReplyDone,
    ReplyRequest,
    ReplyStopped,
    ScriptedProvider,
    SessionManager,
    SessionNotFound,
    TextDelta,
    open_sessions,
)
from tui_sessions.engine.turn import stopping
from tui_sessions.errors import SessionStateError


async def test_stop_keeps_what_came_and_closes_the_connection(open_manager: Any) -> None:
    closed = asyncio.Event()

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        try:
            yield TextDelta("Hel")
            await asyncio.Event().wait()
        finally:
            closed.set()

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        turn = await begun(manager, session.id)
        assert await manager.stop(session.id) is True
        assert closed.is_set()
        end = await turn.end()
        assert isinstance(end, ReplyStopped)
        reply = (await manager.history(session.id))[1]
        assert (reply.text, reply.status) == ("Hel", "stopped")
        assert await manager.stop(session.id) is False


async def test_stop_before_anything_came_keeps_the_question(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    turn = Watched(scripted.send(session.id, "Hello"))
    await until(lambda: bool(scripted.running()))
    await scripted.stop(session.id)
    assert isinstance(await turn.end(), ReplyStopped)
    assert texts(await scripted.history(session.id))[0] == "Hello"


async def test_a_provider_that_will_not_be_cancelled_is_left_behind(
    open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "STOP_PATIENCE_S", 0.01)
    release = asyncio.Event()

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        yield TextDelta("Hel")
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        yield TextDelta("late")

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        turn = await begun(manager, session.id)
        await manager.stop(session.id)
        assert isinstance(await turn.end(), ReplyStopped)
        release.set()
        await asyncio.sleep(0)
        assert texts(await manager.history(session.id)) == ["Hello", "Hel"]


async def test_a_stop_that_comes_while_a_whole_reply_is_saved_leaves_it_complete(
    open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        yield TextDelta("Whole")
        yield Finished()

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        store = manager._engine.store
        save, saving, go = store.append, asyncio.Event(), asyncio.Event()

        async def slow_save(*arguments: Any) -> Any:
            if "Whole" in str(arguments):
                saving.set()
                await go.wait()
            return await save(*arguments)

        monkeypatch.setattr(store, "append", slow_save)
        turn = Watched(manager.send(session.id, "Hello"))
        await saving.wait()
        stop = asyncio.create_task(manager.stop(session.id))
        await asyncio.sleep(0)
        go.set()
        await stop
        end = await turn.end()
        assert isinstance(end, ReplyDone)
        assert (await manager.history(session.id))[1].status == "complete"


async def test_a_session_deleted_while_it_answers_stays_deleted(open_manager: Any) -> None:
    go = asyncio.Event()

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        yield TextDelta("Hel")
        try:
            await go.wait()
        finally:
            yield TextDelta("lo")
            yield Finished()

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        turn = await begun(manager, session.id)
        await manager.delete(session.id)
        go.set()
        await turn.end()
        assert await manager.list_sessions() == []
        with pytest.raises(SessionNotFound):
            await manager.get_session(session.id)
        await manager.undelete(session.id)
        assert texts(await manager.history(session.id))[0] == "Hello"


async def test_a_session_deleted_by_another_program_is_not_brought_back(
    scripted: SessionManager, provider: ScriptedProvider, open_manager: Any
) -> None:
    session = await scripted.create_session()
    turn = await begun(scripted, session.id)
    async with open_manager() as other:
        await other.delete(session.id)
        end = await turn.end()
        assert isinstance(end, ReplyStopped)
        assert await scripted.list_sessions() == []
        await other.undelete(session.id)
        assert (await other.history(session.id))[-1] == end.message


async def test_a_chat_deleted_while_it_answers_stays_deleted(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    turn = await begun(scripted, session.id)
    await scripted.delete_chat(session.id, turn.events[0].chat_id)
    assert isinstance(await turn.end(), ReplyStopped)
    assert (await scripted.get_session(session.id)).chats == ()


async def test_expiring_stops_the_reply_and_keeps_it(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    turn = await begun(scripted, session.id)
    await scripted.expire(session.id)
    assert isinstance(await turn.end(), ReplyStopped)
    assert texts(await scripted.history(session.id)) == ["Hello", "Hel"]
    with pytest.raises(SessionStateError):
        await ask(scripted, session.id, "More")


_STREAMING = """
import asyncio, sys
from tui_sessions import *
async def main():
    registry = ProviderRegistry()
    words = [step for i in range(10_000) for step in (f"w{i} ", {"delay_s": 0.005})]
    registry.register("offline", lambda: ScriptedProvider([words]))
    async with open_sessions("file://" + sys.argv[1], providers=registry) as manager:
        session = await manager.create_session(id="s")
        async for event in manager.send("s", "Hello"):
            if isinstance(event, ReplyDelta):
                print(event.text, flush=True)
asyncio.run(main())
"""


async def test_kill_in_mid_stream_keeps_what_had_arrived(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _STREAMING, str(tmp_path), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    loop = asyncio.get_running_loop()
    arrivals: list[tuple[float, str]] = []
    while not arrivals or loop.time() - arrivals[0][0] < 2.0:
        word = (await process.stdout.readline()).decode().strip()
        arrivals.append((loop.time(), word))
    os.kill(process.pid, signal.SIGKILL)
    killed = loop.time()
    await process.wait()
    async with open_sessions(f"file://{tmp_path}") as manager:
        question, reply = await manager.history("s")
        assert (question.text, reply.status) == ("Hello", "partial")
        kept = set(reply.text.split())
        due = {word for moment, word in arrivals if moment < killed - 1.0}
        assert due
        assert due <= kept
        assert isinstance(await ask(manager, "s", "Go on"), ReplyDone)


async def test_shutdown_stops_and_keeps_running_replies_and_can_be_called_twice(
    open_manager: Any, provider: ScriptedProvider
) -> None:
    registry = ProviderRegistry()
    registry.register("offline", lambda: provider)
    async with open_manager(providers=registry) as manager:
        session = await manager.create_session()
        turn = await begun(manager, session.id)
        await asyncio.gather(manager.shutdown(), manager.shutdown())
        await manager.close()
        assert isinstance(await turn.end(), ReplyStopped)
    async with open_manager() as manager:
        reply = (await manager.history(session.id))[1]
        assert (reply.text, reply.status) == ("Hel", "stopped")

"""Turns: what is saved when, stopping, failing, crashing, and everything else meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from engine_driving import Watched, ask, odd, texts, until

from tui_sessions import (
    Finished,
    Message,
    ProviderError,
    ProviderRegistry,
    ReplyDelta,
    ReplyDone,
    ReplyFailed,
    ReplyRequest,
    ReplyStarted,
    ReplyStopped,
    ScriptedProvider,
    SessionBusy,
    SessionManager,
    SessionNotFound,
    StoreError,
    TextDelta,
    TextPart,
    ToolCall,
    ToolCallPart,
    Usage,
    open_sessions,
)
from tui_sessions.engine.turn import reply_reader, stopping
from tui_sessions.errors import ChatNotFound, InvalidValue, SessionStateError


async def asked(scripted: SessionManager, session_id: str, **options: Any) -> Watched:
    """A question whose reply has begun and waits at the gate."""
    turn = Watched(scripted.send(session_id, "Hello", **options))
    await turn.until("reply_delta")
    return turn


async def test_the_question_is_on_disk_before_the_provider_is_called(
    open_manager: Any, tmp_path: Path
) -> None:
    seen: list[str] = []

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        async with open_sessions(f"file://{tmp_path}") as other:
            [session] = await other.list_sessions()
            seen.extend(texts(await other.history(session.id)))
        yield TextDelta("Hi")
        yield Finished()

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        assert isinstance(await ask(manager, session.id, "Hello"), ReplyDone)
    assert seen == ["Hello"]


async def test_the_reply_is_on_disk_when_it_is_announced_done(
    scripted: SessionManager, provider: ScriptedProvider, tmp_path: Path
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    async with open_sessions(f"file://{tmp_path}") as other:
        stored = [
            texts(await other.history(session.id))
            async for event in scripted.send(session.id, "Hello")
            if isinstance(event, ReplyDone)
        ]
    assert stored == [["Hello", "Hello"]]


async def test_a_turn_tells_its_start_its_growth_and_its_end(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    events = [event async for event in scripted.send(session.id, "Hi there")]
    assert [e.name for e in events] == ["reply_started", "reply_delta", "reply_delta", "reply_done"]
    start, first, second, done = events
    assert isinstance(start, ReplyStarted)
    assert start.prompt is not None
    assert start.prompt.text == "Hi there"
    assert isinstance(first, ReplyDelta)
    assert isinstance(second, ReplyDelta)
    assert (first.offset, second.offset) == (0, 3)
    assert isinstance(done, ReplyDone)
    assert (done.message.text, done.message.status) == ("Hello", "complete")
    assert done.message.elapsed_s is not None
    assert {e.message_id for e in events} == {done.message.id}


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
        turn = await asked(manager, session.id)
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
        turn = await asked(manager, session.id)
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
        save, saving, go = manager._save_reply, asyncio.Event(), asyncio.Event()

        async def slow_save(*arguments: Any) -> None:
            saving.set()
            await go.wait()
            await save(*arguments)

        monkeypatch.setattr(manager, "_save_reply", slow_save)
        turn = Watched(manager.send(session.id, "Hello"))
        await saving.wait()
        stop = asyncio.create_task(manager.stop(session.id))
        await asyncio.sleep(0)
        go.set()
        await stop
        end = await turn.end()
        assert isinstance(end, ReplyDone)
        assert (await manager.history(session.id))[1].status == "complete"


async def test_one_turn_at_a_time_in_a_chat_and_its_end_frees_it(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    turn = await asked(scripted, session.id)
    for second in (scripted.send(session.id, "x"), scripted.regenerate(session.id)):
        with pytest.raises(SessionBusy):
            await anext(second)
    message = (await scripted.history(session.id))[0]
    for change in (
        scripted.clear_history(session.id),
        scripted.edit_message(session.id, message.id, "y"),
        scripted.delete_message(session.id, message.id),
        scripted.replace_history(session.id, turn.events[0].chat_id, []),
    ):
        with pytest.raises(SessionBusy):
            await change
    await scripted.stop(session.id)
    await turn.end()
    assert isinstance(await ask(scripted, session.id, "again"), ReplyDone)


async def test_of_many_questions_at_once_one_is_answered(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    results = await asyncio.gather(
        *(ask(scripted, session.id, f"q{i}") for i in range(6)), return_exceptions=True
    )
    assert sum(isinstance(result, ReplyDone) for result in results) == 1
    assert sum(isinstance(result, SessionBusy) for result in results) == 5
    assert len((await scripted.get_session(session.id)).chats) == 1
    assert len(await scripted.history(session.id)) == 2


async def test_a_reply_ends_in_the_chat_it_began_in_whatever_happens_meanwhile(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    first = await scripted.create_chat(session.id)
    second = await scripted.create_chat(session.id)
    turn = await asked(scripted, session.id)
    await scripted.switch_chat(session.id, second.id)
    await scripted.rename(session.id, "Renamed")
    fork = await scripted.fork(session.id)
    await scripted.rename_chat(session.id, first.id, "Still me")
    await scripted.move(session.id, "elsewhere")
    await scripted.pause(session.id)
    provider.open("go")
    end = await turn.end()
    assert end.chat_id == first.id
    assert end.workspace_id == "elsewhere"
    assert texts(await scripted.history(session.id, first.id)) == ["Hello", "Hello"]
    assert await scripted.history(session.id, second.id) == []
    assert texts(await scripted.history(fork.id, first.id)) == ["Hello"]
    after = await scripted.get_session(session.id)
    assert (after.state, after.label, after.active_chat_id) == ("paused", "Renamed", second.id)


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
        turn = await asked(manager, session.id)
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
    turn = await asked(scripted, session.id)
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
    turn = await asked(scripted, session.id)
    await scripted.delete_chat(session.id, turn.events[0].chat_id)
    assert isinstance(await turn.end(), ReplyStopped)
    assert (await scripted.get_session(session.id)).chats == ()


async def test_expiring_stops_the_reply_and_keeps_it(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    turn = await asked(scripted, session.id)
    await scripted.expire(session.id)
    assert isinstance(await turn.end(), ReplyStopped)
    assert texts(await scripted.history(session.id)) == ["Hello", "Hel"]
    with pytest.raises(SessionStateError):
        await ask(scripted, session.id, "More")


async def test_a_provider_error_keeps_the_question_and_trying_again_works(
    open_manager: Any,
) -> None:
    tries = iter([[{"error": "Slow down.", "kind": "unavailable"}], ["Fine"]])

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        script = next(tries)
        async for part in ScriptedProvider([script]).stream(request):
            yield part

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        end = await ask(manager, session.id, "Hello")
        assert isinstance(end, ReplyFailed)
        assert isinstance(end.error, ProviderError)
        assert end.error.kind == "unavailable"
        question, failed = await manager.history(session.id)
        assert (question.text, failed.status, failed.error) == ("Hello", "failed", "Slow down.")
        events = [event async for event in manager.regenerate(session.id)]
        assert isinstance(events[-1], ReplyDone)
        assert texts(await manager.history(session.id)) == ["Hello", "Fine"]


class _Unspeakable(Exception):
    def __str__(self) -> str:
        return ""


@pytest.mark.parametrize(
    "error",
    [
        ValueError("odd"),
        _Unspeakable(),
        KeyError("x"),
        StopAsyncIteration(),
        asyncio.CancelledError(),
        GeneratorExit(),
        TimeoutError(),
        ExceptionGroup("many", [ValueError("a"), OSError("b")]),
        MemoryError(),
    ],
)
async def test_whatever_a_provider_raises_the_reply_ends_and_keeps_what_came(
    open_manager: Any, error: BaseException
) -> None:
    class Stream:
        def __init__(self) -> None:
            self._sent = False

        def __aiter__(self) -> "Stream":
            return self

        async def __anext__(self) -> TextDelta:
            if self._sent:
                raise error
            self._sent = True
            return TextDelta("Hel")

    async with open_manager(providers=odd(lambda request: Stream())) as manager:
        session = await manager.create_session()
        end = await ask(manager, session.id, "Hello")
        assert isinstance(end, ReplyFailed)
        assert str(end.error).rstrip(".").split(":")[-1].strip()
        reply = (await manager.history(session.id))[1]
        assert (reply.text, reply.status) == ("Hel", "failed")
        assert manager.running() == []


@pytest.mark.parametrize(
    "part", ["text", None, TextDelta(5), ToolCall(ToolCallPart("1", "x", object())), 7]
)
async def test_what_is_no_part_of_a_reply_fails_it(open_manager: Any, part: Any) -> None:
    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        yield TextDelta("Hel")
        yield part
        yield Finished()

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        assert isinstance(await ask(manager, session.id, "Hello"), ReplyFailed)
        assert texts(await manager.history(session.id)) == ["Hello", "Hel"]


async def test_a_provider_without_a_stream_fails_the_reply(open_manager: Any) -> None:
    async with open_manager(providers=odd(lambda request: None)) as manager:
        session = await manager.create_session()
        assert isinstance(await ask(manager, session.id, "Hello"), ReplyFailed)


async def test_a_provider_without_a_name_fails_the_reply_and_keeps_what_came(
    open_manager: Any,
) -> None:
    class Nameless:
        async def stream(self, request: ReplyRequest) -> AsyncIterator[Any]:
            yield TextDelta("Hel")
            raise RuntimeError("kaput")

    registry = ProviderRegistry()
    registry.register("offline", Nameless)  # type: ignore[arg-type]
    async with open_manager(providers=registry) as manager:
        session = await manager.create_session()
        end = await ask(manager, session.id, "Hello")
        assert isinstance(end, ReplyFailed)
        assert "'offline' failed: kaput" in str(end.error)
        assert texts(await manager.history(session.id)) == ["Hello", "Hel"]


async def test_a_stream_without_an_end_was_cut_off(open_manager: Any) -> None:
    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        yield TextDelta("Hel")

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        end = await ask(manager, session.id, "Hello")
        assert isinstance(end, ReplyFailed)
        assert isinstance(end.error, ProviderError)
        assert end.error.kind == "cut_off"


async def test_thinking_and_tool_calls_are_kept_in_their_order(open_manager: Any) -> None:
    script = [
        {"thinking": "Hm"},
        {"thinking": "m"},
        "Let me ",
        "look",
        {"tool_call": {"name": "ls", "arguments": {"path": "."}, "id": "t1"}},
        "done",
        {"usage": {"input_tokens": 3}},
    ]
    async with open_manager() as manager:
        manager.providers.register("scripted", lambda: ScriptedProvider([script]))
        session = await manager.create_session()
        chat = await manager.create_chat(session.id, overrides={"provider": "scripted"})
        end = await ask(manager, session.id, "Hello", chat_id=chat.id)
        assert isinstance(end, ReplyDone)
        kinds = [type(part).__name__ for part in end.message.content]
        assert kinds == ["ThinkingPart", "TextPart", "ToolCallPart", "TextPart"]
        assert end.message.usage == Usage(input_tokens=3)
        assert (await manager.history(session.id))[1] == end.message


@pytest.mark.parametrize("failure", [StoreError("the disk is full"), OSError(28, "full")])
async def test_a_failing_disk_during_a_reply_is_told_and_the_text_is_handed_over(
    scripted: SessionManager,
    provider: ScriptedProvider,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
) -> None:
    monkeypatch.setattr(reply_reader, "SAVE_EVERY_S", 0.001)
    problems: list[Any] = []
    scripted.on("lifecycle_error", problems.append)
    session = await scripted.create_session()
    store = scripted._engine.store
    append = store.append

    async def failing(session_id: str, changes: Any, at: Any) -> Any:
        if any(getattr(change, "value", {}).get("role") == "assistant" for change in changes):
            raise failure
        return await append(session_id, changes, at)

    monkeypatch.setattr(store, "append", failing)
    turn = await asked(scripted, session.id)
    await until(lambda: bool(problems))
    provider.open("go")
    end = await turn.end()
    assert isinstance(end, ReplyFailed)
    assert end.message.text == "Hello"
    assert len(problems) == 2
    assert all(problem.operation == "save a reply" for problem in problems)
    assert {problem.error for problem in problems} == {failure}
    monkeypatch.undo()
    assert texts(await scripted.history(session.id)) == ["Hello", "Hello"]
    assert isinstance(await ask(scripted, session.id, "again"), ReplyDone)


async def test_a_disk_that_recovers_keeps_the_whole_reply(
    scripted: SessionManager, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_reader, "SAVE_EVERY_S", 0.001)
    problems: list[Any] = []
    scripted.on("lifecycle_error", problems.append)
    session = await scripted.create_session()
    store = scripted._engine.store
    append = store.append

    async def failing_once(session_id: str, changes: Any, at: Any) -> Any:
        reply = any(getattr(change, "value", {}).get("role") == "assistant" for change in changes)
        if reply and not problems:
            raise StoreError("the disk is full")
        return await append(session_id, changes, at)

    monkeypatch.setattr(store, "append", failing_once)
    turn = await asked(scripted, session.id)
    await until(lambda: bool(problems))
    provider.open("go")
    assert isinstance(await turn.end(), ReplyDone)
    assert texts(await scripted.history(session.id)) == ["Hello", "Hello"]


async def test_leaving_the_loop_or_being_cancelled_does_not_stop_the_reply(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    turn = await asked(scripted, session.id)
    await turn.leave()
    assert len(scripted.running()) == 1
    provider.open("go")
    await until(lambda: not scripted.running())
    assert texts(await scripted.history(session.id)) == ["Hello", "Hello"]


async def test_a_live_reply_can_be_looked_at(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    turn = await asked(scripted, session.id)
    [(session_id, chat_id)] = scripted.running()
    live = scripted.live_reply(session_id, chat_id)
    assert live is not None
    assert (live.text, live.status) == ("Hel", "partial")
    provider.open("go")
    await turn.end()
    assert scripted.live_reply(session_id, chat_id) is None


async def test_an_arriving_reply_is_on_disk_as_partial(
    scripted: SessionManager, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_reader, "SAVE_EVERY_S", 0.001)
    saved = asyncio.Event()
    session = await scripted.create_session()
    turn = await asked(scripted, session.id)
    scripted.on("saved", lambda event: saved.set())
    await saved.wait()
    reply = (await scripted.history(session.id))[1]
    assert (reply.text, reply.status) == ("Hel", "partial")
    provider.open("go")
    await turn.end()
    reply = (await scripted.history(session.id))[1]
    assert (reply.text, reply.status) == ("Hello", "complete")


async def test_a_reply_on_its_way_does_not_move_its_session_up_with_every_save(
    scripted: SessionManager, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_reader, "SAVE_EVERY_S", 0.001)
    saved = asyncio.Event()
    scripted.on("saved", lambda event: event.session.message_count == 2 and saved.set())
    one, two = await scripted.create_session(), await scripted.create_session()
    turn = await asked(scripted, one.id)
    await scripted.touch(two.id)
    await saved.wait()
    assert (await scripted.history(one.id))[1].text == "Hel"
    assert [session.id for session in await scripted.list_sessions()] == [two.id, one.id]
    provider.open("go")
    await turn.end()
    assert [session.id for session in await scripted.list_sessions()] == [one.id, two.id]


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


async def test_regenerate_replaces_the_last_reply_and_asks_the_same(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    await ask(scripted, session.id, "Hello")
    before = await scripted.history(session.id)
    async for event in scripted.regenerate(session.id):
        last = event
    assert isinstance(last, ReplyDone)
    after = await scripted.history(session.id)
    assert after[0] == before[0]
    assert len(after) == 2
    assert after[1].id != before[1].id
    assert [texts(list(r.messages)) for r in provider.requests] == [["Hello"], ["Hello"]]


async def test_the_old_reply_stays_until_something_of_the_new_one_came(
    open_manager: Any,
) -> None:
    scripts = iter([["First"], [{"error": "No."}], [{"gate": "never"}]])

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        async for part in ScriptedProvider([next(scripts)]).stream(request):
            yield part

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        await ask(manager, session.id, "Hello")
        events = [event async for event in manager.regenerate(session.id)]
        assert isinstance(events[-1], ReplyFailed)
        assert texts(await manager.history(session.id)) == ["Hello", "First"]
        turn = Watched(manager.regenerate(session.id))
        await turn.until("reply_started")
        await manager.stop(session.id)
        assert isinstance(await turn.end(), ReplyStopped)
        assert texts(await manager.history(session.id)) == ["Hello", "First"]


async def test_what_is_added_while_a_reply_is_made_again_stays(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    await ask(scripted, session.id, "Hello")
    provider._gates.clear()
    turn = Watched(scripted.regenerate(session.id))
    await turn.until("reply_delta")
    await scripted.add_message(session.id, "A note", role="system")
    provider.open("go")
    await turn.end()
    assert set(texts(await scripted.history(session.id))) == {"Hello", "A note"}
    assert len(await scripted.history(session.id)) == 3


async def test_regenerate_without_a_question_is_refused(manager: SessionManager) -> None:
    session = await manager.create_session()
    with pytest.raises(ChatNotFound):
        await anext(manager.regenerate(session.id))
    chat = await manager.create_chat(session.id)
    with pytest.raises(InvalidValue):
        await anext(manager.regenerate(session.id, chat.id))


async def test_an_agent_sees_its_own_chat_only_and_not_what_failed(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    one = await scripted.create_chat(session.id)
    two = await scripted.create_chat(session.id)
    await ask(scripted, session.id, "secret of one", chat_id=one.id)
    await scripted.add_message(
        session.id,
        Message(id="f", role="assistant", content=(TextPart("broken"),), status="failed"),
        chat_id=two.id,
    )
    await ask(scripted, session.id, "question of two", chat_id=two.id)
    assert texts(list(provider.requests[-1].messages)) == ["question of two"]


async def test_max_messages_limits_what_is_sent_and_erases_nothing(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    chat = await scripted.create_chat(session.id, max_messages=4)
    await scripted.add_message(session.id, "Rules", role="system")
    for number in range(4):
        await ask(scripted, session.id, f"q{number}")
    sent = texts(list(provider.requests[-1].messages))
    assert (sent[0], sent[-1], len(sent)) == ("Rules", "q3", 4)
    assert len(await scripted.history(session.id, chat.id)) == 9
    await scripted.update_chat(session.id, chat.id, max_messages=1)
    await ask(scripted, session.id, "q4")
    assert texts(list(provider.requests[-1].messages)) == ["Rules", "q4"]


async def test_eight_chats_side_by_side_do_not_mix(open_manager: Any) -> None:
    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        question = request.messages[-1].text
        for number in range(20):
            await asyncio.sleep(0)
            yield TextDelta(f"{question}-{number} ")
        yield Finished()

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        chats = [await manager.create_chat(session.id) for _ in range(8)]
        for turn in range(3):
            await asyncio.gather(
                *(ask(manager, session.id, f"{chat.id}:{turn}", chat_id=chat.id) for chat in chats)
            )
        for chat in chats:
            history = await manager.history(session.id, chat.id)
            assert len(history) == 6
            assert all(
                word.startswith(chat.id) for message in history for word in message.text.split()
            )


async def test_usage_of_every_turn_adds_up(open_manager: Any) -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3, "cache_write_tokens": 4}
    registry = odd(ScriptedProvider([["Hi", {"usage": usage}]]).stream)
    async with open_manager(providers=registry) as manager:
        session = await manager.create_session()
        for _ in range(3):
            await ask(manager, session.id, "Hello")
        stats = await manager.stats(session.id)
        assert stats.usage == Usage(
            input_tokens=3, output_tokens=6, cache_read_tokens=9, cache_write_tokens=12
        )


@pytest.mark.parametrize("content", ["", "  \n", [], [TextPart(" ")], 5, None, [5], {"a": 1}])
async def test_a_message_that_says_nothing_is_refused(
    manager: SessionManager, content: Any
) -> None:
    session = await manager.create_session()
    with pytest.raises(InvalidValue):
        await ask(manager, session.id, content)
    with pytest.raises(InvalidValue):
        await manager.add_message(session.id, content)
    assert (await manager.get_session(session.id)).chats == ()


async def test_a_paused_archived_or_expired_session_is_not_answered(
    manager: SessionManager,
) -> None:
    for operation in ("pause", "archive", "expire"):
        session = await manager.create_session()
        await getattr(manager, operation)(session.id)
        with pytest.raises(SessionStateError) as caught:
            await ask(manager, session.id, "Hello")
        assert (caught.value.session_id, caught.value.operation) == (session.id, "send")
        assert await manager.history(session.id) == []


async def test_shutdown_stops_and_keeps_running_replies_and_can_be_called_twice(
    open_manager: Any, provider: ScriptedProvider
) -> None:
    registry = ProviderRegistry()
    registry.register("offline", lambda: provider)
    async with open_manager(providers=registry) as manager:
        session = await manager.create_session()
        turn = await asked(manager, session.id)
        await asyncio.gather(manager.shutdown(), manager.shutdown())
        await manager.close()
        assert isinstance(await turn.end(), ReplyStopped)
    async with open_manager() as manager:
        reply = (await manager.history(session.id))[1]
        assert (reply.text, reply.status) == ("Hel", "stopped")

"""Turns whose provider or disk fails: what came is kept, and the reason told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from engine_driving import ask, begun, odd, texts, until

from tui_sessions import (
    Finished,
    ProviderError,
    ProviderRegistry,
    ReplyDone,
    ReplyFailed,
    ReplyRequest,
    ScriptedProvider,
    SessionManager,
    StoreError,
    TextDelta,
    ToolCall,
    ToolCallPart,
)
from tui_sessions.engine.turn import reply_reader


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


def refuse_replies(
    manager: SessionManager,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Callable[[], Exception | None],
) -> None:
    """Have a disk take no reply as long as there is a reason."""
    store = manager._engine.store
    append = store.append

    async def failing(session_id: str, changes: Any, at: Any) -> Any:
        reply = any(getattr(change, "value", {}).get("role") == "assistant" for change in changes)
        if reply and (reason := refusal()) is not None:
            raise reason
        return await append(session_id, changes, at)

    monkeypatch.setattr(store, "append", failing)


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
    refuse_replies(scripted, monkeypatch, lambda: failure)
    turn = await begun(scripted, session.id)
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
    full = StoreError("the disk is full")
    refuse_replies(scripted, monkeypatch, lambda: None if problems else full)
    turn = await begun(scripted, session.id)
    await until(lambda: bool(problems))
    provider.open("go")
    assert isinstance(await turn.end(), ReplyDone)
    assert texts(await scripted.history(session.id)) == ["Hello", "Hello"]

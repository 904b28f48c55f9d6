"""Going on with a reply that was cut off: after a stop, a failure, a kill, or the model's limit."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from engine_driving import Watched, ask, odd, texts, until
from tool_driving import NEXT, Slow, call, register, results, shape, tool_chat

from tui_sessions import (
    AgentConfig,
    ChatNotFound,
    Finished,
    Limits,
    Message,
    ReplyDelta,
    ReplyDone,
    ReplyFailed,
    ReplyRequest,
    ReplyStarted,
    ReplyStopped,
    SessionBusy,
    SessionLimitError,
    SessionManager,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ThinkingPart,
    Usage,
    open_sessions,
)
from tui_sessions.engine.turn import other_writers, reply_reader
from tui_sessions.engine.turn.requests import GO_ON
from tui_sessions.errors import InvalidValue
from tui_sessions.model.codec import message_data
from tui_sessions.stores.file import FileStore


@pytest.fixture(autouse=True)
def _nobody_else_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was cut off just now is gone on with at once: no test waits for another program."""
    monkeypatch.setattr(other_writers, "STILL_S", 0.0)


async def continued(manager: SessionManager, session_id: str) -> list[Any]:
    """All events of going on."""
    return [event async for event in manager.continue_reply(session_id)]


async def chat_with(manager: SessionManager, *steps: Any, **reply: Any) -> str:
    """A session with a question and a reply to it that is cut off, and a script to go on."""
    session = await manager.create_session()
    await manager.create_chat(
        session.id,
        agent=AgentConfig(provider="scripted", parameters={"script": [["-", NEXT, *steps]]}),
    )
    await manager.add_message(session.id, "Tell me")
    if reply:
        fields = {"id": "r", "content": (TextPart("Once upon"),), "status": "stopped"} | reply
        await manager.add_message(session.id, Message(role="assistant", **fields))
    return session.id


@pytest.mark.parametrize("status", ["partial", "stopped", "failed", "length"])
async def test_the_same_message_grows_and_becomes_complete(
    manager: SessionManager, status: str
) -> None:
    reply: dict[str, Any] = {"status": status, "error": "No." if status == "failed" else None}
    if status == "length":
        reply = {"status": "complete", "metadata": {"finish_reason": "length", "mine": 1}}
    session = await chat_with(manager, " a", " time.", {"usage": {"output_tokens": 3}},
        usage=Usage(input_tokens=5, output_tokens=2), elapsed_s=2.0, **reply)  # fmt: skip
    started, *deltas, done = await continued(manager, session)
    assert isinstance(started, ReplyStarted)
    assert started.prompt is None
    assert [(d.text, d.offset, d.message_id) for d in deltas] == [
        (" a", 9, "r"),
        (" time.", 11, "r"),
    ]
    assert isinstance(done, ReplyDone)
    _, message = await manager.history(session)
    assert message == done.message
    assert message.content == (TextPart("Once upon a time."),)
    assert (message.id, message.status, message.error) == ("r", "complete", None)
    assert message.usage == Usage(input_tokens=5, output_tokens=5)
    assert message.elapsed_s is not None
    assert message.elapsed_s >= 2
    assert message.metadata == ({"mine": 1} if status == "length" else {})
    assert isinstance(await ask(manager, session, "Thanks"), ReplyDone)


async def test_the_model_is_asked_to_go_on_and_nothing_of_that_is_kept(open_manager: Any) -> None:
    requests: list[ReplyRequest] = []

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        requests.append(request)
        yield TextDelta(" a time.")
        yield Finished()

    async with open_manager(providers=odd(play)) as manager:
        session = await chat_with(manager, status="failed")
        chat = (await manager.get_session(session)).chats[0]
        await manager.set_agent(session, chat.id, AgentConfig(provider="offline"))
        await manager.update_chat(session, chat.id, max_messages=1)
        await continued(manager, session)
        assert texts(await manager.history(session)) == ["Tell me", "Once upon a time."]
    [request] = requests
    assert [(m.role, m.text) for m in request.messages] == [
        ("user", "Tell me"), ("assistant", "Once upon"), ("user", GO_ON),
    ]  # fmt: skip


async def test_thinking_that_was_cut_off_goes_on_too(open_manager: Any) -> None:
    requests: list[ReplyRequest] = []

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        requests.append(request)
        yield ThinkingDelta("mm.")
        yield TextDelta("Yes")
        yield Finished()

    async with open_manager(providers=odd(play)) as manager:
        session = await chat_with(manager, content=(ThinkingPart("H"),))
        chat = (await manager.get_session(session)).chats[0]
        await manager.set_agent(session, chat.id, AgentConfig(provider="offline"))
        events = await continued(manager, session)
        assert [e.offset for e in events if isinstance(e, ReplyDelta)] == [1, 4]
        assert (await manager.history(session))[1].content == (
            ThinkingPart("Hmm."), TextPart("Yes"),
        )  # fmt: skip
    assert GO_ON not in texts(list(requests[0].messages)), "there is no text to go on with"


@pytest.mark.parametrize("status", ["partial", "stopped", "failed"])
@pytest.mark.parametrize("how", ["fails", "is stopped"])
async def test_going_on_in_vain_leaves_the_reply_as_it_was(
    open_manager: Any, status: str, how: str
) -> None:
    async with open_manager() as manager:
        step = {"error": "No."} if how == "fails" else {"gate": "never"}
        session = await chat_with(manager, step, status=status)
        before = await manager.history(session)
        turn = Watched(manager.continue_reply(session))
        await turn.until("reply_started")
        if how == "is stopped":
            await manager.stop(session)
        assert isinstance(await turn.end(), ReplyFailed if how == "fails" else ReplyStopped)
        assert await manager.history(session) == before
    async with open_manager() as manager:
        assert await manager.history(session) == before


async def test_going_on_that_is_cut_off_again_keeps_both_pieces(manager: SessionManager) -> None:
    session = await chat_with(manager, " a", {"error": "No."}, usage=Usage(output_tokens=2))
    events = await continued(manager, session)
    assert isinstance(events[-1], ReplyFailed)
    _, reply = await manager.history(session)
    assert (reply.text, reply.status, reply.error) == ("Once upon a", "failed", "No.")
    assert reply.usage == Usage(output_tokens=2)


async def test_what_was_counted_before_a_reply_broke_off_counts_with_what_came_later(
    manager: SessionManager,
) -> None:
    used, more = {"input_tokens": 4, "output_tokens": 1}, {"input_tokens": 6, "output_tokens": 5}
    script = [[{"used": used}, "Once", {"gate": "never"}, NEXT, " more.", {"usage": more}]]
    session = await manager.create_session()
    await manager.create_chat(
        session.id, overrides={"provider": "scripted", "parameters": {"script": script}}
    )
    turn = Watched(manager.send(session.id, "Go"))
    await turn.until("reply_delta")
    await manager.stop(session.id)
    end = await turn.end()
    assert isinstance(end, ReplyStopped)
    assert end.message.usage == Usage(input_tokens=4, output_tokens=1)
    await continued(manager, session.id)
    reply = (await manager.history(session.id))[-1]
    assert (reply.text, reply.usage) == ("Once more.", Usage(input_tokens=10, output_tokens=6))


async def test_a_whole_reply_is_not_gone_on_with(manager: SessionManager) -> None:
    session = await chat_with(manager, "x", status="complete")
    before = await manager.history(session)
    with pytest.raises(InvalidValue):
        await continued(manager, session)
    assert await manager.history(session) == before
    empty = await manager.create_session()
    await manager.create_chat(empty.id)
    with pytest.raises(InvalidValue):
        await continued(manager, empty.id)


async def test_a_question_without_a_reply_gets_one(manager: SessionManager) -> None:
    session = await chat_with(manager)
    events = await continued(manager, session)
    assert isinstance(events[-1], ReplyDone)
    assert texts(await manager.history(session)) == ["Tell me", "-"]


async def test_a_chat_that_goes_on_is_busy(manager: SessionManager) -> None:
    session = await chat_with(manager, {"gate": "never"}, status="stopped")
    turn = Watched(manager.continue_reply(session))
    await turn.until("reply_started")
    for second in (manager.send(session, "x"), manager.continue_reply(session)):
        with pytest.raises(SessionBusy):
            await anext(second)
    fork = await manager.fork(session)
    assert texts(await manager.history(fork.id)) == ["Tell me"]
    await manager.stop(session)
    await turn.end()


async def test_where_there_is_nothing_to_go_on_with_a_sentence_says_so(
    manager: SessionManager,
) -> None:
    session = (await manager.create_session()).id
    for again in (manager.continue_reply, manager.regenerate):
        with pytest.raises(ChatNotFound, match="has no chat yet; send a message"):
            await anext(again(session))
    await manager.create_chat(session)
    with pytest.raises(InvalidValue, match="There is nothing to go on with"):
        await anext(manager.continue_reply(session))
    with pytest.raises(InvalidValue, match="has no question to answer again"):
        await anext(manager.regenerate(session))


async def test_going_on_takes_no_place_of_its_own(open_manager: Any) -> None:
    async with open_manager(limits=Limits(messages_per_chat=2)) as manager:
        session = await chat_with(manager, " a time.", status="stopped")
        with pytest.raises(SessionLimitError):
            await manager.add_message(session, "A note")
        assert isinstance((await continued(manager, session))[-1], ReplyDone)
        assert len(await manager.history(session)) == 2


async def test_a_turn_stopped_among_its_tools_goes_on_with_those_that_have_no_result(
    manager: SessionManager,
) -> None:
    got = register(manager)
    steps = ("See.", call("add", a=1, b=2), call("add", "t2", a=3, b=4), NEXT, "Both.")
    session, _ = await tool_chat(manager, *steps)
    turn = Watched(manager.send(session, "Go"))
    await turn.until("tool_asked")
    await manager.answer_tool_call(session, "t1", True)
    await turn.until("tool_done")
    await manager.stop(session)
    await turn.end()
    turn = Watched(manager.continue_reply(session))
    await turn.until("tool_asked")
    assert [one.id for _, _, one in manager.waiting_tool_calls()] == ["t2"]
    assert (await manager.history(session))[1].status == "complete"
    await manager.answer_tool_call(session, "t2", True)
    assert isinstance(await turn.end(), ReplyDone)
    assert got == [(1, 2), (3, 4)]
    assert shape(await manager.history(session)) == [
        ("user", "complete", "Go"),
        ("assistant", "complete", "See."),
        ("tool", "complete", "3"),
        ("tool", "complete", "7"),
        ("assistant", "complete", "Both."),
    ]


async def test_a_tool_that_was_done_when_another_was_stopped_does_not_run_again(
    manager: SessionManager,
) -> None:
    slow, ran = Slow(), []

    async def quick() -> str:
        ran.append("quick")
        return "done"

    manager.tools.register(slow.tool())
    manager.tools.register(quick)
    steps = (call("slow"), call("quick", "t2"), NEXT, "Both.")
    session, _ = await tool_chat(manager, *steps, tools=["slow", "quick"])
    turn = Watched(manager.send(session, "Go"))
    await turn.until("tool_asked")
    for id_ in ("t1", "t2"):
        await manager.answer_tool_call(session, id_, True)
    await slow.begun.wait()
    await until(lambda: bool(ran))
    await manager.stop(session)
    assert isinstance(await turn.end(), ReplyStopped)
    assert shape(await manager.history(session))[1:] == [
        ("assistant", "stopped", ""), ("tool", "complete", "done"),
    ]  # fmt: skip
    slow.go.set()
    manager.allow_tool(session, "slow")
    assert isinstance((await continued(manager, session))[-1], ReplyDone)
    assert ran == ["quick"]
    assert [results(m) for m in (await manager.history(session))[2:4]] == ["done", "at last"]


async def test_a_reply_that_broke_off_after_a_call_goes_on_with_the_call(
    manager: SessionManager,
) -> None:
    register(manager)
    session, _ = await tool_chat(
        manager, "See.", call("add", a=1, b=2), {"error": "Gone."}, NEXT, "Three."
    )
    assert isinstance(await ask(manager, session, "Go"), ReplyFailed)
    manager.allow_tool(session, "add")
    assert isinstance((await continued(manager, session))[-1], ReplyDone)
    history = await manager.history(session)
    assert [m.role for m in history] == ["user", "assistant", "tool", "assistant"]
    assert results(history[2]) == "3"
    assert history[1].metadata == {"finish_reason": "tool_call"}


async def test_a_tool_that_is_gone_is_answered_with_a_sentence(open_manager: Any) -> None:
    async with open_manager() as manager:
        register(manager)
        session, _ = await tool_chat(manager, call("add", a=1, b=2), NEXT, "Pity.")
        turn = Watched(manager.send(session, "Go"))
        await turn.until("tool_asked")
        await manager.stop(session)
    async with open_manager() as manager:
        assert isinstance((await continued(manager, session))[-1], ReplyDone)
        assert "There is no tool 'add'" in results((await manager.history(session))[2])


_GROWING = """
import asyncio, sys
from tui_sessions import *
async def main():
    registry = ProviderRegistry()
    words = [step for i in range(10_000) for step in (f"{sys.argv[2]}{i} ", {"delay_s": 0.005})]
    registry.register("offline", lambda: ScriptedProvider([words]))
    async with open_sessions("file://" + sys.argv[1], providers=registry) as manager:
        if sys.argv[2] == "a":
            await manager.create_session(id="s")
            events = manager.send("s", "Hello")
        else:
            events = manager.continue_reply("s")
        async for event in events:
            if isinstance(event, ReplyDelta):
                print(event.text, flush=True)
asyncio.run(main())
"""


async def killed_in_mid_stream(folder: Path, letter: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _GROWING, str(folder), letter, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    loop = asyncio.get_running_loop()
    first = await process.stdout.readline()
    assert first
    begun = loop.time()
    while loop.time() - begun < 2 * reply_reader.SAVE_EVERY_S:
        assert await process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()


async def test_a_reply_that_was_killed_twice_goes_on_without_a_word_lost_or_doubled(
    tmp_path: Path,
) -> None:
    await killed_in_mid_stream(tmp_path, "a")
    await killed_in_mid_stream(tmp_path, "b")
    async with open_sessions(f"file://{tmp_path}") as manager:
        _, reply = await manager.history("s")
        assert reply.status == "partial"
        words = reply.text.split()
        ours = [word for word in words if word.startswith("a")]
        more = [word for word in words if word.startswith("b")]
        assert words == [*ours, *more]
        assert ours == [f"a{i}" for i in range(len(ours))]
        assert more == [f"b{i}" for i in range(len(more))]
        assert ours
        assert more
        events = await continued(manager, "s")
        assert isinstance(events[-1], ReplyDone)
        after = await manager.history("s")
        assert len(after) == 2
        assert after[1].text.startswith(reply.text)
        assert after[1].status == "complete"


async def test_a_reply_that_goes_on_is_partial_on_disk_meanwhile(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_reader, "SAVE_EVERY_S", 0.001)
    session = await chat_with(manager, " a", {"gate": "never"}, status="failed", error="No.")
    turn = Watched(manager.continue_reply(session))
    await turn.until("reply_delta")
    reply = (await manager.history(session))[-1]
    while reply.status != "partial":
        await asyncio.sleep(0.002)
        reply = (await manager.history(session))[-1]
    assert (reply.text, reply.status, reply.error) == ("Once upon a", "partial", None)
    await manager.stop(session)
    await turn.end()
    _, reply = await manager.history(session)
    assert (reply.text, reply.status) == ("Once upon a", "stopped")
    assert message_data(reply)["content"] == [msgspec.to_builtins(TextPart("Once upon a"))]


class Unclaimed(FileStore):
    """A store that cannot tell who is answering in a chat."""

    claim_turn = None  # type: ignore[assignment]


async def test_a_reply_that_another_program_is_writing_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_reader, "SAVE_EVERY_S", 0.02)
    monkeypatch.setattr(other_writers, "STILL_S", 60.0)
    monkeypatch.setattr(other_writers, "_LOOK_EVERY_S", 0.02)
    stores = [Unclaimed(tmp_path), Unclaimed(tmp_path)]
    async with open_sessions(stores[0]) as one, open_sessions(stores[1]) as other:
        session = await one.create_session()
        script = [["word ", {"delay_s": 0.01}] * 5000]
        agent = AgentConfig(provider="scripted", parameters={"script": script})
        await one.create_chat(session.id, agent=agent)
        turn = Watched(one.send(session.id, "Go"))
        await turn.until("reply_delta")
        while (await other.history(session.id))[-1].status != "partial":
            await asyncio.sleep(0.01)
        for again in (other.continue_reply, other.regenerate):
            with pytest.raises(SessionBusy):
                _ = [event async for event in again(session.id)]
        await one.stop(session.id)
        end = await turn.end()
        assert isinstance(end, ReplyStopped)
        assert (await other.history(session.id))[-1].text == end.message.text
        going_on = Watched(other.continue_reply(session.id))
        await going_on.until("reply_started")
        await other.stop(session.id)
        await going_on.end()

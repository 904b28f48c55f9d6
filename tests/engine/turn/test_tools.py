"""Tools in a turn: asked for, run and failing, and what of them is kept and sent."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from engine_driving import Watched, ask, odd, texts
from tool_driving import NEXT, Slow, asked, call, register, results, shape, tool_chat

from tui_sessions import (
    Finished,
    Limits,
    ReplyDelta,
    ReplyDone,
    ReplyFailed,
    ReplyRequest,
    ReplyStep,
    SessionBusy,
    SessionLimitError,
    SessionManager,
    Settings,
    TextDelta,
    ToolAsked,
    ToolCall,
    ToolCallPart,
    ToolDone,
    ToolError,
    ToolSettings,
    Usage,
)


async def test_a_call_is_asked_for_run_and_followed_by_a_reply(manager: SessionManager) -> None:
    got = register(manager)
    session, _ = await tool_chat(manager, "Let me see.", call("add", a=1, b=2), NEXT, "Three.")
    turn = await asked(manager, session)
    [question] = [event for event in turn.events if isinstance(event, ToolAsked)]
    assert (question.tool, question.description) == ("add", "Adds two numbers.")
    assert question.call == ToolCallPart("t1", "add", {"a": 1, "b": 2})
    assert [call.id for _, _, call in manager.waiting_tool_calls()] == ["t1"]
    assert got == []
    assert await manager.answer_tool_call(session, "t1", True)
    end = await turn.end()
    assert isinstance(end, ReplyDone)
    assert got == [(1, 2)]
    assert shape(await manager.history(session)) == [
        ("user", "complete", "Go"),
        ("assistant", "complete", "Let me see."),
        ("tool", "complete", "3"),
        ("assistant", "complete", "Three."),
    ]
    assert [event.name for event in turn.events] == [
        "reply_started", "reply_delta", "reply_step", "tool_asked", "tool_started", "tool_done",
        "reply_delta", "reply_done",
    ]  # fmt: skip
    assert manager.waiting_tool_calls() == []
    assert not await manager.answer_tool_call(session, "t1", True)


async def test_every_message_of_a_turn_has_an_id_of_its_own_and_offsets_from_nothing(
    manager: SessionManager,
) -> None:
    register(manager)
    session, _ = await tool_chat(manager, "One", call("add", a=1, b=2), NEXT, "Two")
    manager.allow_tool(session, "add")
    turn = Watched(manager.send(session, "Go"))
    await turn.end()
    first, second = (event for event in turn.events if isinstance(event, ReplyDelta))
    [step] = [event for event in turn.events if isinstance(event, ReplyStep)]
    [done] = [event for event in turn.events if isinstance(event, ToolDone)]
    assert first.message_id == step.message_id == step.message.id == done.message_id
    assert second.message_id == turn.events[-1].message_id != first.message_id
    assert (first.offset, second.offset) == (0, 0)
    history = await manager.history(session)
    assert [m.id for m in history[1:]] == [step.message.id, done.message.id, second.message_id]
    assert step.message.metadata == {"finish_reason": "tool_call"}


async def test_each_request_carries_what_the_tools_gave_back(open_manager: Any) -> None:
    requests: list[ReplyRequest] = []

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        requests.append(request)
        if len(requests) < 3:
            yield ToolCall(ToolCallPart(f"t{len(requests)}", "add", {"a": len(requests), "b": 1}))
        else:
            yield TextDelta("Done")
        yield Finished(usage=Usage(input_tokens=1), finish_reason="stop")

    async with open_manager(providers=odd(play)) as manager:
        register(manager)
        session = await manager.create_session()
        await manager.create_chat(session.id, overrides={"tools": ["add"]})
        manager.allow_tool(session.id, "add")
        assert isinstance(await ask(manager, session.id, "Go"), ReplyDone)
        stats = await manager.stats(session.id)
    assert [[m.role for m in request.messages] for request in requests] == [
        ["user"],
        ["user", "assistant", "tool"],
        ["user", "assistant", "tool", "assistant", "tool"],
    ]
    assert [results(m) for m in requests[2].messages if m.role == "tool"] == ["2", "3"]
    assert [tool.name for tool in requests[0].tools] == ["add"]
    assert requests[0].tools[0].parameters["required"] == ["a", "b"]
    assert stats.usage == Usage(input_tokens=3)


async def test_several_calls_run_side_by_side_and_their_results_keep_the_order_of_the_calls(
    manager: SessionManager,
) -> None:
    first, second = Slow(), Slow()
    manager.tools.register(first.tool(), name="first")
    manager.tools.register(second.tool(), name="second")
    steps = (call("first"), call("second", "t2"), NEXT, "Done")
    session, _ = await tool_chat(manager, *steps, tools=["first", "second"])
    for name in ("first", "second"):
        manager.allow_tool(session, name)
    turn = Watched(manager.send(session, "Go"))
    await first.begun.wait()
    await second.begun.wait()
    second.go.set()
    first.go.set()
    await turn.end()
    done = [event.message for event in turn.events if isinstance(event, ToolDone)]
    assert [message.content[0].call_id for message in done] == ["t1", "t2"]  # type: ignore[union-attr]
    assert [m.id for m in (await manager.history(session))[2:4]] == [m.id for m in done]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (call("add", a="x", b=2), "The arguments do not fit"),
        (call("add", a=1), "The arguments do not fit"),
        (call("rm", path="/"), "There is no tool 'rm'; there are: add, broken, late"),
        ({"tool_call": {"name": "add", "id": "t1", "arguments": "{a"}}, "no JSON object"),
        (call("broken"), "The tool failed: ZeroDivisionError"),
        (call("late"), "nothing back within 0.05 s"),
    ],
)
async def test_a_call_that_fails_is_a_result_that_says_so(
    open_manager: Any, step: Any, says: str
) -> None:
    def broken() -> float:
        return 1 / 0

    async def late() -> None:
        await asyncio.Event().wait()

    settings = Settings(tools=ToolSettings(timeout_s=0.05))
    async with open_manager(settings=settings, approve=lambda *_: True) as manager:
        register(manager)
        manager.tools.register(broken)
        manager.tools.register(late)
        names = ["add", "broken", "late"]
        session, _ = await tool_chat(manager, step, NEXT, "Sorry.", tools=names)
        assert isinstance(await ask(manager, session, "Go"), ReplyDone)
        history = await manager.history(session)
    assert results(history[2]).startswith("!")
    assert says in results(history[2])
    assert history[3].text == "Sorry."


async def test_a_tool_that_blocks_holds_nobody_up(manager: SessionManager) -> None:
    import threading

    go = threading.Event()
    manager.tools.register(lambda: go.wait() and "free", name="block")
    session, _ = await tool_chat(manager, call("block"), NEXT, "Done", tools=["block"])
    manager.allow_tool(session, "block")
    turn = Watched(manager.send(session, "Go"))
    await turn.until("tool_started")
    await manager.create_session()
    go.set()
    assert isinstance(await turn.end(), ReplyDone)
    assert results((await manager.history(session))[2]) == "free"


async def test_names_that_no_tool_has_are_told_once_and_the_turn_goes_on(
    manager: SessionManager,
) -> None:
    problems: list[Any] = []
    manager.on("lifecycle_error", problems.append)
    session, _ = await tool_chat(manager, "Hello", tools=["nothing", "no/where"])
    assert isinstance(await ask(manager, session, "Go"), ReplyDone)
    assert isinstance(await ask(manager, session, "Again"), ReplyDone)
    assert [type(problem.error) for problem in problems] == [ToolError, ToolError]
    assert "'nothing'" in str(problems[0].error)


async def test_an_agent_without_tools_keeps_a_call_as_it_came(manager: SessionManager) -> None:
    got = register(manager)
    session, _ = await tool_chat(manager, call("add", a=1, b=2), tools=[])
    end = await ask(manager, session, "Go")
    assert isinstance(end, ReplyDone)
    assert end.message.content == (ToolCallPart("t1", "add", {"a": 1, "b": 2}),)
    assert got == []


async def test_tools_run_so_often_in_a_turn_and_no_oftener(open_manager: Any) -> None:
    settings = Settings(tools=ToolSettings(max_rounds=2))
    async with open_manager(settings=settings, approve=lambda *_: True) as manager:
        got = register(manager)
        session, _ = await tool_chat(manager, call("add", a=1, b=2))
        end = await ask(manager, session, "Go")
        assert isinstance(end, ReplyFailed)
        assert isinstance(end.error, ToolError)
        assert "tools.max_rounds" in str(end.error)
        assert len(got) == 2
        replies = [results(m) for m in await manager.history(session) if m.role == "tool"]
        assert replies[:2] == ["3", "3"]
        assert "which is the limit" in replies[2]
        assert isinstance(await ask(manager, session, "Thanks"), ReplyDone)


async def test_a_long_result_is_kept_and_sent_shortened(open_manager: Any) -> None:
    requests: list[ReplyRequest] = []

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        requests.append(request)
        if len(requests) == 1:
            yield ToolCall(ToolCallPart("t1", "much", {}))
        yield Finished()

    settings = Settings(tools=ToolSettings(longest_result=100))
    providers = odd(play)
    async with open_manager(
        settings=settings, approve=lambda *_: True, providers=providers
    ) as manager:
        manager.tools.register(lambda: "x" * 5000, name="much")
        session = await manager.create_session()
        await manager.create_chat(session.id, overrides={"tools": ["much"]})
        await ask(manager, session.id, "Go")
        assert len(results((await manager.history(session.id))[2])) == 5000
    sent = results(requests[1].messages[2])
    assert sent == "x" * 100 + "\n[… 4,900 more characters were left out]"


async def test_messages_per_chat_holds_in_a_tool_loop(open_manager: Any) -> None:
    steps = (call("add", a=1, b=2), NEXT, call("add", "t2", a=1, b=2), NEXT, "Done")
    for limit, expected in ((6, ReplyDone), (5, ReplyFailed), (3, ReplyFailed)):
        limits = Limits(messages_per_chat=limit)
        async with open_manager(limits=limits, approve=lambda *_: True) as manager:
            register(manager)
            session, _ = await tool_chat(manager, *steps)
            end = await ask(manager, session, "Go")
            assert isinstance(end, expected)
            assert len(await manager.history(session)) <= limit
            if isinstance(end, ReplyFailed):
                assert isinstance(end.error, SessionLimitError)


async def test_the_place_of_a_reply_to_come_is_taken(open_manager: Any) -> None:
    async with open_manager(limits=Limits(messages_per_chat=4)) as manager:
        register(manager)
        session, _ = await tool_chat(manager, call("add", a=1, b=2), NEXT, "Done")
        turn = await asked(manager, session)
        with pytest.raises(SessionLimitError):
            await manager.add_message(session, "A note")
        await manager.answer_tool_call(session, "t1", True)
        assert isinstance(await turn.end(), ReplyDone)
        assert len(await manager.history(session)) == 4


async def test_a_chat_is_busy_while_it_waits_and_the_session_can_be_forked_and_moved(
    manager: SessionManager,
) -> None:
    register(manager)
    session, _ = await tool_chat(manager, "See.", call("add", a=1, b=2), NEXT, "Three")
    turn = await asked(manager, session)
    with pytest.raises(SessionBusy):
        await anext(manager.send(session, "x"))
    fork = await manager.fork(session)
    assert texts(await manager.history(fork.id)) == ["Go", "See."]
    await manager.move(session, "elsewhere")
    assert manager.workspace("default").waiting_tool_calls() == []
    face = manager.workspace("elsewhere")
    assert len(face.waiting_tool_calls()) == 1
    await face.answer_tool_call(session, "t1", True)
    end = await turn.end()
    assert isinstance(end, ReplyDone)
    assert end.workspace_id == "elsewhere"
    assert isinstance(await ask(manager, fork.id, "And here?"), ReplyDone)


async def test_regenerating_replaces_everything_after_the_question(manager: SessionManager) -> None:
    register(manager)
    session, _ = await tool_chat(manager, "See.", call("add", a=1, b=2), NEXT, "Three")
    manager.allow_tool(session, "add")
    await ask(manager, session, "Go")
    before = await manager.history(session)
    events = [event async for event in manager.regenerate(session)]
    assert isinstance(events[-1], ReplyDone)
    after = await manager.history(session)
    assert shape(after) == shape(before)
    assert after[0] == before[0]
    assert not {m.id for m in after[1:]} & {m.id for m in before[1:]}


async def test_calls_without_an_id_of_their_own_get_one(open_manager: Any) -> None:
    rounds = iter(range(3))

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        if next(rounds) < 2:
            yield ToolCall(ToolCallPart("same", "add", {"a": 1, "b": 1}))
            yield ToolCall(ToolCallPart("same", "add", {"a": 2, "b": 2}))
            yield ToolCall(ToolCallPart("", "add", {"a": 3, "b": 3}))
        yield Finished()

    async with open_manager(providers=odd(play), approve=lambda *_: True) as manager:
        register(manager)
        session = await manager.create_session()
        await manager.create_chat(session.id, overrides={"tools": ["add"]})
        assert isinstance(await ask(manager, session.id, "Go"), ReplyDone)
        history = await manager.history(session.id)
    ids = [p.id for m in history for p in m.content if isinstance(p, ToolCallPart)]
    assert len(set(ids)) == 6
    assert ids[0] == "same"
    assert "" not in ids


async def test_a_result_with_half_a_character_does_the_chat_no_harm(open_manager: Any) -> None:
    """As the name of a file that is not UTF-8: neither a file nor an endpoint takes it."""
    async with open_manager() as manager:
        manager.tools.register(lambda: "caf\udce9.txt", name="ls")
        session_id, _ = await tool_chat(manager, call("ls"), NEXT, "Done.", tools=["ls"])
        manager.allow_tool(session_id, "ls")
        await ask(manager, session_id, "Go")
        child = await manager.fork(session_id)
        kept = [await manager.history(one) for one in (session_id, child.id)]
        assert [results(messages[2]) for messages in kept] == ["caf\ufffd.txt"] * 2


async def test_a_small_window_still_holds_the_whole_turn(open_manager: Any) -> None:
    requests: list[ReplyRequest] = []

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        requests.append(request)
        if len(requests) == 2:
            yield ToolCall(ToolCallPart("t1", "add", {"a": 1, "b": 1}))
        yield TextDelta("ok")
        yield Finished()

    async with open_manager(providers=odd(play), approve=lambda *_: True) as manager:
        register(manager)
        session = await manager.create_session()
        await manager.create_chat(session.id, max_messages=1, overrides={"tools": ["add"]})
        await ask(manager, session.id, "Before")
        await ask(manager, session.id, "Go")
    assert [[m.role for m in request.messages] for request in requests] == [
        ["user"], ["user"], ["user", "assistant", "tool"],
    ]  # fmt: skip


class Wordless(Exception):
    """Fails to say why."""

    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (SystemExit(3), "!The tool failed: SystemExit: 3"),
        (Wordless(), "!The tool failed: Wordless"),
    ],
)
async def test_a_tool_that_ends_the_program_or_says_nothing_has_only_failed(
    manager: SessionManager, error: BaseException, says: str
) -> None:
    async def add() -> None:
        """Fails."""
        raise error

    manager.tools.register(add)
    session, _ = await tool_chat(manager, call("add"), NEXT, "Well.")
    manager.allow_tool(session, "add")
    assert isinstance(await ask(manager, session, "Go"), ReplyDone)
    [_, _, result, reply] = await manager.history(session)
    assert results(result).startswith(says)
    assert reply.text == "Well."

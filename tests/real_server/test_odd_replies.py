"""Replies of real endpoints that are odd but right, and calls that are not."""

from __future__ import annotations

import pytest
from endpoint_chats import SHORT, ask, endpoint_manager, failure, new_chat
from fault_server import FaultServer

from tui_sessions import ToolCallPart, Usage


@pytest.mark.parametrize(
    ("scenario", "text"),
    [
        ("ok", "Hello world"),
        ("no_done", "Hello world"),
        ("crlf", "Hello world"),
        ("bytewise", "hé \U0001f600 漢"),
        ("no_space", "Hello world"),
        ("byte_order_mark", "Hello world"),
        ("empty", ""),
        ("length", "Hello world"),
        ("other_end", "Hello world"),
        ("packed_stream", "Hello world"),
        ("half_characters", "a\U0001f600b\ufffdc"),
    ],
)
async def test_what_is_odd_but_right_is_read(faults: FaultServer, scenario: str, text: str) -> None:
    async with endpoint_manager(faults.address(scenario)) as manager:
        session = await new_chat(manager)
        end = await ask(manager, session.id, "Hi")
        assert end.name == "reply_done"
        [_, reply] = await manager.history(session.id)
        assert (reply.text, reply.model) == (text, "m")
        assert reply.usage == Usage(input_tokens=7, output_tokens=3)


@pytest.mark.parametrize("scenario", ["reasoning", "reasoning_content", "think_tags", "think_tag"])
async def test_thinking_is_apart_from_the_answer(faults: FaultServer, scenario: str) -> None:
    async with endpoint_manager(faults.address(scenario)) as manager:
        session = await new_chat(manager)
        await ask(manager, session.id, "Hi")
        [_, reply] = await manager.history(session.id)
    assert [(type(p).__name__, getattr(p, "text", "")) for p in reply.content] == [
        ("ThinkingPart", "let me think"), ("TextPart", "Hello world"),
    ]  # fmt: skip


async def test_calls_that_arrive_mixed_are_put_together(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("tools")) as manager:
        session = await new_chat(manager)
        await ask(manager, session.id, "Hi")
        [_, reply] = await manager.history(session.id)
    assert reply.content == (
        ToolCallPart("t0", "add", {"a": 1, "b": 2}), ToolCallPart("t1", "add", {"a": 5, "b": 6}),
    )  # fmt: skip


async def test_calls_that_share_an_index_are_told_apart(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("calls_of_one_index")) as manager:
        session = await new_chat(manager)
        await ask(manager, session.id, "Hi")
        [_, reply] = await manager.history(session.id)
    assert reply.content == (
        ToolCallPart("t0", "add", {"a": 1}), ToolCallPart("t1", "add", {"a": 2}),
    )  # fmt: skip


async def test_arguments_that_are_no_json_are_kept_as_they_came(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("odd_arguments")) as manager:
        session = await new_chat(manager)
        assert (await ask(manager, session.id, "Hi")).name == "reply_done"
        [_, reply] = await manager.history(session.id)
    assert [part.arguments for part in reply.content if isinstance(part, ToolCallPart)] == [
        '{"a": NaN}', "[" * 3000, {"a": 1.5},
    ]  # fmt: skip


async def test_arguments_that_no_file_holds_are_kept_as_text(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("deep_arguments")) as manager:
        session = await new_chat(manager)
        assert (await ask(manager, session.id, "Hi")).name == "reply_done"
        [_, reply] = await manager.history(session.id)
    [call] = [part for part in reply.content if isinstance(part, ToolCallPart)]
    assert reply.text == "See."
    assert isinstance(call.arguments, str)
    assert call.arguments.count("[") == 200


async def test_a_call_that_stalls_has_the_patience_of_a_reply_that_has_begun(
    faults: FaultServer,
) -> None:
    async with endpoint_manager(faults.address("call_stall"), timeouts=SHORT) as manager:
        error = failure(await ask(manager, (await new_chat(manager)).id, "Hi"))
    assert "its reply is not complete" in str(error)
    assert "timeouts.stall_s" in str(error)


@pytest.mark.parametrize(
    ("kind", "scenario", "end"),
    [
        ("openai-compatible", "call_length", "reply_done"),
        ("openai-compatible", "call_filter", "reply_failed"),
        ("anthropic", "anthropic_call_length", "reply_done"),
        ("anthropic", "anthropic_call_cut", "reply_failed"),
    ],
)
async def test_a_call_that_was_cut_off_before_its_arguments_never_runs(
    faults: FaultServer, monkeypatch: pytest.MonkeyPatch, kind: str, scenario: str, end: str
) -> None:
    monkeypatch.setenv("TESTED_KEY", "sk-secret-0123456789")
    wiped = []

    def wipe(path: str = "/") -> None:
        wiped.append(path)

    address = faults.address(scenario).removesuffix("/v1" if kind == "anthropic" else "")
    async with endpoint_manager(address, kind=kind, api_key_env="TESTED_KEY") as manager:
        manager.tools.register(wipe)
        session = await new_chat(manager, tools=("wipe",))
        manager.allow_tool(session.id, "wipe")
        async for event in manager.send(session.id, "Go"):
            if event.name == "tool_done":
                await manager.stop(session.id)
        assert event.name == ("reply_stopped" if end == "reply_done" else end)
        async for event in manager.continue_reply(session.id):
            if event.name == "tool_done":
                await manager.stop(session.id)
    assert wiped == []


async def test_characters_are_whole_in_every_piece(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("half_characters")) as manager:
        session = await new_chat(manager)
        pieces = [e.text async for e in manager.send(session.id, "Hi") if e.name == "reply_delta"]  # type: ignore[attr-defined]
    assert pieces == ["a", "\U0001f600b", "\ufffdc"]

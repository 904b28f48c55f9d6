"""Whole turns with a real endpoint: tools that run, waits that are kept, replies gone on with."""

from __future__ import annotations

import pytest
from endpoint_chats import ask, endpoint_manager, failure, new_chat
from fault_server import FaultServer
from llama_server import LlamaServer

from tui_sessions import (
    ReplyWaiting,
    RetrySettings,
    SessionManager,
    ToolCallPart,
    ToolResultPart,
)

TRYING = RetrySettings(attempts=2)


def register_add(manager: SessionManager) -> list[tuple[int, int]]:
    """Offer `add`; gives the calls that it got."""
    got: list[tuple[int, int]] = []

    def add(a: int, b: int) -> int:
        """Adds."""
        got.append((a, b))
        return a + b

    manager.tools.register(add)
    return got


async def test_a_model_calls_a_tool_and_answers_after_its_result(llama: LlamaServer) -> None:
    async with endpoint_manager(llama.address) as manager:
        got = register_add(manager)
        session = await new_chat(manager, model="tiny", tools=("add",))
        names = []
        async for event in manager.send(session.id, "use the tool"):
            names.append(event.name)
            if event.name == "tool_asked":
                [(_, _, call)] = manager.waiting_tool_calls()
                assert (call.name, call.arguments) == ("add", {"a": 2, "b": 40})
                await manager.answer_tool_call(session.id, call.id, True)
        _, called, result, reply = await manager.history(session.id)
        assert names[-1] == "reply_done"
        assert got == [(2, 40)]
        assert [type(part) for part in called.content][-1] is ToolCallPart
        assert [(type(p), getattr(p, "text", "")) for p in result.content] == [
            (ToolResultPart, "42")
        ]
        assert reply.text.split()[:2] == ["Tool", "returned:"]
        assert called.usage is not None
        assert reply.usage is not None
        assert (await manager.stats(session.id)).usage == called.usage + reply.usage
        assert (await ask(manager, session.id, "count")).name == "reply_done"


async def test_a_reply_that_was_stopped_is_gone_on_with(llama: LlamaServer) -> None:
    async with endpoint_manager(llama.address) as manager:
        session = await new_chat(manager, model="tiny")
        async for event in manager.send(session.id, "long"):
            if event.name == "reply_delta" and event.offset > 200:
                await manager.stop(session.id)
        stopped = (await manager.history(session.id))[-1]
        events = [event async for event in manager.continue_reply(session.id)]
        assert events[-1].name == "reply_done"
        [_, whole] = await manager.history(session.id)
        assert (whole.id, whole.status) == (stopped.id, "complete")
        assert whole.text.startswith(stopped.text)
        assert len(whole.text) > len(stopped.text)


@pytest.mark.parametrize("scenario", ["http_429_now", "http_503_now", "http_529_now"])
async def test_a_wait_that_an_endpoint_asks_for_is_kept_and_it_is_asked_again(
    faults: FaultServer, scenario: str
) -> None:
    async with endpoint_manager(faults.address(scenario), retry=TRYING) as manager:
        session = await new_chat(manager)
        waits = []
        async for event in manager.send(session.id, "Hi"):
            if isinstance(event, ReplyWaiting):
                waits.append((event.seconds, event.attempt))
                faults.answers_well = True
        assert event.name == "reply_done"
        assert waits == [(0, 2)]
        assert (await manager.history(session.id))[-1].text == "Hello world"
    assert len(faults.requests) == 2


async def test_a_wait_that_is_too_long_is_told_and_not_kept(faults: FaultServer) -> None:
    retry = RetrySettings(longest_wait_s=5)
    async with endpoint_manager(faults.address("http_429"), retry=retry) as manager:
        session = await new_chat(manager)
        error = failure(await ask(manager, session.id, "Hi"))
        assert error.retry_after == 7
        assert "wait 7 s" in str(error)
    assert len(faults.requests) == 1


async def test_what_was_counted_before_a_reply_broke_off_is_kept(
    faults: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_KEY", "sk-secret")
    address = faults.address("anthropic_cut").removesuffix("/v1")
    async with endpoint_manager(address, kind="anthropic", api_key_env="A_KEY") as manager:
        session = await new_chat(manager, model="claude-sonnet-4-5")
        assert failure(await ask(manager, session.id, "Hi")).kind == "cut_off"
        reply = (await manager.history(session.id))[-1]
    assert reply.usage is not None
    assert reply.usage.input_tokens > 0
    assert reply.usage.cost_usd is None

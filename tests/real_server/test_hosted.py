"""The hosted providers' own ways of streaming, counting, refusing and taking keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from endpoint_chats import NAME, PATIENT, ask, endpoint_manager, failure, new_chat
from fault_server import FaultServer

from tui_sessions import (
    AgentConfig,
    Finished,
    Message,
    ProviderRegistry,
    ProviderSettings,
    ReplyRequest,
    ThinkingPart,
    ToolCall,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    Usage,
)
from tui_sessions.providers.endpoint import KNOWN, endpoint

KEY = "sk-secret-0123456789"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def anthropic(faults: FaultServer, scenario: str) -> str:
    """Its base URL has no version: the interface adds it."""
    return faults.address(scenario).removesuffix("/v1")


async def test_anthropic_thinks_answers_and_counts_what_its_cache_holds_apart(
    faults: FaultServer,
) -> None:
    address = anthropic(faults, "anthropic_ok")
    async with endpoint_manager(address, kind="anthropic") as manager:
        session = await new_chat(manager, model="claude-sonnet-4-5", system_prompt="Be brief.")
        assert (await ask(manager, session.id, "Hi")).name == "reply_done"
        await ask(manager, session.id, "More")
        reply = (await manager.history(session.id))[1]
    assert [getattr(part, "text", "") for part in reply.content] == ["let me think", "Hello world"]
    assert reply.model == "claude-sonnet-4-5"
    assert reply.usage == Usage(
        input_tokens=5, output_tokens=9, cache_read_tokens=20, cache_write_tokens=3
    )
    assert faults.headers[0]["authorization"] == f"Bearer {KEY}"
    sent = faults.requests[-1]
    assert "Be brief." in str(sent["system"])
    assert [message["role"] for message in sent["messages"]] == ["user", "assistant", "user"]
    assert "let me think" not in str(sent), "thinking does not go back"


@pytest.mark.parametrize(
    ("scenario", "kind", "kept"),
    [
        ("anthropic_cut", "cut_off", "Hello"),
        ("anthropic_overloaded", "unavailable", "Hello"),
        ("http_401", "auth", ""),
        ("http_429", "rate_limited", ""),
        ("html", "unavailable", ""),
    ],
)
async def test_anthropic_failing_is_a_typed_error(
    faults: FaultServer, scenario: str, kind: str, kept: str
) -> None:
    async with endpoint_manager(anthropic(faults, scenario), kind="anthropic") as manager:
        session = await new_chat(manager, model="claude-sonnet-4-5")
        error = failure(await ask(manager, session.id, "Hi"))
        [question, *reply] = await manager.history(session.id)
    assert error.kind == kind
    assert KEY not in str(error)
    assert question.text == "Hi"
    assert "".join(message.text for message in reply) == kept


async def test_anthropic_calls_tools(faults: FaultServer) -> None:
    address = anthropic(faults, "anthropic_call")
    async with endpoint_manager(address, kind="anthropic") as manager:
        request = ReplyRequest(
            agent=AgentConfig(provider=NAME, model="claude-sonnet-4-5"),
            messages=[Message.from_text("user", "add")],
            tools=[ToolSpec(name="add")],
        )
        parts = [part async for part in manager.providers.get(NAME).stream(request)]
    assert ToolCall(ToolCallPart("t0", "add", {"a": 1, "b": 2})) in parts
    assert isinstance(parts[-1], Finished)
    assert parts[-1].finish_reason == "tool_call"
    assert faults.requests[0]["tools"][0]["name"] == "add"


async def test_what_anthropic_signs_goes_back_to_it_while_tools_are_used(
    faults: FaultServer,
) -> None:
    question = Message.from_text("user", "add")
    agent = AgentConfig(provider=NAME, model="claude-sonnet-4-5", parameters={"thinking": True})
    tools = [ToolSpec(name="add")]
    address = anthropic(faults, "anthropic_think_call")
    async with endpoint_manager(address, kind="anthropic") as manager:
        provider = manager.providers.get(NAME)
        asked = ReplyRequest(agent=agent, messages=[question], tools=tools)
        parts = [part async for part in provider.stream(asked)]
        assert "".join(getattr(part, "text", "") for part in parts) == "let me think"
        sealed = [part.signature for part in parts if getattr(part, "signature", None)]
        reply = Message(
            id="a",
            role="assistant",
            content=(
                ThinkingPart("let me think", sealed[0]),
                ThinkingPart("", sealed[1]),
                *(part.call for part in parts if isinstance(part, ToolCall)),
            ),
        )
        result = Message(id="t", role="tool", content=(ToolResultPart("t0", "3"),))
        asked = ReplyRequest(agent=agent, messages=[question, reply, result], tools=tools)
        async for _ in provider.stream(asked):
            pass
    sent = faults.requests[-1]["messages"][1]["content"]
    assert [block["type"] for block in sent] == ["thinking", "redacted_thinking", "tool_use"]
    assert (sent[0]["thinking"], sent[0]["signature"]) == ("let me think", "c2ln")
    assert sent[1]["data"] == "b3BhcXVl"


async def test_a_whole_turn_with_tools_keeps_the_signature(
    faults: FaultServer, tmp_path: Path
) -> None:
    address, store = anthropic(faults, "anthropic_think_call"), f"file://{tmp_path}"
    async with endpoint_manager(address, store, kind="anthropic") as manager:

        def add(a: int, b: int) -> int:
            """Adds."""
            faults.answers_as = "anthropic_ok"
            return a + b

        manager.tools.register(add)
        session = await new_chat(manager, model="claude-sonnet-4-5", tools=("add",))
        manager.allow_tool(session.id, "add")
        assert (await ask(manager, session.id, "add")).name == "reply_done"
        called, result, answered = (await manager.history(session.id))[1:]
    sent = faults.requests[-1]["messages"]
    assert [block["type"] for block in sent[1]["content"]] == [
        "thinking", "redacted_thinking", "tool_use",
    ]  # fmt: skip
    assert sent[1]["content"][0]["signature"] == "c2ln"
    assert sent[2]["content"][0]["type"] == "tool_result"
    assert (result.role, answered.text) == ("tool", "Hello world")
    assert "c2ln" not in called.text


async def test_openai_gets_its_key_and_a_refusal_does_not_repeat_it(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("ok"), kind="openai") as manager:
        session = await new_chat(manager, model="gpt-5.4", parameters={"max_tokens": 50})
        assert (await ask(manager, session.id, "Hi")).name == "reply_done"
        reply = (await manager.history(session.id))[-1]
    assert faults.headers[0]["authorization"] == f"Bearer {KEY}"
    assert faults.requests[0]["max_completion_tokens"] == 50
    assert faults.requests[0]["stream_options"] == {"include_usage": True}
    assert reply.usage is not None
    assert reply.usage.cost_usd is None, "the price of another address is not this one's"
    async with endpoint_manager(faults.address("http_401"), kind="openai") as manager:
        session = await new_chat(manager)
        error = failure(await ask(manager, session.id, "Hi"))
    assert (error.kind, KEY in str(error)) == ("auth", False)
    assert "[key]" in str(error)


async def test_one_provider_that_fails_holds_up_no_other_in_the_list(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("ok")) as manager:
        assert isinstance(manager.providers, ProviderRegistry)
        manager.providers.register_endpoints(
            [
                endpoint(one, ProviderSettings(base_url=f"{faults.address('http_401')}"), PATIENT)
                for one in KNOWN
            ]
        )
        offered = {offer.provider: offer for offer in await manager.providers.offers()}
    assert offered[NAME].models == ("m",)
    assert offered["offline"].models == ("offline-1",)
    problems = [offered[one].problem for one in KNOWN]
    assert {problem.kind for problem in problems if problem} == {"auth"}


async def test_models_are_listed_and_a_refusal_is_typed(faults: FaultServer) -> None:
    async with endpoint_manager(faults.address("ok"), model="mine") as manager:
        provider = manager.providers.get(NAME)
        assert await provider.models() == ["mine", "m"]
    for scenario, kind in {
        "http_401": "auth",
        "http_404": "not_found",
        "http_429": "rate_limited",
        "http_500": "unavailable",
        "html": "unavailable",
        "moved": "unavailable",
    }.items():
        async with endpoint_manager(faults.address(scenario), timeouts=PATIENT) as manager:
            with pytest.raises(Exception, match=NAME) as caught:
                await manager.providers.get(NAME).models()
            assert getattr(caught.value, "kind", None) == kind

"""The providers that come with the package, and the registry of them."""

import asyncio
from typing import Any

import pytest

from tui_sessions import (
    AgentConfig,
    Finished,
    InvalidId,
    Message,
    OfflineProvider,
    ProviderError,
    ProviderRegistry,
    ReplyRequest,
    ScriptedProvider,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallPart,
    UnknownProvider,
    Usage,
)


def request(*questions: str, **agent: Any) -> ReplyRequest:
    messages = [Message.from_text("user", question) for question in questions]
    return ReplyRequest(agent=AgentConfig(**agent), messages=messages)


async def played(provider: Any, asked: ReplyRequest) -> list[Any]:
    return [part async for part in provider.stream(asked)]


def text(parts: list[Any]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextDelta))


async def test_the_offline_agent_says_the_same_to_the_same_and_that_it_is_no_model() -> None:
    provider = OfflineProvider()
    one = await played(provider, request("Hello **you**"))
    assert one == await played(provider, request("Hello **you**"))
    assert one != await played(provider, request("Hello me"))
    assert "no language model" in text(one)
    end = one[-1]
    assert isinstance(end, Finished)
    assert end.usage is not None
    assert (end.usage.input_tokens, end.usage.cost_usd) == (2, 0.0)
    assert end.model in await provider.models()


@pytest.mark.parametrize("question", ["", "\n\n", "`" * 200, "x" * 10_000, "\x1b[2J", "日本語"])
async def test_the_offline_agent_answers_anything(question: str) -> None:
    parts = await played(OfflineProvider(), request(question))
    assert text(parts).endswith("give this chat another model.")
    code = text(parts).split("```python\n")[1].rsplit("\n```", 1)[0]
    exec(code, {})  # noqa: S102  what it claims in its code must hold


@pytest.mark.parametrize("delay", [-1, 61, "slow", True])
async def test_a_delay_that_cannot_be_is_a_bad_request(delay: object) -> None:
    with pytest.raises(ProviderError) as caught:
        await played(OfflineProvider(), request("Hi", parameters={"delay_s": delay}))
    assert caught.value.kind == "bad_request"


async def test_a_script_is_played_step_by_step() -> None:
    usage = {"input_tokens": 3}
    script = [
        "a",
        {"text": "b"},
        {"thinking": "c"},
        {"tool_call": {"name": "ls", "arguments": {"x": 1}, "id": "t"}},
        {"delay_s": 0},
        {"usage": usage},
    ]
    provider = ScriptedProvider([script])
    assert await played(provider, request("Hi")) == [
        TextDelta("a"),
        TextDelta("b"),
        ThinkingDelta("c"),
        ToolCall(ToolCallPart("t", "ls", {"x": 1})),
        Finished(usage=Usage(input_tokens=3), model="scripted-1"),
    ]
    assert [r.messages[0].text for r in provider.requests] == ["Hi"]


async def test_each_turn_has_its_reply_and_the_last_one_stays() -> None:
    provider = ScriptedProvider([["one"], ["two"]])
    replies = [text(await played(provider, request(*["q"] * n))) for n in (1, 2, 3)]
    assert replies == ["one", "two", "two"]
    assert text(await played(ScriptedProvider(), request("q"))) == "Scripted."
    parameters = {"script": [["mine"]]}
    assert text(await played(ScriptedProvider(), request("q", parameters=parameters))) == "mine"


async def test_a_gate_holds_until_it_is_opened() -> None:
    provider = ScriptedProvider([[{"gate": "go"}, "x"]])
    task = asyncio.create_task(played(provider, request("q")))
    await asyncio.sleep(0)
    assert not task.done()
    provider.open("go")
    assert text(await task) == "x"


@pytest.mark.parametrize(
    ("step", "kind"),
    [({"error": "No.", "kind": "auth"}, "auth"), ({"odd": 1}, "other"), (5, "other")],
)
async def test_a_script_can_fail(step: Any, kind: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await played(ScriptedProvider([[step]]), request("q"))
    assert caught.value.kind == kind


async def test_a_script_can_be_cut_off() -> None:
    parts = await played(ScriptedProvider([["x", {"cut_off": True}, "y"]]), request("q"))
    assert parts == [TextDelta("x")]


def test_providers_are_made_when_first_asked_for_and_once() -> None:
    registry = ProviderRegistry()
    made: list[OfflineProvider] = []

    def factory() -> OfflineProvider:
        made.append(OfflineProvider())
        return made[-1]

    registry.register("mine", factory)
    assert registry.names() == ("offline", "scripted", "mine")
    assert made == []
    assert registry.get("mine") is registry.get("mine")
    assert len(made) == 1
    registry.register("mine", OfflineProvider)
    assert registry.get("mine") is not made[0]
    with pytest.raises(UnknownProvider) as caught:
        registry.get("nobody")
    assert caught.value.known == registry.names()
    with pytest.raises(InvalidId):
        registry.register("no name", OfflineProvider)

"""The providers that come with an extra: Google's and Mistral's own ways of saying things."""

from __future__ import annotations

from typing import Any

import pytest
from endpoint_chats import NAME, PATIENT, ask, endpoint_manager, failure, new_chat
from fault_server import FaultServer
from google_scripts import SIGNATURE

from tui_sessions import (
    AgentConfig,
    Message,
    ProviderError,
    ReplyRequest,
    Settings,
    SizedProvider,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    Usage,
    open_sessions,
)
from tui_sessions.providers import extras

KEY = "AIza-secret-0123456789"
ADD = ToolSpec(name="add", parameters={"type": "object", "properties": {}})


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    monkeypatch.setenv("MISTRAL_API_KEY", KEY)


def at(faults: FaultServer, scenario: str) -> str:
    """Their base URLs have no version: the interface adds it."""
    return faults.address(scenario).removesuffix("/v1")


async def parts_of(manager: Any, *messages: Message, model: str = "gemini-2.5-pro") -> list[Any]:
    request = ReplyRequest(
        agent=AgentConfig(provider=NAME, model=model), messages=messages, tools=[ADD]
    )
    return [part async for part in manager.providers.get(NAME).stream(request)]


async def until_it_fails(manager: Any, model: str) -> tuple[str, ProviderError]:
    """The text that came before the error, and the error."""
    request = ReplyRequest(
        agent=AgentConfig(provider=NAME, model=model), messages=[Message.from_text("user", "Hi")]
    )
    came = ""
    try:
        async for part in manager.providers.get(NAME).stream(request):
            came += getattr(part, "text", "")
    except ProviderError as error:
        return came, error
    pytest.fail("it did not fail")


def reply_of(parts: list[Any]) -> Message:
    """The message that the engine makes of a reply's parts."""
    content: list[Any] = []
    for part in parts:
        if hasattr(part, "call"):
            content.append(part.call)
        elif isinstance(part, TextDelta):
            content.append(TextPart(part.text))
        elif isinstance(part, ThinkingDelta):
            content.append(ThinkingPart(part.text, part.signature))
    return Message(id="r", role="assistant", content=tuple(content), model="gemini-2.5-pro")


async def test_google_thinks_answers_and_counts_what_is_cached_apart(faults: FaultServer) -> None:
    async with endpoint_manager(at(faults, "google_ok"), kind="google") as manager:
        session = await new_chat(manager, model="gemini-2.5-pro", system_prompt="Be brief.")
        assert (await ask(manager, session.id, "Hi")).name == "reply_done"
        await ask(manager, session.id, "More")
        reply = (await manager.history(session.id))[1]
    assert [getattr(part, "text", "") for part in reply.content] == ["let me think", "Hello world"]
    assert reply.model == "gemini-2.5-pro"
    assert reply.usage == Usage(input_tokens=10, output_tokens=9, cache_read_tokens=20)
    assert faults.headers[0]["x-goog-api-key"] == KEY
    sent = faults.requests[-1]
    assert "Be brief." in str(sent["systemInstruction"])
    assert [content["role"] for content in sent["contents"]] == ["user", "model", "user"]
    assert "let me think" not in str(sent), "thinking does not go back"


@pytest.mark.parametrize(
    ("scenario", "kind", "kept"),
    [
        ("google_cut", "cut_off", "Hello"),
        ("google_bad_json", "cut_off", "Hello"),
        ("google_filter", "other", "Hello"),
        ("google_blocked", "other", ""),
        ("google_broken_call", "cut_off", "Hello"),
        ("google_400_key", "auth", ""),
        ("google_404", "not_found", ""),
        ("google_429", "rate_limited", ""),
        ("google_500", "unavailable", ""),
        ("google_503", "unavailable", ""),
        ("html", "unavailable", ""),
        ("google_reset", "cut_off", "Hello"),
    ],
)
async def test_google_failing_is_a_typed_error(
    faults: FaultServer, scenario: str, kind: str, kept: str
) -> None:
    async with endpoint_manager(at(faults, scenario), kind="google") as manager:
        came, error = await until_it_fails(manager, "gemini-2.5-pro")
    assert (error.kind, came) == (kind, kept)
    assert KEY not in str(error)
    if scenario == "google_429":
        assert error.retry_after == 7
    assert len(faults.requests) == 1, "nothing is tried again behind the person's back"


async def test_googles_signature_goes_back_with_the_call_it_came_with(faults: FaultServer) -> None:
    question = Message.from_text("user", "add")
    async with endpoint_manager(at(faults, "google_call"), kind="google") as manager:
        first = await parts_of(manager, question)
        reply = reply_of(first)
        calls = [part for part in reply.content if isinstance(part, ToolCallPart)]
        assert [call.arguments for call in calls] == [{"a": 1, "b": 2}, {"a": 5, "b": 6}]
        assert first[-1].finish_reason in ("stop", "tool_call")
        results = tuple(ToolResultPart(call.id, "3") for call in calls)
        answer = Message(id="t", role="tool", content=results)
        await parts_of(manager, question, reply, answer)
        await parts_of(manager, question, reply, answer, model="gemini-3-pro-preview")
    signed, foreign = (
        [
            part.get("thoughtSignature")
            for part in request["contents"][1]["parts"]
            if "functionCall" in part
        ]
        for request in faults.requests[1:]
    )
    assert signed == [SIGNATURE, None]
    assert SIGNATURE not in foreign, "another model cannot make use of it"


async def test_googles_signature_of_a_text_goes_back_with_the_text(faults: FaultServer) -> None:
    question = Message.from_text("user", "add")
    async with endpoint_manager(at(faults, "google_signed_text"), kind="google") as manager:
        reply = reply_of(await parts_of(manager, question))
        answer = Message(id="t", role="tool", content=(ToolResultPart(reply.content[-1].id, "3"),))
        await parts_of(manager, question, reply, answer)
    [said, called] = faults.requests[1]["contents"][1]["parts"]
    assert (said["text"], said["thoughtSignature"]) == ("Hello", SIGNATURE)
    assert "functionCall" in called


async def test_google_lists_what_can_chat_and_its_window(faults: FaultServer) -> None:
    async with endpoint_manager(at(faults, "google_ok"), kind="google") as manager:
        provider = manager.providers.get(NAME)
        assert await provider.models() == ["gemini-2.5-pro"]
        assert isinstance(provider, SizedProvider)
        assert await provider.context_window("gemini-2.5-pro") == 1048576


async def test_mistral_thinks_answers_calls_and_lists(faults: FaultServer) -> None:
    model = "magistral-medium-latest"
    async with endpoint_manager(at(faults, "mistral_ok"), kind="mistral") as manager:
        session = await new_chat(manager, model=model)
        assert (await ask(manager, session.id, "Hi")).name == "reply_done"
        reply = (await manager.history(session.id))[-1]
        assert [getattr(p, "text", "") for p in reply.content] == ["let me think", "Hello world"]
        assert reply.usage == Usage(input_tokens=7, output_tokens=3)
        provider = manager.providers.get(NAME)
        assert await provider.models() == [model]
        assert isinstance(provider, SizedProvider)
        assert await provider.context_window(None) == 131072
    assert faults.headers[0]["authorization"] == f"Bearer {KEY}"
    async with endpoint_manager(at(faults, "mistral_call"), kind="mistral") as manager:
        parts = await parts_of(manager, Message.from_text("user", "add"), model=model)
    assert [part.call for part in parts if hasattr(part, "call")] == [
        ToolCallPart("t0", "add", {"a": 1, "b": 2})
    ]


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [
        ("mistral_cut", "cut_off"),
        ("reset", "cut_off"),
        ("http_401", "auth"),
        ("http_429", "rate_limited"),
        ("http_500", "unavailable"),
        ("html", "unavailable"),
    ],
)
async def test_mistral_failing_is_a_typed_error(
    faults: FaultServer, scenario: str, kind: str
) -> None:
    async with endpoint_manager(at(faults, scenario), kind="mistral") as manager:
        _, error = await until_it_fails(manager, "magistral-medium-latest")
    assert error.kind == kind
    assert KEY not in str(error)


@pytest.mark.parametrize("name", ["google", "mistral"])
async def test_an_extra_that_is_missing_is_told_with_how_to_install_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "_LIBRARIES", {name: "not_there_at_all.genai"})
    async with open_sessions("memory:", settings=Settings(timeouts=PATIENT)) as manager:
        provider = manager.providers.get(name)
        with pytest.raises(ProviderError, match=rf"sessions-tui\[{name}\]"):
            await provider.models()
        session = await manager.create_session(label="x")
        await manager.create_chat(session.id, agent=AgentConfig(provider=name, model="m"))
        await manager.providers.warm_up(name)
        error = failure(await ask(manager, session.id, "Hi"))
        assert f"pip install 'sessions-tui[{name}]'" in str(error)
        [question, *_] = await manager.history(session.id)
        assert question.text == "Hi"

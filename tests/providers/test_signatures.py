"""What a provider signs comes back to it unchanged while tools are used, and to nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tui_sessions import (
    AgentConfig,
    Message,
    ProviderRegistry,
    ReplyRequest,
    ScriptedProvider,
    Signature,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ThinkingPart,
    ToolCall,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    open_sessions,
)
from tui_sessions.engine.turn.reply_builder import ReplyBuilder
from tui_sessions.model.chat_messages import extended_content
from tui_sessions.model.codec import message_data, message_from
from tui_sessions.providers.base import Finished
from tui_sessions.providers.library.conversation import Conversation, Thinker

SIGNED = Signature(provider="anthropic", model="claude", data="c2ln")
HIDDEN = Signature(provider="anthropic", model="claude", data="b3BhcXVl", redacted=True)
CALL, RESULT = ToolCallPart("t1", "ls", {}), ToolResultPart("t1", "a b")
THINKER = Thinker("anthropic", "claude", "anthropic")


def thoughts(thinker: Thinker, *after: Message, thought: ThinkingPart) -> list[Any]:
    """The thinking that is sent with a call and its result."""
    messages = [
        Message.from_text("user", "Go"),
        # The model that answered is named with its date; the one that was asked for counts.
        Message(id="a", role="assistant", content=(thought, CALL), model="claude-20261001"),
        Message(id="t", role="tool", content=(RESULT,)),
        *after,
    ]
    asked = ReplyRequest(
        agent=AgentConfig(provider="anthropic", model="claude"),
        messages=messages,
        tools=[ToolSpec(name="ls")],
    )
    sent = Conversation(asked, thinker).messages()
    return [p for message in sent for p in message.parts if p.part_kind == "thinking"]


def test_a_signed_thought_goes_back_whole_and_only_to_who_signed_it() -> None:
    thought = ThinkingPart("hm", SIGNED)
    [part] = thoughts(THINKER, thought=thought)
    assert (part.content, part.signature, part.provider_name, part.id) == (
        "hm", "c2ln", "anthropic", None,
    )  # fmt: skip
    for other in (
        Thinker("openrouter", "claude", "openrouter"),
        Thinker("anthropic", "claude-2", "anthropic"),
    ):
        assert thoughts(other, thought=thought) == []
    later = Message.from_text("user", "And now?")
    assert thoughts(THINKER, later, thought=thought) == [], "the turn is over"
    assert thoughts(THINKER, thought=ThinkingPart("unsigned")) == []


def test_a_thought_that_is_kept_secret_goes_back_as_it_came() -> None:
    [part] = thoughts(THINKER, thought=ThinkingPart("", HIDDEN))
    assert (part.content, part.signature, part.id) == ("", "b3BhcXVl", "redacted_thinking")


def test_a_signature_is_kept_in_the_file_and_a_thought_without_one_looks_as_before() -> None:
    parts = (ThinkingPart("hm", SIGNED), ThinkingPart("", HIDDEN), ThinkingPart("plain"))
    message = Message(id="m", role="assistant", content=parts)
    data = message_data(message)
    assert data["content"][2] == {"type": "thinking", "text": "plain"}
    assert data["content"][0] == {
        "type": "thinking",
        "text": "hm",
        "signed": {"provider": "anthropic", "model": "claude", "data": "c2ln"},
    }
    assert message_from(data).content == parts
    foreign = {"type": "thinking", "text": "hm", "signature": "of another program"}
    assert message_from({**data, "content": [foreign]}).content == (ThinkingPart("hm"),)


class Signing(ScriptedProvider):
    """Thinks twice, each thought signed at its end."""

    async def _stream(self) -> Any:
        yield ThinkingDelta("let me")
        yield ThinkingDelta(" think")
        yield ThinkingDelta("", SIGNED)
        yield ThinkingDelta("", HIDDEN)
        yield ThinkingDelta("more")
        yield TextDelta("So")
        yield ToolCall(CALL)
        yield Finished(model="claude")

    def stream(self, request: ReplyRequest) -> Any:
        self.requests.append(request)
        return self._stream()


async def test_signatures_survive_streaming_and_a_restart_and_are_never_shown(
    tmp_path: Path,
) -> None:
    registry = ProviderRegistry()
    registry.register("offline", Signing)
    expected = (
        ThinkingPart("let me think", SIGNED),
        ThinkingPart("", HIDDEN),
        ThinkingPart("more"),
        TextPart("So"),
        CALL,
    )
    shown = []
    async with open_sessions(f"file://{tmp_path}", providers=registry) as manager:
        session = await manager.create_session(label="x")
        async for event in manager.send(session.id, "Go"):
            if event.name == "reply_delta":
                shown.append(event.text)
            if event.name in ("reply_step", "reply_done"):
                assert event.message.content == expected
                break
        await manager.stop(session.id)
    assert "".join(shown).startswith("let me thinkmoreSo")
    async with open_sessions(f"file://{tmp_path}", providers=registry) as manager:
        assert (await manager.history(session.id))[1].content == expected


def test_pieces_that_are_saved_one_by_one_are_the_whole_thought() -> None:
    builder = ReplyBuilder()
    content: list[dict[str, Any]] = []
    for delta in (
        ThinkingDelta("a"), ThinkingDelta("b"), ThinkingDelta("c", SIGNED),
        ThinkingDelta("", HIDDEN), ThinkingDelta("d"), TextDelta("e"), ThinkingDelta("", SIGNED),
    ):  # fmt: skip
        builder.add(delta)
        for change in builder.unsaved_changes("chat"):
            if hasattr(change, "content"):
                content = extended_content(content, change.content)
            else:
                content = list(change.value["content"])
    assert content == message_data(builder.message("complete"))["content"]

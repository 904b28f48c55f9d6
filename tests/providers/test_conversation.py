"""What of a chat is sent to a model, and as what."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.messages import BinaryContent

from tui_sessions import (
    AgentConfig,
    FilePart,
    ImagePart,
    Message,
    OpaquePart,
    ProviderError,
    ReplyRequest,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.providers.base import ToolSpec
from tui_sessions.providers.library.conversation import Conversation, Thinker

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 8
LIST = ToolSpec(name="ls", parameters={"type": "object", "properties": {}})


def said(role: str, *parts: Any, **fields: Any) -> Message:
    content = tuple(TextPart(part) if isinstance(part, str) else part for part in parts)
    return Message(id="m", role=role, content=content, **fields)


def sent(*messages: Message, tools: bool = False, field: str | None = "reasoning_content") -> Any:
    """Every part that is sent: its side, its kind and what is in it."""
    agent = AgentConfig(provider="mine", model="m", system_prompt="Be brief.")
    asked = ReplyRequest(agent=agent, messages=messages, tools=[LIST] if tools else [])
    return [
        (
            message.kind,
            part.part_kind,
            getattr(part, "content", None) or getattr(part, "args", None),
        )
        for message in Conversation(asked, Thinker("mine", "m", "mine", field)).messages()
        for part in message.parts
    ]


def test_a_plain_chat_is_sent_as_it_is() -> None:
    assert sent(said("user", "One"), said("assistant", "Two"), said("user", "Three")) == [
        ("request", "system-prompt", "Be brief."),
        ("request", "user-prompt", "One"),
        ("response", "text", "Two"),
        ("request", "user-prompt", "Three"),
    ]


def test_what_says_nothing_is_not_sent_and_what_was_stopped_is() -> None:
    messages = [
        said("user", "One"),
        said("assistant", ThinkingPart("hm"), OpaquePart({"type": "new"}), status="stopped"),
        said("user", "Two", ""),
        said("assistant", "Half", status="partial"),
        said("user", SummaryPart("before"), FilePart("notes.txt")),
    ]
    assert [entry[2] for entry in sent(*messages)] == [
        "Be brief.",
        "One",
        "Two",
        "Half",
        [
            "Summary of the conversation so far:\n\nbefore",
            "(A file goes with this message: notes.txt.)",
        ],
    ]


def test_blank_text_beside_a_call_is_not_sent() -> None:
    call = ToolCallPart(id="t1", name="ls", arguments={})
    messages = [
        said("user", "One", " "),
        said("assistant", "\n", call),
        said("tool", ToolResultPart(call_id="t1", text="a")),
    ]
    assert [entry[1] for entry in sent(*messages, tools=True)] == [
        "system-prompt", "user-prompt", "tool-call", "tool-return",
    ]  # fmt: skip


def test_thinking_goes_back_only_to_its_own_model_and_only_while_it_uses_tools() -> None:
    call, result = ToolCallPart("t1", "ls", {"p": 1}), ToolResultPart("t1", "a b")
    own = said("assistant", ThinkingPart("mine"), call, model="m")
    other = said("assistant", ThinkingPart("foreign"), call, model="other")
    answer = said("tool", result)
    loop = sent(said("user", "Go"), own, answer, tools=True)
    assert ("response", "thinking", "mine") in loop
    assert "foreign" not in str(sent(said("user", "Go"), other, answer, tools=True))
    later = sent(said("user", "Go"), own, answer, said("user", "On"), tools=True)
    assert "mine" not in str(later)
    assert "mine" not in str(sent(said("user", "Go"), own, answer, tools=True, field=None))


def test_a_call_is_sent_as_a_call_only_with_its_result_and_where_tools_are() -> None:
    call, result = ToolCallPart("t1", "ls", {"p": 1}), ToolResultPart("t1", "a b", is_error=True)
    whole = [said("user", "Go"), said("assistant", call), said("tool", result)]
    kinds = [entry[1] for entry in sent(*whole, tools=True)]
    assert kinds == ["system-prompt", "user-prompt", "tool-call", "tool-return"]
    for told in (
        sent(*whole),
        sent(said("user", "Go"), said("assistant", call), said("user", "On"), tools=True),
        sent(said("user", "Go"), said("tool", result), tools=True),
        sent(
            said("user", "Go"),
            said("assistant", ToolCallPart("t1", "a server/list files", {})),
            said("tool", result),
            tools=True,
        ),
    ):
        assert not {entry[1] for entry in told} & {"tool-call", "tool-return"}
    assert "a b" in str(sent(*whole))
    assert "ls" in str(sent(*whole))


def test_a_result_comes_before_what_else_is_said_with_it() -> None:
    call, result = ToolCallPart("t1", "ls"), ToolResultPart("t1", "a b")
    messages = [said("user", "Go"), said("assistant", call), said("user", "On", result)]
    assert [entry[1] for entry in sent(*messages, tools=True)][-2:] == [
        "tool-return", "user-prompt",
    ]  # fmt: skip


def test_a_picture_is_sent_from_data_as_what_it_really_is() -> None:
    part = ImagePart("image/jpeg", data=base64.b64encode(PNG).decode())
    [_, (_, _, content)] = sent(said("user", "Look", part))
    assert content[0] == "Look"
    assert isinstance(content[1], BinaryContent)
    assert (content[1].data, content[1].media_type) == (PNG, "image/png")


def test_a_path_in_a_message_is_never_followed(tmp_path: Path) -> None:
    path = tmp_path / "private.png"
    path.write_bytes(PNG + b"PRIVATE")
    hostile = said("user", ImagePart("image/png", path=str(path)))
    with pytest.raises(ProviderError, match=r"private\.png") as caught:
        sent(hostile)
    assert caught.value.kind == "bad_request"
    earlier = sent(hostile, said("assistant", "Ah"), said("user", "Go on"))
    assert "PRIVATE" not in str(earlier)
    assert "not available" in str(earlier)


def test_a_picture_that_cannot_be_read_and_got_no_answer_keeps_nobody_from_asking() -> None:
    gone = said("user", ImagePart("image/png", data="not base64!"))
    assert "not available" in str(sent(gone, said("user", "Go on")))


@pytest.mark.parametrize(
    "part",
    [
        ImagePart("image/png"),
        ImagePart("image/png", data="not base64!"),
        ImagePart("image/png", data=base64.b64encode(b"PRIVATE").decode()),
        ImagePart("image/png", data=base64.b64encode(PNG + bytes(21 * 1024**2)).decode()),
        ImagePart("image/png", path="/nowhere/at/all.png"),
        ImagePart("image/png", path="/dev/zero"),
    ],
)
def test_a_picture_in_the_question_that_cannot_be_read_is_told(part: ImagePart) -> None:
    with pytest.raises(ProviderError, match="cannot be sent"):
        sent(said("user", part))

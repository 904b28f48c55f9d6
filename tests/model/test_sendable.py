from __future__ import annotations

from typing import Any

from tui_sessions import Message, OpaquePart, TextPart, ToolCallPart, ToolResultPart
from tui_sessions.model.sendable import LONGEST_RESULT, sendable


def said(role: str, *parts: Any, **fields: Any) -> Message:
    content = tuple(TextPart(part) if isinstance(part, str) else part for part in parts)
    return Message(id="m", role=role, content=content, **fields)


def test_a_plain_chat_is_left_as_it_is():
    chat = [said("user", "One"), said("assistant", "Two"), said("user", "Three")]
    assert sendable(chat) == chat


def test_a_long_result_of_an_earlier_turn_is_cut_and_says_so():
    text = "a" * 9_000 + "the end"
    chat = [said("tool", ToolResultPart("1", text)), said("user", "And now?")]
    sent = sendable(chat)[0].content[0].text
    assert len(sent) < LONGEST_RESULT + 100
    assert "[… 1,007 characters left out …]" in sent
    assert sent.endswith("the end")
    assert chat[0].content[0].text == text


def test_a_result_of_the_turn_that_goes_on_is_whole():
    chat = [said("user", "Look"), said("tool", ToolResultPart("1", "a" * 9_000))]
    assert sendable(chat) == chat


def test_parts_that_nobody_knows_are_not_sent_and_neither_is_a_message_of_nothing_else():
    opaque = OpaquePart({"type": "new"})
    chat = [said("user", "One", opaque), said("assistant", opaque), said("user", "Two")]
    assert [message.text for message in sendable(chat)] == ["One", "Two"]


def test_a_result_within_a_reply_becomes_a_message_of_its_own():
    call, result = ToolCallPart("1", "web"), ToolResultPart("1", "found")
    sent = sendable([said("assistant", call, result, "There."), said("user", "Thanks")])
    assert [message.role for message in sent] == ["assistant", "tool", "assistant", "user"]


def test_calls_that_share_an_id_are_told_apart_with_their_results():
    call, result = ToolCallPart("1", "ls"), ToolResultPart("1", "a.txt")
    chat = [said("assistant", call), said("tool", result)] * 2
    ids = [
        getattr(part, "id", None) or getattr(part, "call_id", None)
        for message in sendable(chat)
        for part in message.content
    ]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_a_call_has_one_result():
    call, result = ToolCallPart("1", "ls"), ToolResultPart("1", "a.txt")
    chat = [said("assistant", call), said("tool", result, result), said("user", "Well?")]
    assert len(sendable(chat)[1].content) == 1

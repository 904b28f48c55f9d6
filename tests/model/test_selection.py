"""Which messages are sent: the last summary and what follows, at most so many."""

import pytest

from tui_sessions import Message, Part, SummaryPart, TextPart, ToolCallPart, ToolResultPart
from tui_sessions.model.selection import last_summary, messages_to_send, summarisable


def said(role: str, text: str, **fields: object) -> Message:
    return Message.from_text(role, text, id=text, **fields)


def summary(text: str, **fields: object) -> Message:
    parts: tuple[Part, ...] = (SummaryPart(text),)
    values = {"id": text, "role": "system", "content": parts} | fields
    return Message(**values)  # type: ignore[arg-type]


def ids(messages: list[Message]) -> list[str]:
    return [message.id for message in messages]


CHAT = [
    said("system", "rules"),
    said("user", "q1"),
    said("assistant", "a1"),
    summary("s1"),
    said("system", "more rules"),
    said("user", "q2"),
    said("assistant", "a2"),
    summary("s2"),
    said("user", "q3"),
]


def test_what_is_sent_begins_at_the_last_summary_and_system_messages_stay() -> None:
    assert ids(messages_to_send(CHAT, None)) == ["rules", "more rules", "s2", "q3"]
    assert ids(messages_to_send(CHAT[:7], None)) == ["rules", "s1", "more rules", "q2", "a2"]
    assert ids(messages_to_send(CHAT[:3], None)) == ["rules", "q1", "a1"]
    assert messages_to_send([], None) == []


@pytest.mark.parametrize(
    ("most", "wanted"),
    [
        (1, ["rules", "s1", "more rules", "a2"]),
        (4, ["rules", "s1", "more rules", "a2"]),
        (5, ["rules", "s1", "more rules", "q2", "a2"]),
        (50, ["rules", "s1", "more rules", "q2", "a2"]),
    ],
)
def test_the_most_that_is_sent_counts_from_the_summary_on(most: int, wanted: list[str]) -> None:
    assert ids(messages_to_send(CHAT[:7], most)) == wanted


@pytest.mark.parametrize(
    ("most", "wanted"),
    [(4, ["q2", "a2"]), (5, ["q2", "a2"]), (6, ["q1", "c", "r", "a1", "q2", "a2"])],
)
def test_what_is_left_begins_with_a_question_and_holds_no_result_without_its_call(
    most: int, wanted: list[str]
) -> None:
    asked = Message(id="c", role="assistant", content=(ToolCallPart("t", "add", {}),))
    result = Message(id="r", role="tool", content=(ToolResultPart("t", "3"),))
    chat = [said("assistant", "a0"), said("user", "q1"), asked, result]
    chat += [said("assistant", "a1"), said("user", "q2"), said("assistant", "a2")]
    assert ids(messages_to_send(chat, most)) == wanted


@pytest.mark.parametrize(
    "message",
    [
        summary("s", role="user"),
        summary("s", role="assistant"),
        summary("s", status="failed"),
        summary(" \n"),
        said("system", "s"),
    ],
    ids=["user", "assistant", "failed", "blank", "text"],
)
def test_what_is_no_summary_hides_nothing(message: Message) -> None:
    chat = [said("user", "q1"), message, said("user", "q2")]
    assert {"q1", "q2"} <= set(ids(messages_to_send(chat, None)))
    assert last_summary(chat) == -1


def test_what_is_blank_is_not_sent() -> None:
    chat = [said("user", "q1"), said("assistant", "\n "), said("user", "q2")]
    assert ids(messages_to_send(chat, None)) == ["q1", "q2"]


def test_a_summary_that_an_import_brought_counts_too() -> None:
    compaction = Message(
        id="c", role="system", content=(TextPart("note"), SummaryPart("so far")), hidden=True
    )
    chat = [said("user", "q1"), said("assistant", "a1"), compaction, said("user", "q2")]
    assert ids(messages_to_send(chat, None)) == ["c", "q2"]


def test_a_new_summary_covers_what_was_said_and_arrived_since_the_last() -> None:
    assert ids(summarisable(CHAT)) == ["q3"]
    assert ids(summarisable(CHAT[:7])) == ["q2", "a2"]
    assert summarisable(CHAT[:4]) == []
    broken = said("assistant", "half", status="failed")
    stopped = said("assistant", "part", status="stopped")
    empty = Message(id="empty", role="assistant")
    hidden = said("user", "context", hidden=True)
    chat = [*CHAT, broken, stopped, empty, hidden]
    assert ids(summarisable(chat)) == ["q3", "part", "context"]

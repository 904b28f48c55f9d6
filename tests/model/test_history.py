"""Messages that are read when they are looked at: a list like any other, and quick to have."""

from __future__ import annotations

import pytest

from tui_sessions.model.codec import message_data
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.history import UNREAD, History
from tui_sessions.model.message import Message, ToolCallPart

MESSAGES = [Message(id=f"m{n}", role="assistant" if n % 2 else "user") for n in range(6)]


@pytest.fixture
def history() -> History:
    return History([message_data(message) for message in MESSAGES])


def test_it_holds_what_the_json_says(history: History):
    assert list(history) == MESSAGES
    assert list(reversed(history)) == MESSAGES[::-1]
    assert [*history[1:3]] == MESSAGES[1:3]
    assert history[-1] == MESSAGES[-1]
    assert (len(history), history.ids()) == (6, [message.id for message in MESSAGES])


def test_nothing_is_read_before_it_is_looked_at():
    history = History([{"id": "m1"}, {"id": "m2", "content": None, "role": 7}])
    assert history.ids() == ["m1", "m2"]
    assert history[:1][0] == Message(id="m1")
    assert history[0] is history[0]


def test_to_change_it_changes_it_alone(history: History):
    other = history.copy()
    other.append(Message(id="new"))
    other[0] = Message(id="first")
    del other[1]
    assert other.ids() == ["first", "m2", "m3", "m4", "m5", "new"]
    assert list(history) == MESSAGES


def test_one_message_can_be_left_out(history: History):
    assert history.without("m3").ids() == ["m0", "m1", "m2", "m4", "m5"]
    assert history.without("elsewhere").ids() == history.ids()


def test_what_is_read_shares_nothing_with_the_document():
    call = message_data(Message(id="m1", content=(ToolCallPart("1", "look", {"deep": [1]}),)))
    data = {"format": 1, "id": "s", "created_at": "2026-11-20T22:14:00Z"}
    document = SessionDocument({**data, "chats": [{"id": "c", "messages": [call]}]})
    [message] = document.history("c")
    part = message.content[0]
    assert isinstance(part, ToolCallPart)
    part.arguments["deep"].append(2)
    assert document.messages("c")[0].content == (ToolCallPart("1", "look", {"deep": [1]}),)


def test_a_chat_that_is_not_there_has_none():
    data = {"format": 1, "id": "s", "created_at": "2026-11-20T22:14:00Z", "chats": []}
    with pytest.raises(KeyError):
        SessionDocument(data).history("c")


def test_of_a_chat_whose_end_is_there_the_rest_is_unread():
    history = History.ending(6, [message_data(message) for message in MESSAGES[4:]])
    assert (len(history), history.unread) == (6, 4)
    assert history.ids() == ["", "", "", "", "m4", "m5"]
    assert [history[0], *history[3:]] == [UNREAD, UNREAD, *MESSAGES[4:]]
    assert history[2:].unread == 2
    history.append(MESSAGES[0])
    assert (history.unread, History().unread) == (4, 0)

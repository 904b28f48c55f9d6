"""What importing once more adds, and what it leaves alone."""

import json

import pytest

from tui_sessions.model.changes import (
    JournalEntry,
    PutMessage,
    RemoveMessage,
    SetFields,
    SetMessage,
)
from tui_sessions.model.codec import message_data
from tui_sessions.model.message import Message, TextPart
from tui_sessions.transfer.formagent import FormagentImporter
from tui_sessions.transfer.merge import changes_between

AT = "2026-05-01T00:00:00.000Z"


def apply(document, *changes):
    document.apply_entry(
        JournalEntry(revision=document.revision + 1, at=AT, changes=tuple(changes))
    )


def texts(document):
    return [m.text for m in document.messages("c1")]


@pytest.fixture
def source(transcript, read_all):
    """A session file that grows, and what it says now."""
    script = transcript()
    script.user("One")
    script.reply("1")
    script.now = lambda: read_all(script.write())[0][0].document
    return script


def test_importing_twice_changes_nothing(source):
    assert changes_between(source.now(), source.now()) == []


def test_what_the_source_gained_is_appended_once(source):
    here = source.now()
    source.user("Two")
    source.reply("2")
    changes = changes_between(here, source.now())
    apply(here, *changes)
    assert texts(here) == ["One", "1", "Two", "2"]
    assert here.session().last_active_at == source.now().session().last_active_at
    assert changes_between(here, source.now()) == []


def test_what_other_programs_keep_in_a_message_comes_with_it(source):
    here, now = source.now(), source.now()
    more = {"id": "new", "role": "user", "content": [], "theirs": {"x": 1}}
    now.data["chats"][0]["messages"].append(more)
    (change,) = [c for c in changes_between(here, now) if isinstance(c, PutMessage)]
    assert change.value == more


def test_label_tags_and_state_stay_the_persons(source):
    here = source.now()
    mine = {"label": "Mine", "auto_label": False, "tags": ["x"], "state": "archived"}
    apply(here, SetFields(fields=mine))
    source.raw({"type": "custom-title", "customTitle": "Theirs"})
    source.user("Two")
    apply(here, *changes_between(here, source.now()))
    session = here.session()
    assert (session.label, session.tags, session.state) == ("Mine", ("x",), "archived")
    assert texts(here) == ["One", "1", "Two"]


def test_a_name_that_the_source_gives_later_replaces_the_one_of_the_prompt(source):
    here = source.now()
    source.raw({"type": "ai-title", "aiTitle": "Numbers"})
    apply(here, *changes_between(here, source.now()))
    assert (here.session().label, here.session().auto_label) == ("Numbers", True)
    assert changes_between(here, source.now()) == []
    source.raw({"type": "custom-title", "customTitle": "Counting"})
    apply(here, *changes_between(here, source.now()))
    assert (here.session().label, here.session().auto_label) == ("Counting", False)


def model_of(document):
    return document.chat_data("c1")["agent"]["model"]


def test_the_model_follows_the_source_until_another_agent_is_chosen(source):
    here, now = source.now(), source.now()
    message = {**now.data["chats"][0]["messages"][-1], "id": "new"}
    now.data["chats"][0]["messages"].append(message)
    now.data["chats"][0]["agent"]["model"] = "newer"
    other = here.copy()
    apply(here, *changes_between(here, now))
    assert model_of(here) == "newer"
    chosen = {"provider": "openai", "model": "mine"}
    apply(other, SetFields(fields={"agent": chosen}, chat="c1"))
    apply(other, *changes_between(other, now))
    assert model_of(other) == "mine"


def test_the_message_that_started_a_child_is_linked_when_it_comes(source):
    here, now = source.now(), source.now()
    link = {"session_id": "p", "chat_id": "c1", "message_id": None, "kind": "spawn"}
    apply(here, SetFields(fields={"parent": link}))
    apply(now, SetFields(fields={"parent": {**link, "message_id": "m1"}}))
    apply(here, *changes_between(here, now))
    assert here.session().parent.message_id == "m1"


def test_own_replies_are_not_interleaved_with_new_ones_of_the_source(source):
    here = source.now()
    mine = Message.from_text("user", "My own way")
    apply(here, PutMessage(chat="c1", value=message_data(mine)))
    source.user("Two")
    apply(here, *changes_between(here, source.now()))
    assert texts(here) == ["One", "1", "My own way", "Two"]
    assert changes_between(here, source.now()) == []
    source.reply("2")
    apply(here, *changes_between(here, source.now()))
    assert texts(here) == ["One", "1", "My own way", "Two", "2"]


@pytest.mark.parametrize("place", [0, 1])
def test_deleted_messages_stay_deleted(source, place):
    here = source.now()
    gone = here.messages("c1")[place]
    apply(here, RemoveMessage(chat="c1", message=gone.id))
    assert changes_between(here, source.now()) == []
    source.user("Two")
    apply(here, *changes_between(here, source.now()))
    assert gone.text not in texts(here)
    assert texts(here)[-1] == "Two"


def test_a_cleared_chat_takes_only_what_is_new(source):
    here = source.now()
    first = here.messages("c1")[0]
    apply(here, RemoveMessage(chat="c1", message=first.id, following=True))
    assert changes_between(here, source.now()) == []
    source.user("Two")
    apply(here, *changes_between(here, source.now()))
    assert texts(here) == ["Two"]


def test_a_deleted_chat_takes_nothing(source):
    here = source.now()
    data = here.copy().data
    data["chats"] = []
    source.user("Two")
    assert changes_between(type(here)(data), source.now()) == []


def test_a_reply_that_was_still_being_written_is_completed(source, tool_call):
    source.user("Go")
    source.reply("Looking", id="m9", output=1)
    here = source.now()
    source.reply(tool_call("t1"), id="m9", output=30)
    source.result("t1", "a.txt")
    apply(here, *changes_between(here, source.now()))
    assert [message_data(m) for m in here.messages("c1")] == [
        message_data(m) for m in source.now().messages("c1")
    ]
    assert changes_between(here, source.now()) == []


def test_a_message_the_person_edited_is_left_as_it_is(source):
    source.user("Go")
    source.reply("Looking", id="m9")
    here = source.now()
    edited = message_data(here.messages("c1")[-1])
    edited["content"] = [{"type": "text", "text": "Edited"}]
    apply(here, PutMessage(chat="c1", value=edited))
    source.reply("More", id="m9")
    apply(here, *changes_between(here, source.now()))
    assert here.messages("c1")[-1].content == (TextPart("Edited"),)


def test_a_source_that_was_rewound_takes_nothing_away(source):
    shared = source.last
    source.user("Left")
    source.reply("L")
    here = source.now()
    source.user("Right", parent=shared)
    source.reply("R")
    apply(here, *changes_between(here, source.now()))
    assert texts(here) == ["One", "1", "Left", "L", "Right", "R"]
    assert changes_between(here, source.now()) == []


def test_the_documents_given_are_not_changed(source):
    here = source.now()
    before = json.dumps(here.data)
    source.user("Two")
    there = source.now()
    after = json.dumps(there.data)
    assert changes_between(here, there)
    assert (json.dumps(here.data), json.dumps(there.data)) == (before, after)


def test_two_files_of_one_session_end_up_as_one(transcript, read_all):
    first = transcript("s1", "part-1")
    first.user("One")
    first.write()
    second = transcript("s1", "part-2")
    second.prefix, second.count = "later", 50
    second.user("Two")
    second.write()
    here, there = (found.document for found in read_all(first.folder)[0])
    assert here.id == there.id
    apply(here, *changes_between(here, there))
    assert texts(here) == ["One", "Two"]
    for found in read_all(first.folder)[0]:
        assert changes_between(here, found.document) == []


def test_a_total_that_grew_in_the_source_is_brought_up_to_date(tmp_path, read_all):
    path = tmp_path / "a.json"

    def now(output):
        reply = {"id": "2", "role": "assistant", "content": "Hi"}
        usage = {"input_tokens": 1, "output_tokens": output}
        data = {"id": "a", "messages": [reply], "usage": usage, "createdAt": 1772357400000}
        path.write_text(json.dumps(data))
        return read_all(path, FormagentImporter())[0][0].document

    here = now(5)
    apply(here, *changes_between(here, now(9)))
    assert here.messages("c1")[0].usage.output_tokens == 9
    assert changes_between(here, now(9)) == []


def test_a_text_that_was_written_on_in_place_is_completed(source):
    source.reply("The whole reply")
    here = source.now()
    place = len(here.messages("c1")) - 1
    kept = here.messages("c1")[place]
    half = {"content": [{"type": "text", "text": "The whole"}]}
    apply(here, SetMessage(chat="c1", message=kept.id, fields=half))
    apply(here, *changes_between(here, source.now()))
    assert texts(here)[place] == "The whole reply"


def test_a_text_that_was_cut_short_here_stays_short(source):
    source.reply("The whole reply")
    here = source.now()
    kept = here.messages("c1")[-1]
    mine = {
        "content": [{"type": "text", "text": "The whole"}],
        "metadata": {**kept.metadata, "edited_at": AT},
    }
    apply(here, SetMessage(chat="c1", message=kept.id, fields=mine))
    assert changes_between(here, source.now()) == []

"""Claude.ai's export: blocks, branches, attachments, and damaged files."""

import json
import zipfile

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tui_sessions.model.message import (
    FilePart,
    OpaquePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.transfer.base import ImportedSession
from tui_sessions.transfer.claude_ai import ClaudeAiImporter
from tui_sessions.transfer.merge import changes_between

ROOT = "00000000-0000-4000-8000-000000000000"


def message(name, sender="human", content=None, parent=None, **fields):
    content = [{"type": "text", "text": content}] if isinstance(content, str) else content
    link = {"parent_message_uuid": parent} if parent else {}
    return {"uuid": name, "sender": sender, "text": "", "content": content or [], **link, **fields}


def conversation(*messages, **fields):
    return {"uuid": "c-1", "name": "A talk", "created_at": "2026-01-01T00:00:00.000001Z",
            "chat_messages": list(messages), **fields}  # fmt: skip


@pytest.fixture
def read(read_all):
    return lambda path: read_all(path, ClaudeAiImporter())


@pytest.fixture
def export(tmp_path):
    def write(*conversations):
        path = tmp_path / "conversations.json"
        path.write_text(json.dumps(conversations))
        return path

    return write


@pytest.mark.parametrize(
    "name",
    ["claude-bakery-chat", "conversations", "creative-writing", "debugging", "structure-sample-00"],
)
def test_a_sample_is_what_its_messages_say(samples, read, name):
    path = samples / "claude-ai" / f"{name}.json"
    data = json.loads(path.read_bytes())
    entries = data if isinstance(data, list) else [data]
    sessions, skipped = read(path)
    assert not skipped
    assert len(sessions) == len(entries)
    for found, entry in zip(sessions, entries, strict=True):
        messages = [m for m in found.document.messages("c1") if not m.hidden]
        for role, sender in (("user", "human"), ("assistant", "assistant")):
            count = sum(m["sender"] == sender for m in entry["chat_messages"])
            assert sum(m.role == role for m in messages) == count
        session = found.document.session()
        assert session.label == entry["name"]
        assert session.chats[0].agent.model == entry.get("model")
        assert found.workspace.name == "Claude.ai"


def test_thoughts_calls_and_results_keep_their_order(export, read):
    blocks = [
        {"type": "thinking", "thinking": "Hm", "summaries": []},
        {"type": "tool_use", "id": None, "name": "search", "input": {"q": 1}},
        {"type": "tool_use", "id": None, "name": "fetch", "input": {"u": 2}},
        {"type": "tool_result", "tool_use_id": None, "name": "fetch", "is_error": True,
         "content": [{"type": "text", "text": "no"}]},
        {"type": "tool_result", "tool_use_id": None, "name": "search",
         "content": [{"type": "knowledge", "title": "T", "url": "https://a", "text": "yes"}]},
        {"type": "text", "text": "So it is"},
        {"type": "token_budget"},
        {"type": "hologram", "x": 1},
    ]  # fmt: skip
    (found,), _ = read(export(conversation(message("m1", content="Hi"),
                                           message("m2", "assistant", blocks))))  # fmt: skip
    messages = found.document.messages("c1")
    assert [m.role for m in messages] == ["user", "assistant", "tool", "assistant"]
    thought, search, fetch = messages[1].content
    assert (thought, search.name, fetch.name) == (ThinkingPart("Hm"), "search", "fetch")
    assert messages[2].content == (
        ToolResultPart(fetch.id, "no", True),
        ToolResultPart(search.id, "T\nhttps://a\nyes", False),
    )
    assert messages[3].content == (TextPart("So it is"), OpaquePart({"type": "hologram", "x": 1}))


def test_the_flat_text_serves_where_blocks_say_nothing(export, read, talk):
    odd = "```\nThis block is not supported on your current device yet.\n```\n\nRest"
    entry = conversation(message("m1", text="Hi"), message("m2", "assistant", text=odd),
                         message("m3", content="Once", text="Once"))  # fmt: skip
    (found,), _ = read(export(entry))
    assert talk(found) == [("user", "Hi"), ("assistant", "Rest"), ("user", "Once")]


def test_branches_are_forks_of_the_newest(export, read, talk):
    entry = conversation(
        message("a", content="Hi", parent=ROOT, created_at="2026-01-01T00:00:01Z"),
        message("b", "assistant", "New", "a", created_at="2026-01-01T00:00:09Z"),
        message("c", "assistant", "Old", "a", created_at="2026-01-01T00:00:02Z"),
        message("d", content="Anew", parent=ROOT, created_at="2026-01-01T00:00:03Z"),
    )
    sessions, skipped = read(export(entry))
    assert not skipped
    assert [[text for _, text in talk(found)] for found in sessions] == [
        ["Hi", "New"], ["Hi", "Old"], ["Anew"]]  # fmt: skip
    main, fork, other = (found.document for found in sessions)
    assert fork.session().parent.message_id == main.messages("c1")[0].id
    assert other.session().parent.session_id == main.id
    assert other.session().parent.message_id is None
    chosen = {**entry, "current_leaf_message_uuid": "c"}
    assert talk(read(export(chosen))[0][0])[-1] == ("assistant", "Old")


def test_what_was_attached_is_kept_out_of_the_prompt(export, read, talk):
    files = [{"file_name": "a.txt", "file_type": "text/plain", "extracted_content": "long text"}]
    entry = conversation(message("m1", content="See", attachments=files,
                                 files=[{"file_name": "b.png"}]), name="")  # fmt: skip
    (found,), _ = read(export(entry))
    assert talk(found, hidden=True) == [("user", "a.txt\n\nlong text")]
    assert found.document.session().label == "See"
    prompt = found.document.messages("c1")[1]
    assert FilePart("a.txt", media_type="text/plain") in prompt.content
    assert FilePart("b.png") in prompt.content


def test_artifacts_show_the_document_after_each_change(export, read):
    def call(**given):
        return {"type": "tool_use", "name": "artifacts", "input": {"id": "d", **given}}

    blocks = [call(command="create", content="one two"),
              call(command="update", old_str="two", new_str="three")]  # fmt: skip
    (found,), _ = read(export(conversation(message("m", "assistant", blocks))))
    calls = [p for p in found.document.messages("c1")[0].content if isinstance(p, ToolCallPart)]
    assert calls[1].arguments["content"] == "one three"


def test_conversations_without_messages_are_counted(export, read):
    empty = conversation(uuid="e")
    sessions, (skipped,) = read(export(conversation(message("m", content="Hi")), empty, empty))
    assert len(sessions) == 1
    assert (skipped.reason, skipped.count) == ("a conversation holds no messages", 2)


def test_an_archive_is_read_without_its_other_files(tmp_path, read):
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations.json", json.dumps([conversation(message("m", text="Hi"))]))
        archive.writestr("users.json", '[{"email_address": "x"}]')
        archive.writestr("projects.json", "[]")
    sessions, skipped = read(path)
    assert (len(sessions), skipped) == (1, [])


def test_importing_twice_changes_nothing_and_growth_is_added(export, read):
    entry = conversation(message("m1", content="Hi"), message("m2", "assistant", "Hello"))
    before, again = (read(export(entry))[0][0].document for _ in range(2))
    assert before.data == again.data
    assert changes_between(before, again) == []
    entry["chat_messages"].append(message("m3", content="More"))
    changes = changes_between(before, read(export(entry))[0][0].document)
    assert [c.value["content"][0]["text"] for c in changes if hasattr(c, "value")] == ["More"]


def test_circles_and_ids_that_repeat_end(export, read):
    circle = conversation(
        message("a", content="1", parent="b"), message("b", content="2", parent="a")
    )
    repeated = conversation(message("a", content="1"), message("a", content="2"), uuid="c-2")
    sessions, _ = read(export(circle, repeated))
    assert [len(found.document.messages("c1")) for found in sessions] == [2, 2]


@pytest.mark.parametrize("name", ["creative-writing", "claude-bakery-chat"])
@examples(15, HealthCheck.function_scoped_fixture)
@given(chance=st.randoms(use_true_random=False))
def test_no_damage_makes_the_import_fail(samples, tmp_path, damaged, swapped, name, chance):
    data = (samples / "claude-ai" / f"{name}.json").read_bytes()
    for changed in (
        damaged(data, chance),
        json.dumps([swapped(json.loads(data), chance)]).encode(),
    ):
        path = tmp_path / "conversations.json"
        path.write_bytes(changed)
        for found in ClaudeAiImporter().read(path):
            if isinstance(found, ImportedSession):
                json.dumps(found.document.data, ensure_ascii=False).encode()


def test_conversations_without_any_id_or_time_stay_apart(export, read, talk):
    said = [{"chat_messages": [{"sender": "human", "text": text}]} for text in ("One", "Two")]
    sessions, skipped = read(export(*said))
    assert not skipped
    assert [talk(session) for session in sessions] == [[("user", "One")], [("user", "Two")]]

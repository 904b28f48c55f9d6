"""Codex's rollouts: the dialects, names, tokens, and damaged files."""

import base64
import glob
import json
import sqlite3
from pathlib import Path

import pytest
from codex_rollouts import CONTEXT, ONE, told
from example_counts import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tui_sessions.model.message import (
    ImagePart,
    OpaquePart,
    SummaryPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.transfer.base import ImportedSession
from tui_sessions.transfer.codex import CodexImporter
from tui_sessions.transfer.merge import changes_between


@pytest.fixture
def read(read_all):
    def read(path, **options):
        return read_all(path, CodexImporter(**options))

    return read


def records_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


def counted(records: list[dict]) -> dict:
    """What the records say, read without the importer."""
    payloads = [record.get("payload") or {} for record in records]
    items = [p for r, p in zip(records, payloads, strict=True) if r["type"] == "response_item"]
    peak = [0, 0, 0]
    for payload in payloads:
        info = payload.get("info") if payload.get("type") == "token_count" else None
        if info:
            total = info["total_token_usage"]
            keys = ("input_tokens", "cached_input_tokens", "output_tokens")
            peak = [max(old, total[key]) for old, key in zip(peak, keys, strict=True)]
    calls = ("function_call", "custom_tool_call", "local_shell_call")
    return {
        "prompts": sum(
            p.get("type") == "user_message"
            or (p.get("type") == "item_completed" and p["item"]["type"] == "UserMessage")
            for p in payloads
        ),
        "replies": [
            "".join(block["text"] for block in item["content"])
            for item in items
            if item["type"] == "message" and item["role"] == "assistant"
        ],
        "thoughts": sum(bool(item.get("summary")) for item in items),
        "calls": {item["call_id"] for item in items if item["type"] in calls},
        "tokens": (peak[0] - peak[1], peak[1], peak[2]),
        "models": {p["model"] for r, p in zip(records, payloads, strict=True)
                   if r["type"] == "turn_context"},
    }  # fmt: skip


SAMPLES = [
    ("rollout-2025-09-24*.jsonl", "When I load the dashboard, I see 4 queries."),
    ("agtrace-codex_session-0.66.jsonl", "add myapp directory and create"),
    ("cli-0.60.1/**/*17f3*.jsonl", "What is the capital of France?"),
    ("cli-0.60.1/**/*1951*.jsonl", "Please list the files"),
    ("cli-0.169.0/**/*4e14*.jsonl", "What is the capital of France?"),
    ("cli-0.169.0/**/*4fd6*.jsonl", "Please list the files"),
    ("cli-0.169.0/**/*a73b*.jsonl", "Describe the picture"),
]


@pytest.mark.parametrize(("pattern", "title"), SAMPLES)
def test_a_sample_is_what_its_records_say(samples, read, pattern, title):
    (path,) = map(Path, glob.glob(str(samples / "codex" / pattern), recursive=True))
    (found,), skipped = read(path)
    assert not skipped
    assert told(found) == counted(records_of(path))
    assert found.document.session().label.startswith(title)
    assert found.workspace.directory == records_of(path)[0]["payload"]["cwd"]


def test_a_picture_comes_without_the_tags_around_it(samples, read):
    (path,) = (samples / "codex" / "cli-0.169.0").rglob("*a73b*.jsonl")
    (found,), _ = read(path)
    prompt = next(m for m in found.document.messages("c1") if m.role == "user" and not m.hidden)
    assert prompt.text == "Describe the picture"
    (picture,) = [part for part in prompt.content if isinstance(part, ImagePart)]
    assert base64.b64decode(picture.data).startswith(b"\x89PNG")


def test_a_prompt_with_a_picture_counts_once_whichever_tags_stand_around_it(rollout, read, talk):
    picture = {"type": "input_image", "image_url": "data:image/png;base64,aGk="}
    blocks = [{"type": "input_text", "text": "Look\n"}, {"type": "input_text", "text": "<image>"},
              picture, {"type": "input_text", "text": "</image>"}]  # fmt: skip
    made = rollout().meta().item("message", role="user", content=blocks)
    session = read(made.event("user_message", message="Look\n").reply("Yes").write())[0][0]
    assert talk(session) == [("user", "Look\n"), ("assistant", "Yes")]
    assert talk(session, hidden=True) == []
    assert isinstance(session.document.messages("c1")[0].content[1], ImagePart)


def test_searches_without_an_id_are_told_apart(rollout, read):
    made = rollout().meta().prompt("Look?")
    for query in ("one", "two"):
        made.item("web_search_call", action={"type": "search", "query": query})
    reply = read(made.reply("Found.").write())[0][0].document.messages("c1")[1]
    ids = [part.id for part in reply.content if isinstance(part, ToolCallPart)]
    assert len(set(ids)) == 2


def test_importing_all_samples_twice_changes_nothing(samples, read):
    first, second = (read(samples / "codex")[0] for _ in range(2))
    assert len(first) == len({found.document.id for found in first}) == 11
    for one, other in zip(first, second, strict=True):
        assert one.document.data == other.document.data
        assert changes_between(one.document, other.document) == []


def test_rollouts_without_envelopes_are_read(rollout, read, talk):
    made = rollout()
    made.lines = [
        json.dumps(value).encode()
        for value in (
            {"id": ONE, "timestamp": "2025-09-10T10:00:00.000Z", "instructions": None, "git": None},
            {"record_type": "state"},
            {"type": "message", "role": "user",
             "content": [{"type": "input_text", "text": CONTEXT}]},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]},
            {"type": "function_call", "name": "shell", "arguments": '{"command": ["ls"]}',
             "call_id": "c"},
            {"record_type": "state"},
            {"type": "function_call_output", "call_id": "c",
             "output": '{"output": "a.txt", "metadata": {"exit_code": 2}}'},
            {"type": "message", "role": "assistant",
             "content": [{"type": "output_text", "text": "Yes"}]},
        )
    ]  # fmt: skip
    (found,), skipped = read(made.write())
    assert not skipped
    assert talk(found) == [("user", "Hi"), ("assistant", ""), ("tool", ""), ("assistant", "Yes")]
    assert found.workspace.directory == "/home/ana/proj"
    assert found.document.session().created_at.year == 2025
    assert all(m.created_at is None for m in found.document.messages("c1"))
    parts = [part for m in found.document.messages("c1") for part in m.content]
    assert ToolCallPart("c", "shell", {"command": ["ls"]}) in parts
    assert ToolResultPart("c", "a.txt", True) in parts


def test_prompts_that_are_told_twice_count_once(rollout, read, talk):
    made = rollout().meta().user(CONTEXT).prompt("Hi").reply("Hello").prompt("Hi").reply("Again")
    (found,), _ = read(made.write())
    expected = [("user", "Hi"), ("assistant", "Hello"), ("user", "Hi"), ("assistant", "Again")]
    assert talk(found) == expected
    assert talk(found, hidden=True) == [("user", CONTEXT)]


def test_context_that_an_early_version_tells_as_an_event_is_no_prompt(rollout, read, talk):
    made = rollout()
    for text, kind in ((CONTEXT, "environment_context"), ("Hi", "plain")):
        made.line("event_msg", {"type": "user_message", "message": text, "kind": kind})
    made.reply("Hello")
    assert talk(read(made.write())[0][0]) == [("user", "Hi"), ("assistant", "Hello")]


def test_without_events_the_items_of_the_person_are_prompts(rollout, read, talk):
    made = rollout().meta().user(CONTEXT).user("# AGENTS.md instructions for x").user("Hi")
    (found,), _ = read(made.reply("Hello").write())
    assert [text for role, text in talk(found) if role == "user"] == ["Hi"]


def test_a_prompt_whose_event_is_not_written_yet_keeps_its_id(rollout, read, talk):
    made = rollout().meta().prompt("Hi").reply("Hello").user("And?")
    before = read(made.write())[0][0].document
    after = read(made.event("user_message", message="And?").reply("Yes").write())[0][0].document
    assert before.messages("c1")[-1] == after.messages("c1")[2]
    assert len(changes_between(before, after)) >= 1
    assert len(after.messages("c1")) == 4


def test_what_grows_adds_only_what_is_new(rollout, read):
    made = rollout().meta().prompt("One").reply("1")
    before = read(made.write())[0][0].document
    after = read(made.prompt("Two").reply("2").write())[0][0].document
    changes = changes_between(before, after)
    added = [change.value["content"][0]["text"] for change in changes if hasattr(change, "value")]
    assert added == ["Two", "2"]


def test_a_prompt_from_an_editor_is_what_the_person_asked(rollout, read, talk):
    text = "# Context from my IDE setup:\n\n## Open tabs:\n- a.py\n\n## My request for Codex:\nHi\n"
    (found,), _ = read(rollout().meta().prompt(text).reply("Hello").write())
    assert talk(found)[0] == ("user", "Hi")
    assert found.document.session().label == "Hi"
    assert talk(found, hidden=True)[0][1].startswith("# Context from my IDE")


def test_tokens_are_the_sum_of_the_peaks(rollout, read):
    made = rollout().meta().prompt("One").event("token_count", info=None)
    made.tokens(10).reply("1").tokens(10).tokens(25).prompt("Two").reply("2").tokens(25).tokens(7)
    (found,), _ = read(made.prompt("Three").reply("3").tokens(9).write())
    usages = [m.usage.input_tokens for m in found.document.messages("c1") if m.usage]
    assert usages == [25, 7, 2]


def test_without_totals_the_tokens_of_each_response_count_once(rollout, read):
    used = {"input_tokens": 100, "cached_input_tokens": 40, "output_tokens": 7}
    made = rollout().meta().prompt("One").reply("1")
    for response in ("r1", "r1", "r2"):
        made.line("token_usage_record", {"response_id": response, "usage": used})
    (item,) = read(made.write())[0]
    usages = [m.usage for m in item.document.messages("c1") if m.usage]
    assert sum(u.input_tokens for u in usages) == 120
    assert sum(u.cache_read_tokens for u in usages) == 80
    made.tokens(50).write()
    (item,) = read(made.write())[0]
    usages = [m.usage for m in item.document.messages("c1") if m.usage]
    assert sum(u.input_tokens for u in usages) == 50, "the totals tell it better"


def test_without_a_reply_the_model_is_the_one_that_was_chosen(rollout, read):
    path = rollout().meta().line("turn_context", {"model": "gpt-x"}).prompt("Hello?").write()
    assert read(path)[0][0].document.data["chats"][0]["agent"]["model"] == "gpt-x"


def test_a_compaction_is_a_summary_and_loses_nothing(rollout, read):
    made = rollout().meta().prompt("One").reply("1").line("compacted", {"message": "All so far"})
    made.line("compacted", {"message": "", "replacement_history": []})
    (found,), _ = read(made.prompt("Two").reply("2").write())
    messages = found.document.messages("c1")
    assert [m.role for m in messages] == ["user", "assistant", "system", "system", "user",
                                          "assistant"]  # fmt: skip
    assert messages[2].content == (SummaryPart("All so far"),)
    assert messages[3].hidden


def test_names_come_from_the_index_then_the_database(rollout, read):
    path = rollout().meta().prompt("First words").reply("1").write()
    home = path.parents[4]
    database = sqlite3.connect(home / "state_5.sqlite")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE threads (id TEXT, title TEXT)")
    database.execute("INSERT INTO threads VALUES (?, 'First words')", (ONE,))
    database.commit()
    before = sorted(home.iterdir())

    def label():
        session = read(home)[0][0].document.session()
        return session.label, session.auto_label

    try:
        assert label() == ("First words", True)
        database.execute("UPDATE threads SET title = 'From the tool'")
        database.commit()
        assert label() == ("From the tool", True)
    finally:
        assert sorted(home.iterdir()) == before
        database.close()
    lines = [{"id": ONE, "thread_name": name} for name in ("Old", "Mine")]
    (home / "session_index.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    assert label() == ("Mine", False)


def test_compressed_rollouts_are_read(rollout, read, talk):
    zstandard = pytest.importorskip("zstandard")
    made = rollout().meta().prompt("Hi").reply("Hello")
    path = made.write()
    plain = read(path)[0][0].document.data
    packed = path.with_name(path.name + ".zst")
    packed.write_bytes(zstandard.ZstdCompressor().compress(path.read_bytes()))
    path.unlink()
    (found,), skipped = read(path.parents[4])
    assert not skipped
    assert found.document.messages("c1")
    assert found.document.data["chats"] == plain["chats"]
    packed.write_bytes(packed.read_bytes()[:40] + b"damage")
    sessions, skipped = read(packed)
    assert not sessions
    assert [item.path for item in skipped] == [packed]


def test_without_a_library_compressed_rollouts_are_told(rollout, read, monkeypatch):
    path = rollout().meta().prompt("Hi").write()
    packed = path.rename(path.with_name(path.name + ".zst"))
    for module in ("zstandard", "compression"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    _, skipped = read(packed)
    assert "zstandard" in skipped[0].reason


def test_a_session_that_is_there_twice_comes_once(rollout, read):
    path = rollout().meta().prompt("Hi").reply("Hello").write()
    rollout(folder="archived_sessions").meta().prompt("Hi").write()
    sessions, skipped = read(path.parents[4])
    assert len(sessions) == len(skipped) == 1


def test_archived_sessions_stay_archived(rollout, read):
    path = rollout(folder="archived_sessions").meta().prompt("Hi").reply("Hello").write()
    (found,), _ = read(path.parents[1])
    assert found.document.session().state == "archived"


def test_unknown_kinds_are_kept_out_of_sight(rollout, read, talk):
    made = rollout().meta().prompt("Hi").line("novelty", {"a": 1}).event("novel_event", b=2)
    (found,), skipped = read(made.item("novel_item", c=3).reply("Hello").write())
    assert not skipped
    kept = [p.data for m in found.document.messages("c1") for p in m.content
            if isinstance(p, OpaquePart)]  # fmt: skip
    assert kept == [{"a": 1}, {"type": "novel_event", "b": 2}, {"type": "novel_item", "c": 3}]
    assert [role for role, _ in talk(found)] == ["user", "assistant"]


def test_the_home_folder_is_found(rollout, monkeypatch):
    made = rollout().meta().prompt("Hi")
    home = made.path.parents[4]
    monkeypatch.setenv("CODEX_HOME", str(home))
    assert CodexImporter().find() == []
    made.write()
    assert CodexImporter().find() == [home]


def test_files_of_other_tools_are_told(samples, read):
    sessions, skipped = read(samples / "claude-code")
    assert not sessions
    assert {item.reason for item in skipped} == {"it is not a Codex session"}


def test_broken_lines_and_odd_values_harm_nothing(rollout, read, talk):
    made = rollout().meta().prompt("Hi")
    made.lines += [b"{broken", b"\0\0", b"[1]"]
    for odd in (None, 7, [], {}, [None, 3, {"type": "input_text"}], "\ud800"):
        for kind in ("message", "reasoning", "function_call", "function_call_output"):
            made.item(kind, role="assistant", content=odd, summary=odd, output=odd, name=odd,
                      arguments=odd, call_id=odd, id=odd)  # fmt: skip
        made.event("user_message", message=odd, images=odd).event("item_completed", item=odd)
        made.event("token_count", info={"total_token_usage": odd})
        made.event("thread_rolled_back", num_turns=odd).line("turn_context", {"model": odd})
        made.line("response_item", {"type": odd})
    sessions, skipped = read(made.reply("Hello").write())
    assert sum(item.count for item in skipped) == 3
    assert talk(sessions[0])[-1] == ("assistant", "Hello")
    assert ("user", "Hi") in talk(sessions[1])
    for found in sessions:
        json.dumps(found.document.data, ensure_ascii=False).encode()


def test_a_line_that_is_too_long_is_left_out(rollout, read, talk):
    made = rollout().meta().prompt("Hi").user("x" * 9000).reply("Hello")
    (found,), skipped = read(made.write(), max_line=2000)
    assert [text for _, text in talk(found)] == ["Hi", "Hello"]
    assert [item.lines for item in skipped] == [(4,)]


FUZZED = ["agtrace-codex_session-0.66.jsonl", "subagent-parent.jsonl", "cli-0.60.1/**/*1951*.jsonl",
          "cli-0.169.0/**/*a637*.jsonl"]  # fmt: skip


@pytest.mark.parametrize("pattern", FUZZED)
@examples(15, HealthCheck.function_scoped_fixture)
@given(chance=st.randoms(use_true_random=False))
def test_no_damage_makes_the_import_fail(samples, tmp_path, damaged, swapped, pattern, chance):
    (sample,) = glob.glob(str(samples / "codex" / pattern), recursive=True)
    path = tmp_path / Path(sample).name
    data = Path(sample).read_bytes()
    odd = [json.dumps(swapped(json.loads(line), chance)).encode() for line in data.splitlines()]
    for changed in (damaged(data, chance), b"\n".join(odd)):
        path.write_bytes(changed)
        for found in CodexImporter().read(path):
            if isinstance(found, ImportedSession):
                messages = found.document.messages("c1")
                assert len({m.id for m in messages}) == len(messages)
                json.dumps(found.document.data, ensure_ascii=False).encode()

"""Gemini CLI's recordings: whole ones, logs, what was taken back, and damaged files."""

import hashlib
import json
from pathlib import Path

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tui_sessions.model.message import ImagePart, OpaquePart, ThinkingPart, ToolResultPart
from tui_sessions.model.usage import total_usage
from tui_sessions.transfer.base import ImportedSession
from tui_sessions.transfer.gemini_cli import GeminiCliImporter
from tui_sessions.transfer.merge import changes_between

HEADER = {"sessionId": "s-1", "projectHash": "ab12" * 16, "startTime": "2026-03-01T09:00:00.000Z",
          "kind": "main"}  # fmt: skip
CONTEXT = "<session_context>\n- **Workspace Directories:**\n  - /home/ana/proj\n</session_context>"


def user(name, content, **fields):
    return {"id": name, "type": "user", "content": content, **fields}


def reply(name, text, tokens=10, **fields):
    counts = {"input": tokens, "output": 1, "cached": 2, "thoughts": 3, "tool": 4}
    return {
        "id": name,
        "type": "gemini",
        "content": text,
        "model": "g-1",
        "tokens": counts,
        **fields,
    }


@pytest.fixture
def read(read_all):
    return lambda path, **options: read_all(path, GeminiCliImporter(**options))


@pytest.fixture
def log(tmp_path):
    def write(*entries, name="session-1.jsonl", folder="tmp/proj/chats", header=HEADER):
        path = tmp_path / "gemini" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\n".join(json.dumps(e).encode() for e in (header, *entries)) + b"\n")
        return path

    return write


def final_messages(path: Path) -> list[dict]:
    """The messages of a recording, the fullest record of each, read without the importer."""
    if path.suffix == ".json":
        return json.loads(path.read_bytes())["messages"]
    found: dict[str, dict] = {}
    for line in path.read_bytes().splitlines():
        entry = json.loads(line)
        for message in [entry, *entry.get("$set", {}).get("messages", [])]:
            if "id" in message:
                known = found.setdefault(message["id"], message)
                found[message["id"]] = max(known, message, key=lambda m: len(json.dumps(m)))
    return list(found.values())


SAMPLES = [
    # file, prompts, title
    ("agtrace-gemini_session.json", 2, "add myapp directory"),
    ("session-2025-10-29T10-36-453aa339.json", 1, "Change 'Hello' to 'Goodbye'"),
    ("session-2025-10-29T10-40-359abdd0.json", 1, "Create a file at"),
    ("jsonl_v040.jsonl", 1, "Say hello and list files."),
    ("cli-0.61.0/tmp/proj/chats/session-2026-11-20T23-08-7f48835d.jsonl", 1, "Please list"),
    ("cli-0.61.0/tmp/proj/chats/session-2026-11-20T23-08-80ef1522.jsonl", 2, "What is the capital"),
]


@pytest.mark.parametrize(("name", "prompts", "title"), SAMPLES)
def test_a_sample_is_what_its_records_say(samples, read, name, prompts, title):
    path = samples / "gemini-cli" / name
    raw = [m for m in final_messages(path) if m["type"] == "gemini"]
    (found,), skipped = read(path)
    assert not skipped
    messages = found.document.messages("c1")
    replies = [m for m in messages if m.role == "assistant"]
    assert sum(m.role == "user" and not m.hidden for m in messages) == prompts
    assert len(replies) == len(raw)
    assert [m.model for m in replies] == [m["model"] for m in raw]
    parts = [part for m in messages for part in m.content]
    assert sum(isinstance(p, ThinkingPart) for p in parts) == sum(
        len(m.get("thoughts") or []) for m in raw
    )
    results = {p.call_id for p in parts if isinstance(p, ToolResultPart)}
    assert results == {call["id"] for m in raw for call in m.get("toolCalls") or []}
    usage = total_usage(m.usage for m in messages)
    assert usage.total_tokens == sum(m["tokens"]["total"] for m in raw)
    assert usage.cache_read_tokens == sum(m["tokens"]["cached"] for m in raw)
    assert found.document.session().label.startswith(title)


def test_directories_come_from_the_project_or_are_proved_by_its_hash(samples, read):
    sessions, skipped = read(samples / "gemini-cli" / "cli-0.61.0")
    assert not skipped
    assert {found.workspace.directory for found in sessions} == {"/home/ana/proj"}
    (found,), _ = read(samples / "gemini-cli" / "session-2025-10-29T10-36-453aa339.json")
    digest = json.loads(found.path.read_bytes())["projectHash"]
    assert hashlib.sha256(found.workspace.directory.encode()).hexdigest() == digest
    (found,), _ = read(samples / "gemini-cli" / "jsonl_v040.jsonl")
    assert (found.workspace.directory, found.workspace.name) == (
        None,
        "Gemini CLI, unknown (0b7dfb12)",
    )


def test_a_recording_of_notices_only_is_no_conversation(samples, read):
    sessions, (skipped,) = read(samples / "gemini-cli" / "system_messages.json")
    assert not sessions
    assert skipped.reason == "it holds no conversation"


def test_the_context_is_hidden_and_answers_of_tools_are_told_once(log, read, talk):
    answer = {"functionResponse": {"id": "t1", "response": {"error": "none"}}}
    call = {"id": "t1", "name": "ls", "args": {}, "status": "error", "result": [answer]}
    path = log(
        {"$set": {"messages": [user("ctx", [{"text": CONTEXT}])]}},
        user("u", [{"text": "Hi"}]),
        reply("g", ""),
        reply("g", "", toolCalls=[call]),
        user("r", [answer]),
        reply("h", "Hello"),
    )
    (found,), skipped = read(path)
    assert not skipped
    messages = found.document.messages("c1")
    assert [m.role for m in messages] == ["user", "user", "assistant", "tool", "assistant"]
    assert messages[3].content == (ToolResultPart("t1", "none", True),)
    assert talk(found, hidden=True) == [("user", CONTEXT)]
    assert total_usage(m.usage for m in messages).total_tokens == 2 * (10 + 4 + 1 + 3)


def test_a_resume_tells_again_and_shrinks_nothing(log, read):
    stated = [user("u", [{"text": "Hi"}]), {"id": "g", "type": "gemini", "content": "Hello"}]
    path = log(
        user("u", "Hi", timestamp="2026-03-01T09:00:01Z"),
        reply("g", "Hello"),
        {**HEADER, "startTime": "2026-03-02T09:00:00.000Z"},
        {"$set": {"messages": [user("ctx", CONTEXT)]}},
        {"$set": {"messages": [user("ctx", CONTEXT), *stated]}},
        user("v", "More"),
    )
    (found,), _ = read(path)
    session = found.document.session()
    messages = [m for m in found.document.messages("c1") if not m.hidden]
    assert [m.text for m in messages] == ["Hi", "Hello", "More"]
    assert messages[1].usage.output_tokens == 4
    assert session.created_at.day == 1


def test_what_was_taken_back_is_a_fork(log, read, talk):
    path = log(
        user("a", "One"), reply("b", "1"), user("c", "Two"), reply("d", "2"),
        {"$rewindTo": "c"}, user("e", "Other"), reply("f", "3"),
    )  # fmt: skip
    (main, dropped), skipped = read(path)
    assert not skipped
    assert [text for _, text in talk(main)] == ["One", "1", "Other", "3"]
    assert [text for _, text in talk(dropped)] == ["One", "1", "Two", "2"]
    link = dropped.document.session().parent
    assert (link.session_id, link.message_id) == (
        main.document.id,
        main.document.messages("c1")[1].id,
    )
    assert dropped.document.session().chats[0].inherited == 2


def test_a_rewind_to_what_is_not_there_takes_all_back(log, read, talk):
    path = log(user("a", "One"), {"$rewindTo": "zz"}, user("b", "Two"))
    main, dropped = read(path)[0]
    assert (talk(main), talk(dropped)) == ([("user", "Two")], [("user", "One")])


def test_a_compression_loses_nothing(log, read):
    summary = "<state_snapshot>all so far</state_snapshot>"
    path = log(user("a", "One"), reply("b", "1"),
               {"$set": {"messages": [user("s", summary), user("x", "One")]}},
               user("c", "Two"))  # fmt: skip
    (found,), _ = read(path)
    messages = found.document.messages("c1")
    assert [m.role for m in messages] == ["user", "assistant", "system", "user"]
    assert messages[2].text == summary


def test_files_that_a_prompt_names_are_context(log, read, talk):
    content = [{"text": "See @a.txt"}, {"text": "\n--- Content from referenced files ---"},
               {"text": "\nContent from @a.txt:\n"}, {"text": "long"},
               {"inlineData": {"mimeType": "image/png", "data": "aGk="}}]  # fmt: skip
    (found,), _ = read(log(user("u", content), reply("g", "Seen")))
    assert talk(found)[0] == ("user", "See @a.txt")
    prompt = found.document.messages("c1")[1]
    assert prompt.content[1] == ImagePart("image/png", data="aGk=")
    assert "long" in talk(found, hidden=True)[0][1]


def test_sub_agents_hang_on_the_call_that_names_them(log, read):
    call = {"id": "t1", "name": "agent", "args": {}, "result": [{"text": "agent-7 is done"}]}
    path = log(user("u", "Ask"), reply("g", "", toolCalls=[call]))
    header = {**HEADER, "sessionId": "agent-7", "kind": "subagent"}
    log(user("p", "Look"), reply("q", "Seen"), name="agent-7.jsonl",
        folder="tmp/proj/chats/s-1", header=header)  # fmt: skip
    parent, child = read(path.parents[3])[0]
    link = child.document.session().parent
    assert (link.session_id, link.kind, link.detached) == (parent.document.id, "spawn", True)
    assert link.message_id == parent.document.messages("c1")[1].id


def test_the_newer_of_two_recordings_of_a_session_counts(log, read):
    path = log(user("u", "Hi"), reply("g", "Hello"))
    old = {**HEADER, "messages": [user("u", "Hi")]}
    path.with_suffix(".json").write_text(json.dumps(old))
    (found,), (skipped,) = read(path.parents[3])
    assert found.path == path
    assert skipped.path == path.with_suffix(".json")


def test_only_chats_of_a_home_folder_are_opened(log, read, monkeypatch):
    path = log(user("u", "Hi"))
    home = path.parents[3]
    for name in ("oauth_creds.json", "tmp/proj/secret.json", "tmp/proj/logs.json"):
        (home / name).write_text('{"token": "x"}')
    sessions, skipped = read(home)
    assert (len(sessions), skipped) == (1, [])
    monkeypatch.setenv("GEMINI_CLI_HOME", str(home.parent))
    assert GeminiCliImporter().find() == []
    home.rename(home.with_name(".gemini"))
    assert GeminiCliImporter().find() == [home.with_name(".gemini") / "tmp"]


def test_importing_twice_changes_nothing_and_growth_is_added(log, read):
    entries = [user("u", "Hi"), reply("g", "Hello")]
    before, again = (read(log(*entries))[0][0].document for _ in range(2))
    assert before.data == again.data
    assert changes_between(before, again) == []
    call = {"id": "t1", "name": "ls", "args": {}, "result": [{"text": "a.txt"}]}
    after = read(log(*entries, reply("g", "Hello", toolCalls=[call]), user("v", "More")))[0][0]
    changes = changes_between(before, after.document)
    added = [c.value["content"][0] for c in changes if hasattr(c, "value")]
    assert [part.get("text") for part in added] == ["a.txt", "More"]
    assert any(getattr(c, "fields", {}).get("content") for c in changes)


def test_a_last_line_that_is_still_being_written_waits(log, read, talk):
    path = log(user("u", "Hi"))
    path.write_bytes(path.read_bytes() + b'{"id": "g", "type": "gem')
    (found,), skipped = read(path)
    assert (talk(found), skipped) == ([("user", "Hi")], [])


def test_unknown_kinds_are_kept_out_of_sight(log, read):
    odd = {"id": "x", "type": "novelty", "content": [1]}
    (found,), _ = read(log(user("u", "Hi"), odd, {"novel": 1}))
    assert found.document.messages("c1")[1].content == (OpaquePart(odd),)


def test_files_of_other_tools_are_told(samples, read):
    for name in ("claude-code", "codex", "claude-ai"):
        sessions, skipped = read(samples / name)
        assert not sessions
        assert skipped


@pytest.mark.parametrize("name", [SAMPLES[0][0], SAMPLES[4][0], SAMPLES[5][0]])
@examples(15, HealthCheck.function_scoped_fixture)
@given(chance=st.randoms(use_true_random=False))
def test_no_damage_makes_the_import_fail(samples, tmp_path, damaged, swapped, name, chance):
    sample = samples / "gemini-cli" / name
    data = sample.read_bytes()
    lines = data.splitlines() if sample.suffix == ".jsonl" else [data]
    odd = b"\n".join(json.dumps(swapped(json.loads(line), chance)).encode() for line in lines)
    path = tmp_path / sample.name
    for changed in (damaged(data, chance), odd):
        path.write_bytes(changed)
        for found in GeminiCliImporter().read(path):
            if isinstance(found, ImportedSession):
                json.dumps(found.document.data, ensure_ascii=False).encode()


def messages_of(found):
    return found.document.messages("c1")


def result(name, text):
    return {"functionResponse": {"id": name, "name": "run", "response": {"output": text}}}


def test_what_was_typed_while_tools_ran_stands_apart_from_their_results_and_what_was_added(
    log, read
):
    told = (
        "User steering update:\n<user_input>\nNot that file\n</user_input>\n"
        "Internal instruction: Re-evaluate the active plan."
    )
    path = log(
        user("u1", "Go"), reply("r1", "Reading"), user("u2", [{"text": told}, result("c1", "42")])
    )
    _, _, answer, added, typed = messages_of(read(path)[0][0])
    assert answer.content == (ToolResultPart("c1", "42", is_error=False),)
    assert (added.hidden, added.text) == (
        True,
        "Internal instruction: Re-evaluate the active plan.",
    )
    assert (typed.role, typed.hidden, typed.text) == ("user", False, "Not that file")


def test_a_picture_that_a_tool_gave_back_is_no_prompt(log, read):
    picture = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    path = log(user("u1", "Look"), reply("r1", "Yes"), user("u2", [result("c1", "a.png"), picture]))
    *_, answer = messages_of(read(path)[0][0])
    assert answer.role == "tool"
    assert [type(part) for part in answer.content] == [ToolResultPart, ImagePart]


@pytest.mark.parametrize("shown", [[{"text": "Go"}], [result("c1", "42")], None])
def test_the_tools_own_request_to_go_on_is_no_prompt(log, read, shown):
    again = user("u2", [{"text": "System: Please continue."}], displayContent=shown)
    path = log(user("u1", "Go"), again, reply("r1", "Done"))
    messages = messages_of(read(path)[0][0])
    assert [m.text for m in messages if m.role == "user" and not m.hidden] == ["Go"]
    assert [m.text for m in messages if m.hidden] == ["System: Please continue."]


def test_a_sub_agent_with_the_id_of_its_session_is_its_child_where_its_calls_ran(log, read):
    call = {"id": "c1", "name": "cli_help", "args": {}, "timestamp": "2026-03-01T09:02:00.000Z"}
    asked = reply("r1", "Asking", toolCalls=[call], timestamp="2026-03-01T09:01:00.000Z")
    log(user("u1", "How?"), asked, name="session-2026-03-01T09-00-s-1.jsonl")
    began = {**HEADER, "startTime": "2026-03-01T09:01:30.000Z"}
    log(user("u2", "Your task"), reply("r2", "So"), name="session-2026-03-01T09-01-s-1.jsonl",
        header=began)  # fmt: skip
    session, agent = read(log(name="other.jsonl").parent)[0]
    link = agent.document.head.parent
    assert (link.session_id, link.kind) == (session.document.id, "spawn")
    assert link.message_id == messages_of(session)[1].id


def test_a_sub_agents_title_is_its_answer_without_the_json_around_it(log, read):
    log(user("u1", "Go"), reply("r1", "Done"))
    summary = json.dumps({"response": "Two skills were found."})
    log(user("u2", "Task"), reply("r2", "So"), folder="tmp/proj/chats/s-1", name="ab.jsonl",
        header={**HEADER, "sessionId": "ab", "kind": "subagent", "summary": summary})  # fmt: skip
    agent = read(log(name="empty.jsonl").parent)[0][1]
    assert agent.document.head.label == "Two skills were found."


def test_an_output_that_is_masked_later_stays_whole(log, read):
    def call(text):
        return [{"id": "c1", "name": "run", "args": {}, "result": [result("c1", text)]}]

    masked = "<tool_output_masked>\nall of\n... [TRUNCATED] ...\n</tool_output_masked>"
    path = log(
        user("u1", "Go"),
        reply("r1", "So", toolCalls=call("all of it")),
        reply("r1", "So", toolCalls=call(masked)),
        reply("r2", "And", toolCalls=[{"id": ["x"], "result": [result("c1", masked)]}]),
        reply("r2", "And", toolCalls=[{"id": ["x"], "result": [result("c1", masked)]}]),
    )
    answers = [m.content[0].text for m in messages_of(read(path)[0][0]) if m.role == "tool"]
    assert answers == ["all of it", masked]

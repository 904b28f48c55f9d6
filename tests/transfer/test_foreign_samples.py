"""Real histories, compared with facts that are counted from the files without the importers."""

import json
from collections import defaultdict
from pathlib import Path

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tui_sessions.model.message import ImagePart, ToolCallPart, ToolResultPart
from tui_sessions.model.usage import total_usage
from tui_sessions.transfer.base import ImportedSession
from tui_sessions.transfer.merge import changes_between
from tui_sessions.transfer.registry import importer

FILES = [
    # file, prompts, title
    ("06381696-0074-49f8-863e-6ad4fac507f9.jsonl", 1, "Let's explore scrolling"),
    ("1af7fc5e-8455-4414-9ccd-011d40f70b2a.jsonl", 1, "/init"),
    ("agtrace-claude_session.jsonl", 2, "add myapp directory"),
    ("compaction-synthetic-2.0.76.jsonl", 2, "for the change in"),
    ("parallel-tools-2.1.22.jsonl", 1, "can you update go"),
    ("summary-system-2.0.76.jsonl", 2, "I just tried to make a release"),
]

FORMATS = ["claude-code", "simulacra", "formagent", "codex", "chatgpt", "claude-ai", "gemini-cli"]


def records_of(path: Path):
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


def counted_tokens(records):
    """Input and output tokens: once a message id, with the largest output."""
    best = {}
    for record in records:
        message = record.get("message") or {}
        usage = message.get("usage")
        if record["type"] == "assistant" and usage:
            known = best.setdefault(message["id"], usage)
            if usage["output_tokens"] >= known["output_tokens"]:
                best[message["id"]] = usage
    return (
        sum(usage["input_tokens"] for usage in best.values()),
        sum(usage["output_tokens"] for usage in best.values()),
        sum(usage.get("cache_read_input_tokens", 0) for usage in best.values()),
    )


def counted_replies(records):
    """The ids of the messages that a model wrote."""
    messages = (record["message"] for record in records if record["type"] == "assistant")
    return {message["id"] for message in messages if message["model"] != "<synthetic>"}


def counted_blocks(records, kind):
    found = defaultdict(int)
    for record in records:
        content = (record.get("message") or {}).get("content")
        for block in content if isinstance(content, list) else ():
            if block["type"] == kind:
                found[block.get("id") or block.get("tool_use_id")] += 1
    return set(found)


@pytest.mark.parametrize(("name", "prompts", "title"), FILES)
def test_a_claude_code_sample_is_what_its_records_say(samples, read_all, name, prompts, title):
    path = samples / "claude-code" / name
    records = records_of(path)
    (found,), skipped = read_all(path)
    assert not skipped
    messages = found.document.messages("c1")
    shown = [m for m in messages if not m.hidden]
    assert sum(m.role == "user" for m in shown) == prompts
    assert sum(m.role == "assistant" for m in shown) == len(counted_replies(records))
    assert found.document.session().label.startswith(title)
    usage = total_usage(m.usage for m in messages)
    expected = counted_tokens(records)
    assert (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens) == expected
    parts = [part for message in messages for part in message.content]
    calls = {part.id for part in parts if isinstance(part, ToolCallPart)}
    results = {part.call_id for part in parts if isinstance(part, ToolResultPart)}
    assert calls == counted_blocks(records, "tool_use")
    assert results == counted_blocks(records, "tool_result")
    assert found.workspace.directory in {record.get("cwd") for record in records}


def test_a_project_folder_written_by_the_tool_itself(samples, read_all):
    sessions, skipped = read_all(samples / "claude-code" / "cli-2.1.197")
    assert not skipped
    told = [
        (
            found.document.session().label,
            [m.text for m in found.document.messages("c1") if m.role == "user" and not m.hidden],
        )
        for found in sessions
    ]
    capital = "What is the capital of France?"
    assert told == [
        (capital, [capital, "And of Italy?", "And of Spain?"]),
        ("Please list the files", ["Please list the files"]),
        ("Please ask a subagent", ["Please ask a subagent"]),
        ("Capital lookup", [capital]),
    ]
    parent, child = sessions[2], sessions[3]
    link = child.document.session().parent
    assert (link.session_id, link.kind) == (parent.document.id, "spawn")
    assert link.message_id == parent.document.messages("c1")[1].id
    assert {found.workspace.directory for found in sessions} == {"/home/ana/proj"}


def test_pictures_in_prompts_and_results_are_kept(samples, read_all):
    for name, role in (("user-image", "user"), ("tool-result-image", "tool")):
        (found,), _ = read_all(samples / "claude-code" / "records" / f"{name}.jsonl")
        message = next(m for m in found.document.messages("c1") if m.role == role)
        assert any(isinstance(part, ImagePart) and part.data for part in message.content)


def test_a_simulacra_store_is_four_sessions_and_their_forks(samples, read_all):
    sessions, skipped = read_all(samples / "simulacra", importer("simulacra"))
    assert not skipped
    told = {
        found.path.stem[0]: (
            len(found.document.messages("c1")),
            found.document.session().active_chat.inherited,
            found.document.session().parent and found.document.session().parent.kind,
        )
        for found in sessions
    }
    assert told == {
        "1": (4, 0, None),
        "2": (4, 2, "fork"),
        "3": (2, 0, "spawn"),
        "4": (5, 0, None),
        "5": (6, 4, "fork"),
    }


def test_a_formagent_store_is_three_sessions_with_their_totals(samples, read_all):
    sessions, skipped = read_all(samples / "formagent", importer("formagent"))
    assert not skipped
    told = {}
    for found in sessions:
        usage = total_usage(m.usage for m in found.document.messages("c1"))
        inherited = found.document.session().active_chat.inherited
        told[found.path.stem] = (inherited, usage.input_tokens, usage.output_tokens)
    assert told == {"sess_a": (0, 120, 30), "sess_b": (2, 60, 12), "sess_c": (0, 500, 40)}


@pytest.mark.parametrize("name", FORMATS)
def test_every_sample_can_be_imported_twice_without_a_change(samples, name):
    def documents():
        found = importer(name).read(samples / name)
        return [item.document for item in found if isinstance(item, ImportedSession)]

    for first, second in zip(documents(), documents(), strict=True):
        assert first.data == second.data
        assert changes_between(first, second) == []


@pytest.mark.parametrize("name", FORMATS)
def test_no_importer_fails_on_the_files_of_the_others(samples, name):
    for found in importer(name).read(samples):
        assert found.path.exists()


SMALL = [
    ("claude-code", "agtrace-claude_session.jsonl"),
    ("claude-code", "cli-2.1.197/-home-ana-proj/8a543e78-429d-44bf-ac81-43c7381c74f8.jsonl"),
    ("simulacra", "sessions/11111111-1111-4111-8111-111111111111.json"),
    ("formagent", "sessions/sess_c.json"),
]


@pytest.mark.parametrize(("name", "sample"), SMALL)
@examples(15, HealthCheck.function_scoped_fixture)
@given(chance=st.randoms(use_true_random=False))
def test_a_damaged_sample_never_makes_an_importer_fail(samples, tmp_path, name, sample, chance):
    data = bytearray((samples / name / sample).read_bytes())
    for _ in range(chance.randint(1, 12)):
        start = chance.randint(0, len(data))
        end = start + chance.choice([0, 1, 1, 5, 400])
        data[start:end] = chance.choice(
            [b"", b'"', b"}", b"\n", b"\0", b"\xff", b"null", b"[" * 99]
        )
    path = tmp_path / Path(sample).name
    path.write_bytes(data)
    for found in importer(name).read(path):
        if isinstance(found, ImportedSession):
            json.dumps(found.document.data, ensure_ascii=False).encode()

"""pi: files whose entries are a tree."""

import json

import pytest
from import_checks import (
    calls_and_results,
    fork_of,
    grown,
    label,
    messages,
    model,
    own_usage,
    read,
    talk,
)

from tui_sessions.model.message import SummaryPart
from tui_sessions.transfer.base import session_id_for
from tui_sessions.transfer.pi import PiImporter

HEADER = {"type": "session", "version": 3, "id": "abc", "cwd": "/home/ana/proj"}


def said(id_, parent, role, content, **fields):
    message = {"role": role, "content": content, **fields}
    at = f"2026-01-01T00:00:0{len(id_)}.000Z"
    return {"type": "message", "id": id_, "parentId": parent, "timestamp": at, "message": message}


CALL = {"type": "toolCall", "id": "t1", "name": "bash", "arguments": {"command": "ls"}}
USAGE = {"input": 10, "output": 5, "cacheRead": 2, "cacheWrite": 1, "cost": {"total": 0.5}}
ENTRIES = (
    {"type": "model_change", "id": "e0", "parentId": None, "provider": "p", "modelId": "m0"},
    said("e1", "e0", "user", "Hi"),
    said("e2", "e1", "assistant", [CALL], model="m1", provider="p", usage=USAGE),
    said("e3", "e2", "toolResult", [{"type": "text", "text": "a.txt"}], toolCallId="t1"),
    said("e4", "e1", "assistant", "Other", model="m2"),
    {"type": "compaction", "id": "e5", "parentId": "e4", "summary": "So far"},
    {"type": "session_info", "id": "e6", "parentId": "e5", "name": "Named"},
)


@pytest.fixture
def write(tmp_path):
    def file(*entries, header=HEADER, name="2026-01-01T00-00-00-000Z_abc.jsonl"):
        path = tmp_path / "sessions" / "--home-ana-proj--" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{json.dumps(entry)}\n" for entry in (header, *entries)))
        return path

    return file


def test_the_branch_written_last_is_the_session_and_others_are_forks(write):
    found, skipped = read("pi", write(*ENTRIES))
    assert not skipped
    assert set(found) == {"abc", "abc/e2"}
    assert [role for role, _ in talk(found["abc"])] == ["user", "assistant", "system"]
    assert messages(found["abc"])[2].content == (SummaryPart("So far"),)
    kept = found["abc"].document
    assert fork_of(found["abc/e2"]) == ("fork", kept.id, kept.messages("c1")[0].id, 1)
    assert calls_and_results(found["abc/e2"]) == (["t1"], ["t1"])
    assert label(found["abc"]) == "Named"
    assert (model(found["abc"]), model(found["abc/e2"])) == ("m2", "m1")
    usage = own_usage(found["abc/e2"])
    assert (usage.total_tokens, usage.cost_usd) == (18, 0.5)
    assert found["abc"].workspace.directory == "/home/ana/proj"


def test_the_first_version_had_no_tree(write):
    header = {key: value for key, value in HEADER.items() if key != "version"}
    entries = [
        {key: value for key, value in entry.items() if key not in ("id", "parentId")}
        for entry in (ENTRIES[1], ENTRIES[4])
    ]
    (item,) = read("pi", write(*entries, header=header))[0].values()
    assert talk(item) == [("user", "Hi"), ("assistant", "Other")]


def test_an_entry_whose_parent_is_not_there_follows_the_one_before_it(write):
    path = write(
        {**ENTRIES[0], "parentId": HEADER["id"]},
        said("e1", HEADER["id"], "user", "Hi"),
        said("e2", "lost", "assistant", "Hello"),
        said("e3", ["odd"], "user", "Elsewhere"),
    )
    found, _ = read("pi", path)
    assert [talk(item) for item in found.values()] == [
        [("user", "Elsewhere")],
        [("user", "Hi"), ("assistant", "Hello")],
    ]


def test_a_fork_in_a_file_of_its_own_names_its_parent(write):
    header = {**HEADER, "id": "def", "parentSession": "/x/2026-01-01T00-00-00-000Z_abc.jsonl"}
    (item,) = read("pi", write(ENTRIES[1], header=header, name="b_def.jsonl"))[0].values()
    assert fork_of(item)[:2] == ("fork", session_id_for("pi", "abc"))


FORK = {**HEADER, "id": "def", "parentSession": "C:\\x\\2026-01-01T00-00-00-000Z_abc.jsonl"}


def test_a_fork_in_a_file_of_its_own_repeats_its_parent_up_to_the_fork_point(write):
    original = write(*ENTRIES)
    repeated = (ENTRIES[0], ENTRIES[1], ENTRIES[2])
    write(*repeated, said("f1", "e2", "user", "On"), header=FORK, name="b_def.jsonl")
    found, skipped = read("pi", original.parent)
    assert not skipped
    point = found["abc/e2"].document.messages("c1")[1].id
    assert fork_of(found["def"]) == ("fork", found["abc/e2"].document.id, point, 2)
    assert own_usage(found["def"]).total_tokens == 0


def test_what_a_fork_copies_of_other_branches_is_its_parents(write):
    original = write(*ENTRIES)
    write(*ENTRIES, said("f1", "e6", "user", "On"), header=FORK, name="b_def.jsonl")
    found, _ = read("pi", original.parent)
    assert set(found) == {"abc", "abc/e2", "def"}
    assert fork_of(found["def"])[1:] == (
        found["abc"].document.id,
        found["abc"].document.messages("c1")[-1].id,
        3,
    )


def test_forks_of_the_first_version_are_known_by_what_they_repeat(write):
    *first, more = [
        {key: value for key, value in entry.items() if key not in ("id", "parentId")}
        for entry in (ENTRIES[1], ENTRIES[4], said("x", None, "user", "On"))
    ]
    header = {key: value for key, value in FORK.items() if key != "version"}
    header["branchedFrom"] = header.pop("parentSession")
    original = write(*first)
    write(*first, more, header=header, name="b_def.jsonl")
    found, _ = read("pi", original.parent)
    kept = found["abc"].document
    assert fork_of(found["def"]) == ("fork", kept.id, kept.messages("c1")[-1].id, 2)


def test_a_file_that_a_fork_names_elsewhere_is_never_opened(write, tmp_path):
    (tmp_path / "abc.jsonl").write_text(f"{json.dumps(HEADER)}\n{json.dumps(ENTRIES[1])}\n")
    header = {**HEADER, "id": "def", "parentSession": str(tmp_path / "abc.jsonl")}
    (item,) = read("pi", write(ENTRIES[1], header=header, name="b_def.jsonl"))[0].values()
    assert fork_of(item)[2:] == (None, 0)


@pytest.mark.parametrize("name", ["", "..", "a\0b.jsonl", "*.jsonl", "x" * 5000, "b_def.jsonl"])
def test_odd_names_of_parents_harm_nothing(write, name):
    header = {**HEADER, "id": "def", "parentSession": name}
    write(*ENTRIES)
    found, skipped = read("pi", write(ENTRIES[1], header=header, name="b_def.jsonl"))
    assert (set(found), skipped) == ({"def"}, [])


def test_commands_of_the_person_failures_and_entries_to_come(write):
    shell = {"type": "message", "id": "e2", "parentId": "e1"}
    shell["message"] = {"role": "bashExecution", "command": "ls", "output": "a.txt"}
    failed = said("e3", "e2", "assistant", [], stopReason="error", errorMessage="Too many")
    unknown = {"type": "hologram", "id": "e4", "parentId": "e3", "x": 1}
    path = write(ENTRIES[1], shell, failed, unknown)
    (item,) = read("pi", path)[0].values()
    asked, ran, reply, kept = item.document.messages("c1")
    assert (ran.hidden, ran.text) == (True, "!ls\na.txt")
    assert (reply.status, reply.error) == ("failed", "Too many")
    assert kept.content[0].data == {"type": "hologram", "x": 1}
    assert not asked.hidden


async def test_what_a_file_gains_is_all_that_comes_in(write, tmp_path):
    path = write(*ENTRIES)

    def grow():
        with path.open("a") as file:
            file.write(json.dumps(said("e7", "e6", "user", "More")) + "\n")

    first, second = await grown("pi", path, tmp_path, grow)
    assert first == ({"created": 2}, 6)
    assert second == ({"updated": 1, "unchanged": 1}, 1)


def test_it_is_found_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("PI_CODING_AGENT_DIR", str(tmp_path))
    assert PiImporter().find() == []
    (tmp_path / "sessions").mkdir()
    assert PiImporter().find() == [tmp_path / "sessions"]

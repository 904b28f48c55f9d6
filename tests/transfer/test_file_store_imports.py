"""Importing simulacra's and formagent's stores of one JSON file a session."""

import json
import os

import pytest

from tui_sessions.model.message import (
    ImagePart,
    OpaquePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.usage import total_usage
from tui_sessions.transfer.base import session_id_for
from tui_sessions.transfer.formagent import FormagentImporter
from tui_sessions.transfer.simulacra import SimulacraImporter

TIME = 1772357400000


@pytest.fixture
def simulacra(tmp_path, read_all):
    def write(session_id, messages, **metadata):
        made = [
            {"id": id_, "timestamp": TIME + n * 1000, "role": role,
             "content": [{"type": "text", "text": block} if isinstance(block, str) else block]}
            for n, (id_, role, block) in enumerate(messages)
        ]  # fmt: skip
        path = tmp_path / f"{session_id}.json"
        path.write_text(json.dumps({"metadata": metadata, "messages": made}))
        return path

    write.read = lambda path=tmp_path: read_all(path, SimulacraImporter())
    return write


def family(write):
    write("p", [("m1", "user", "One"), ("m2", "assistant", "1"), ("m3", "user", "Two")],
          label="Parent", provider="anthropic", model="big")  # fmt: skip
    write("c", [("m1", "user", "Other")], parent_id="p", fork_message_id="m2")
    write("g", [("m1", "user", "Grand")], parent_id="c", fork_message_id="m1")


def test_simulacra_forks_carry_what_they_inherit(simulacra, talk):
    family(simulacra)
    sessions, skipped = simulacra.read()
    assert not skipped
    parent, child, grandchild = sessions
    assert [t for _, t in talk(parent)] == ["One", "1", "Two"]
    assert [t for _, t in talk(child)] == ["One", "1", "Other"]
    assert [t for _, t in talk(grandchild)] == ["One", "1", "Other", "Grand"]
    link = grandchild.document.session().parent
    assert (link.session_id, link.kind) == (child.document.id, "fork")
    assert link.message_id == child.document.messages("c1")[2].id
    assert grandchild.document.session().active_chat.inherited == 3
    session = parent.document.session()
    assert (session.label, session.auto_label) == ("Parent", False)
    assert session.active_chat.agent.model == "big"
    assert session.active_chat.metadata["source_provider"] == "anthropic"
    assert parent.workspace.id == "simulacra"


def test_simulacra_workers_start_without_their_parents_messages(simulacra, talk):
    family(simulacra)
    simulacra("w", [("m1", "user", "Work")], parent_id="p", detached=True)
    simulacra("k", [("m1", "user", "Keep")], parent_id="p", is_checkpoint=True, detached=True,
              checkpoint_state={"at": 3})  # fmt: skip
    found = {s.path.stem: s for s in simulacra.read()[0]}
    worker = found["w"].document.session()
    assert (worker.parent.kind, worker.parent.detached) == ("spawn", True)
    assert talk(found["w"]) == [("user", "Work")]
    kept = found["k"].document.session()
    assert kept.parent.kind == "checkpoint"
    assert kept.label == ""
    assert kept.metadata == {"checkpoint_state": {"at": 3}}


def test_simulacra_folders_of_hard_links_are_skipped(simulacra, tmp_path):
    family(simulacra)
    (tmp_path / "p-forks").mkdir()
    os.link(tmp_path / "c.json", tmp_path / "p-forks" / "c.json")
    assert len(simulacra.read()[0]) == 3


def test_simulacra_single_files_find_their_parents(simulacra, tmp_path, talk):
    family(simulacra)
    (found,), _ = simulacra.read(tmp_path / "g.json")
    assert [t for _, t in talk(found)] == ["One", "1", "Other", "Grand"]


def test_simulacra_forks_of_what_is_gone_are_kept_and_told(simulacra, talk):
    simulacra("c", [("m1", "user", "Own")], parent_id="gone", fork_message_id="m9")
    (found,), skipped = simulacra.read()
    assert talk(found) == [("user", "Own")]
    assert "'gone'" in skipped[0].reason


def test_simulacra_loops_of_parents_end(simulacra):
    simulacra("a", [("m1", "user", "A")], parent_id="b", fork_message_id="m1")
    simulacra("b", [("m1", "user", "B")], parent_id="a", fork_message_id="m1")
    assert len(simulacra.read()[0]) == 2


def test_simulacra_parents_are_never_looked_for_in_other_folders(simulacra, tmp_path):
    (tmp_path / "secret.json").write_text('{"metadata": {}, "messages": []}')
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "c.json"
    content = {"metadata": {"parent_id": "../secret"}, "messages": [{"role": "user",
               "content": "x"}]}  # fmt: skip
    path.write_text(json.dumps(content))
    (found,), skipped = simulacra.read(path)
    assert len(skipped) == 1
    assert found.document.session().active_chat.inherited == 0


def test_simulacra_blocks_become_parts(simulacra):
    raw = {"type": "raw", "model_kind": "x", "data": "{}"}
    simulacra("a", [
        ("1", "assistant", {"type": "thinking", "thought": "Hm"}),
        ("2", "assistant", {"type": "tool", "tool_request_id": "t", "tool": "ls", "params": {}}),
        ("3", "user", {"type": "tool_result", "tool_request_id": "t", "result": {"result": False}}),
        ("4", "assistant", raw),
    ])  # fmt: skip
    (found,), _ = simulacra.read()
    messages = found.document.messages("c1")
    assert messages[0].content == (ThinkingPart("Hm"),)
    assert messages[1].content == (ToolCallPart("t", "ls", {}),)
    assert messages[2].role == "tool"
    assert messages[2].content == (ToolResultPart("t", '{\n  "result": false\n}', True),)
    assert messages[3].content == (OpaquePart(raw),)


@pytest.fixture
def formagent(tmp_path, read_all):
    def write(session_id, messages, **fields):
        data = {"id": session_id, "messages": messages, "metadata": {}, "createdAt": TIME,
                "updatedAt": TIME + 5000, **fields}  # fmt: skip
        path = tmp_path / f"{session_id}.json"
        path.write_text(json.dumps(data))
        return path

    write.read = lambda path=tmp_path: read_all(path, FormagentImporter())
    return write


HELLO = [
    {"id": "1", "role": "user", "content": "Hello"},
    {"id": "2", "role": "assistant", "content": [{"type": "text", "text": "Hi"}], "model": "m"},
]


def test_formagent_forks_end_their_common_part_where_they_differ(formagent, talk):
    usage = {"input_tokens": 10, "output_tokens": 4, "total_cost_usd": 0.5}
    formagent("z", [*HELLO, {"id": "3", "role": "user", "content": "A"}], usage=usage,
              metadata={"title": "Named"})  # fmt: skip
    formagent("a", [*HELLO, {"id": "3", "role": "user", "content": "B"}], usage=usage, parentId="z")
    (parent, fork), skipped = formagent.read()
    assert not skipped
    assert parent.path.stem == "z"
    session = fork.document.session()
    assert session.parent.session_id == parent.document.id
    assert session.parent.message_id == parent.document.messages("c1")[1].id
    assert session.active_chat.inherited == 2
    assert parent.document.session().label == "Named"
    assert [t for _, t in talk(fork)] == ["Hello", "Hi", "B"]


def test_formagent_copies_of_a_total_add_nothing(formagent):
    usage = {"input_tokens": 10, "output_tokens": 4}
    formagent("p", HELLO, usage=usage)
    formagent("f", [*HELLO, {"role": "user", "content": "B"}], usage=usage, parentId="p")
    own = []
    for found in formagent.read()[0]:
        inherited = found.document.session().active_chat.inherited
        own += [m.usage for m in found.document.messages("c1")[inherited:]]
    assert total_usage(own).total_tokens == 14


def test_formagent_system_messages_pictures_and_tools(formagent):
    picture = {"type": "base64", "media_type": "image/png", "data": "iVBO"}
    formagent("a", [
        {"role": "system", "content": "Be terse."},
        {"role": "user", "content": [{"type": "text", "text": "See"},
                                     {"type": "image", "source": picture}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "Bash",
                                           "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t",
                                      "content": "a.txt"}]},
    ])  # fmt: skip
    (found,), _ = formagent.read()
    messages = found.document.messages("c1")
    assert found.document.session().active_chat.agent.system_prompt == "Be terse."
    assert [m.role for m in messages] == ["user", "assistant", "tool"]
    assert messages[0].content == (TextPart("See"), ImagePart("image/png", data="iVBO"))
    assert len({m.id for m in messages}) == 3


@pytest.mark.parametrize("importer", [SimulacraImporter, FormagentImporter])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="torn"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"id": "x"}', id="no messages"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"[" * 100_000, id="nested deeply"),
    ],
)
def test_other_files_are_told_and_left_out(tmp_path, read_all, importer, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    sessions, skipped = read_all(tmp_path, importer())
    assert not sessions
    assert [item.path for item in skipped] == [path]


@pytest.mark.parametrize("importer", [SimulacraImporter, FormagentImporter])
def test_fields_of_the_wrong_kind_never_raise(tmp_path, read_all, importer):
    odd = [None, 7, True, "text", [], {}, [None, 3, "x", {}], {"type": "text"}, 1e308]
    for number, value in enumerate(odd):
        message = {"id": value, "role": value, "content": value, "timestamp": value, "model": value}
        blocks = {"role": "assistant", "content": [{"type": "tool", "tool": value},
                  {"type": "tool_result", "content": value, "result": value}]}  # fmt: skip
        metadata = dict.fromkeys(
            ("label", "parent_id", "fork_message_id", "provider", "model", "created_at", "title"),
            value,
        )
        data = {"id": f"s{number}", "metadata": metadata, "messages": [message, blocks, value],
                "createdAt": value, "parentId": value, "usage": value}  # fmt: skip
        (tmp_path / f"s{number}.json").write_text(json.dumps(data))
    assert len(read_all(tmp_path, importer())[0]) == len(odd)


def test_ids_depend_on_nothing_but_format_and_id():
    assert session_id_for("simulacra", "x") == session_id_for("simulacra", "x")
    assert session_id_for("simulacra", "x") != session_id_for("formagent", "x")
    assert session_id_for("simulacra", "x").startswith("simulacra-")

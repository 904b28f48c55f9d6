"""Exports: our own JSON without loss, Markdown for people, and files written whole or not."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_sessions.errors import InvalidValue, TransferError
from tui_sessions.model.document import SessionDocument
from tui_sessions.transfer.base import Importer
from tui_sessions.transfer.markdown import export_markdown
from tui_sessions.transfer.own_json import export_session, import_document
from tui_sessions.transfer.registry import (
    exporter,
    exporter_names,
    importer,
    importer_names,
)
from tui_sessions.transfer.writing import write_export

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,12}", fullmatch=True)
VALUES = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(-9, 9) | TEXT
OBJECTS = st.dictionaries(TEXT.map(lambda key: f"x{key}"), VALUES, max_size=2)
PARTS = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["text", "thinking", "summary"]), "text": TEXT}),
    st.fixed_dictionaries(
        {"type": st.just("tool_call"), "id": TEXT, "name": TEXT, "arguments": OBJECTS | VALUES}
    ),
    st.fixed_dictionaries(
        {"type": st.just("tool_result"), "call_id": TEXT, "text": TEXT, "is_error": st.booleans()}
    ),
    st.fixed_dictionaries({"type": st.just("image"), "media_type": TEXT, "data": TEXT | st.none()}),
    st.fixed_dictionaries({"type": st.just("file"), "name": TEXT, "path": TEXT | st.none()}),
    st.fixed_dictionaries({"type": st.just("hologram"), "beam": OBJECTS}),
)
TIMES = st.just("2026-11-20T22:14:00.123Z")


def messages():
    return st.fixed_dictionaries(
        {"id": TEXT, "role": st.sampled_from(["system", "user", "assistant", "tool"])},
        optional={
            "created_at": TIMES,
            "status": st.sampled_from(["complete", "stopped", "failed"]),
            "hidden": st.booleans(),
            "model": TEXT,
            "error": TEXT,
            "content": st.lists(PARTS, max_size=3),
            "metadata": OBJECTS,
            "theirs": VALUES,
        },
    )


def chats():
    return st.fixed_dictionaries(
        {"id": IDS, "messages": st.lists(messages(), max_size=3)},
        optional={"name": TEXT, "inherited": st.integers(0, 3), "metadata": OBJECTS},
    )


DOCUMENTS = st.fixed_dictionaries(
    {
        "format": st.just(1),
        "id": IDS,
        "created_at": TIMES,
        "chats": st.lists(chats(), max_size=3, unique_by=lambda chat: chat["id"]),
    },
    optional={
        "label": TEXT,
        "tags": st.lists(TEXT, max_size=2),
        "metadata": OBJECTS,
        "parent": st.none() | st.fixed_dictionaries({"session_id": IDS}),
        "theirs": OBJECTS,
    },
)


@given(data=DOCUMENTS)
def test_our_own_json_comes_back_as_it_went(data):
    document = SessionDocument(data)
    back = import_document(export_session(document))
    assert back.data == document.data
    assert export_session(back) == export_session(document)


@given(data=DOCUMENTS)
def test_any_session_can_be_written_as_markdown(data):
    text = export_markdown(SessionDocument(data))
    lines = text.split("\n")
    assert lines[0] == "---"
    front = lines[1 : lines.index("---", 1)]
    fields = {key: json.loads(value) for key, _, value in (li.partition(": ") for li in front)}
    assert fields["title"] == data.get("label", "")
    assert fields["session"] == data["id"]
    assert len(fields["chats"]) == len(data["chats"])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "format"),
        (b'{"format": "1"}', "format"),
        (b'{"format": 2, "id": "a"}', "update sessions-tui"),
        (b'{"format": 1, "id": "../a", "created_at": "2026-01-01", "chats": []}', "id"),
        (b'{"format": 1, "id": "a", "created_at": "soon", "chats": []}', "created_at"),
        (b'{"format": 1, "id": "a", "created_at": "2026-01-01"}', "chats"),
        (b'{"format": 1, "id": "a", "created_at": "2026-01-01", "chats": [], "tags": 5}', "tags"),
    ],
)
def test_what_is_no_session_of_ours_is_refused_with_its_reason(data, reason):
    with pytest.raises(TransferError) as refused:
        import_document(data, "some.json")
    assert reason in str(refused.value)
    assert str(refused.value).startswith("some.json: ")


@given(data=st.binary(max_size=60))
def test_any_other_bytes_are_refused_and_nothing_else(data):
    with pytest.raises(TransferError):
        import_document(data)


def test_halves_of_characters_that_other_programs_write_cost_no_session():
    text = json.dumps({"format": 1, "id": "s", "created_at": "2026-01-01", "label": "cut \ud83d",
                       "chats": []})  # fmt: skip
    assert import_document(text.encode()).session().label == "cut \ufffd"


def document(*messages, **fields):
    made = [{"id": f"m{n}", **message} for n, message in enumerate(messages)]
    chat = {"id": "c1", "messages": made, "inherited": fields.pop("inherited", 0)}
    data = {"format": 1, "id": "s1", "created_at": "2026-01-01", "chats": [chat], **fields}
    return SessionDocument(data)


def say(text, role="user", **fields):
    return {"role": role, "content": [{"type": "text", "text": text}], **fields}


def test_markdown_has_a_heading_a_message_and_the_fork_point():
    text = export_markdown(
        document(
            say("Hello"),
            say("Hi", "assistant", model="m-1", created_at="2026-01-01T10:00:00Z"),
            say("More"),
            label="Greeting",
            inherited=2,
            parent={"session_id": "p1", "chat_id": "c1", "message_id": "m1"},
            origin={"format": "claude-code", "id": "x", "path": "/a: b\n---"},
        )
    )
    assert 'title: "Greeting"' in text
    assert 'source_path: "/a: b\\u000a---"' in text or 'source_path: "/a: b\\n---"' in text
    assert 'fork_point: "m1"' in text
    order = ["# Greeting", "## User", "Hello", "## Assistant · m-1 · 2026-01-01T10:00:00.000Z",
             "Hi", "Forked from `p1`", "More"]  # fmt: skip
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_markdown_fences_are_longer_than_any_in_the_text():
    result = {"type": "tool_result", "call_id": "t", "text": "````\n</details>\n`````"}
    text = export_markdown(document({"role": "tool", "content": [result]}))
    assert "``````\n````\n</details>\n`````\n``````" in text


def test_markdown_closes_a_code_block_that_a_reply_left_open():
    text = export_markdown(document(say("See\n~~~~py\ncode", "assistant"), say("Next")))
    assert "~~~~py\ncode\n~~~~\n\n## User" in text


def test_markdown_folds_thinking_tools_and_injected_context():
    thinking = {"type": "thinking", "text": "Hm"}
    call = {"type": "tool_call", "id": "t", "name": "<b>ls</b>", "arguments": {"a": 1}}
    text = export_markdown(
        document({"role": "assistant", "content": [thinking, call]}, say("ctx", hidden=True))
    )
    assert text.count("<details>") == text.count("</details>") == 3
    assert "<summary>Tool call: &lt;b&gt;ls&lt;/b&gt; (t)</summary>" in text


def test_names_cannot_break_out_of_headings():
    text = export_markdown(document(say("x", model="a\n# b"), label="*x*\n# y"))
    assert "# \\*x\\* \\# y" in text
    assert "\n# b" not in text


def test_an_export_is_never_written_over_a_file_unasked(tmp_path):
    path = tmp_path / "new" / "a.md"
    write_export(path, "first é\n")
    with pytest.raises(TransferError, match="there already"):
        write_export(path, "second")
    assert path.read_text("utf-8") == "first é\n"
    write_export(path, b"third", overwrite=True)
    assert path.read_bytes() == b"third"
    assert os.listdir(path.parent) == ["a.md"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_pipe_and_an_open_stream_are_written_into_and_stay(tmp_path, overwrite):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with open(reading, "rb") as reader, open(tmp_path / "file", "wb") as file:
        write_export(pipe, b"hello", overwrite)
        assert reader.read() == b"hello"
        file.write(b"before ")
        file.flush()
        write_export(Path(f"/dev/fd/{file.fileno()}"), b"hello", overwrite)
    assert pipe.is_fifo()
    assert (tmp_path / "file").read_bytes() == b"before hello"
    assert sorted(os.listdir(tmp_path)) == ["file", "pipe"]
    with pytest.raises(TransferError, match="No space left"):
        write_export(Path("/dev/full"), b"hello", overwrite)


def test_a_link_to_nowhere_is_not_written_through(tmp_path):
    path = tmp_path / "a.md"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TransferError):
        write_export(path, "x")
    assert not (tmp_path / "elsewhere").exists()


def test_an_export_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "file" / "a.md"):
        with pytest.raises(TransferError):
            write_export(path, "x", overwrite=True)
    assert os.listdir(tmp_path) == ["file"]


def test_file_systems_without_hard_links_are_written_to_as_well(tmp_path, monkeypatch):
    def refuse(self, target):
        raise PermissionError(1, "no links here")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    path = tmp_path / "a.md"
    write_export(path, "x")
    assert path.read_text() == "x"
    with pytest.raises(TransferError, match="there already"):
        write_export(path, "y")
    assert path.read_text() == "x"
    assert os.listdir(tmp_path) == ["a.md"]


def test_every_importer_that_is_named_can_be_had():
    for name in importer_names():
        found: Importer = importer(name)
        assert found.name == name
        assert found.title
        assert isinstance(found.find(), list)


def test_every_exporter_that_is_named_writes_a_session():
    for name in exporter_names():
        assert exporter(name).export(document(say("Hello"))).endswith(b"\n")


@pytest.mark.parametrize("choose", [importer, exporter])
def test_an_unknown_format_is_refused_with_those_there_are(choose):
    names = importer_names() if choose is importer else exporter_names()
    with pytest.raises(InvalidValue) as refused:
        choose("nosuch")
    assert all(name in str(refused.value) for name in names)


def test_importers_of_other_packages_are_found(tmp_path, monkeypatch):
    info = tmp_path / "other_histories-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: other-histories\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[tui_sessions.importers]\nother = other_histories:Other\n"
    )
    (tmp_path / "other_histories.py").write_text(
        "class Other:\n    name = 'other'\n    title = 'Other'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "other" in importer_names()
    assert importer("other").title == "Other"


def test_exporters_of_other_packages_are_found(tmp_path, monkeypatch):
    info = tmp_path / "other_formats-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: other-formats\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[tui_sessions.exporters]\nplain = other_formats:Plain\n"
    )
    (tmp_path / "other_formats.py").write_text(
        "class Plain:\n"
        "    name, title, suffix = 'plain', 'Plain', '.txt'\n"
        "    def export(self, document):\n"
        "        return document.session().label.encode()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "plain" in exporter_names()
    assert exporter("plain").export(document(label="Hello")) == b"Hello"

"""Damaged, unfinished and foreign files in Claude Code's folders."""

import copy
import json
import os
import random
import tracemalloc
from pathlib import Path

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tui_sessions.model.codec import message_data
from tui_sessions.transfer.base import ImportedSession, Skipped
from tui_sessions.transfer.claude_code import ClaudeCodeImporter


@pytest.fixture
def script(transcript):
    made = transcript()
    made.user("Hello")
    made.reply("Hi")
    return made


def texts(found):
    return [m.text for m in found.document.messages("c1")]


def test_broken_lines_are_left_out_and_told_by_number(script, read_all):
    script.raw(b"{not json").raw(b"[1, 2]").raw(b"\0\0\0")
    script.user("Still there")
    (found,), skipped = read_all(script.write())
    assert texts(found) == ["Hello", "Hi", "Still there"]
    assert {(item.lines, item.count) for item in skipped} == {((3, 5), 2), ((4,), 1)}
    assert all(item.path == script.path for item in skipped)


def test_a_last_line_that_is_still_being_written_is_no_damage(script, read_all):
    script.raw(b'{"type":"user","uuid":"x","mess')
    (found,), skipped = read_all(script.write(ending=b""))
    assert texts(found) == ["Hello", "Hi"]
    assert not skipped


def test_a_complete_last_line_needs_no_newline(script, read_all):
    assert texts(read_all(script.write(ending=b""))[0][0]) == ["Hello", "Hi"]


def test_byte_order_mark_and_windows_newlines_are_fine(script, read_all):
    path = script.write()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n\r\n"))
    (found,), skipped = read_all(path)
    assert texts(found) == ["Hello", "Hi"]
    assert not skipped


def test_line_separators_of_unicode_end_no_line(script, read_all):
    script.raw(json.dumps({"type": "user", "uuid": "u", "message": {"content": "a\u2028b\x85c"}},
                          ensure_ascii=False).encode())  # fmt: skip
    assert texts(read_all(script.write())[0][0])[-1] == "a\u2028b\x85c"


def test_lone_surrogates_nuls_and_wrong_bytes_are_cleaned(script, read_all):
    script.raw(b'{"type":"user","uuid":"u1","message":{"content":"half \\ud83d"}}')
    script.raw(b'{"type":"user","uuid":"u2","message":{"content":"nul \\u0000"}}')
    script.raw(b'{"type":"user","uuid":"u3","message":{"content":"bad \xff"}}')
    (found,), _ = read_all(script.write())
    assert texts(found)[2:] == ["half ?", "nul \u2400", "bad \ufffd"]
    json.dumps(found.document.data).encode()


def test_a_line_that_is_too_long_is_left_out(script, read_all):
    script.user("x" * 5000)
    script.user("Short again")
    path = script.write()
    (found,), skipped = read_all(path, ClaudeCodeImporter(max_line=2000))
    assert texts(found) == ["Hello", "Hi", "Short again"]
    assert [item.lines for item in skipped] == [(3,)]
    assert "2000" in skipped[0].reason


def test_a_line_that_is_far_too_long_is_never_held_in_memory(script, read_all):
    script.raw(b'{"type":"user","message":{"content":"' + b"x" * 40_000_000 + b'"}}')
    path = script.write()
    script.lines.clear()
    tracemalloc.start()
    try:
        (found,), skipped = read_all(path, ClaudeCodeImporter(max_line=100_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert texts(found) == ["Hello", "Hi"]
    assert len(skipped) == 1
    assert peak < 10_000_000


def test_deep_nesting_is_flattened_to_text(script, read_all):
    deep = b"[" * 5000 + b"]" * 5000
    script.raw(b'{"type":"assistant","uuid":"d","message":{"content":[{"type":"tool_use","id":"t",'
               b'"name":"n","input":' + b"[" * 200 + b"]" * 200 + b"}]}}")  # fmt: skip
    script.raw(b'{"type":"user","uuid":"e","message":{"content":' + deep + b"}}")
    (found,), _ = read_all(script.write())
    found.document.copy()
    assert texts(found)[:2] == ["Hello", "Hi"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"type":"summary","summary":"x"}\n'])
def test_a_file_without_conversation_is_told(tmp_path, read_all, content):
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    sessions, skipped = read_all(path)
    assert not sessions
    assert [item.path for item in skipped] == [path]


def test_a_path_that_is_not_there_is_told(tmp_path, read_all):
    sessions, skipped = read_all(tmp_path / "none")
    assert (sessions, len(skipped)) == ([], 1)


def test_fields_of_the_wrong_kind_harm_nothing(script, read_all):
    odd = [None, 7, True, "text", [], {}, [None, 3, "x", {}], {"content": {"a": 1}}]
    for value in odd:
        script.raw({"type": "user", "uuid": value, "parentUuid": value, "message": value})
        message = dict.fromkeys(("content", "usage", "id", "model"), value)
        script.raw({"type": "assistant", "message": message, "timestamp": value})
        script.raw({"type": value, "sessionId": value, "cwd": value, "isSidechain": value})
        script.raw({"type": "attachment", "attachment": value})
        script.raw({"type": "system", "content": value, "timestamp": "0001-01-01T00:00:00+14:00"})
        script.raw({"type": "custom-title", "customTitle": value})
    sessions, _ = read_all(script.write())
    assert "Hello" in texts(sessions[0])


def test_huge_numbers_are_no_tokens(script, read_all):
    script.raw({"type": "assistant", "uuid": "n", "message": {
        "content": "x", "usage": {"input_tokens": 10**30, "output_tokens": -5}}})  # fmt: skip
    (found,), _ = read_all(script.write())
    assert found.document.messages("c1")[-1].usage.total_tokens == 0


def test_the_configured_folder_is_found(tmp_path, monkeypatch, transcript, read_all):
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    assert ClaudeCodeImporter().find() == []
    made = transcript()
    made.user("Hello")
    made.write()
    (tmp_path / "history.jsonl").write_text('{"display": "Hello"}\n')
    assert ClaudeCodeImporter().find() == [tmp_path / "projects"]
    assert read_all(tmp_path)[0][0].path == made.path


def test_importing_twice_gives_the_same_documents(script, read_all):
    path = script.write()
    first, second = (read_all(path)[0][0].document.data for _ in range(2))
    assert first == second


SEED = [
    b'{"type":"user","uuid":"a","parentUuid":null,"sessionId":"s","timestamp":"2026-01-01T00:00:00Z",'
    b'"message":{"role":"user","content":"Hi"}}',
    b'{"type":"assistant","uuid":"b","parentUuid":"a","sessionId":"s","message":{"id":"m","model":"x",'
    b'"content":[{"type":"tool_use","id":"t","name":"Task","input":{"prompt":"p"}}],'
    b'"usage":{"input_tokens":1,"output_tokens":2}}}',
    b'{"type":"user","uuid":"c","parentUuid":"b","message":{"content":[{"type":"tool_result",'
    b'"tool_use_id":"t","content":[{"type":"text","text":"r"}]},{"type":"text","text":"and"}]}}',
    b'{"type":"user","uuid":"d","parentUuid":null,"isSidechain":true,"message":{"content":"p"}}',
    b'{"type":"system","subtype":"compact_boundary","uuid":"e","logicalParentUuid":"c","content":"x"}',
    b'{"type":"user","uuid":"f","parentUuid":"a","timestamp":"2026-01-01T00:00:09Z","message":{"content":"z"}}',
    b'{"type":"custom-title","customTitle":"T"}',
]  # fmt: skip
ODD = [
    None, True, 0, -1, 1e400, 2**70, "", "a", "b", "f", "text", "user", "\ud800", [], {}, [[]],
    {"type": "text"}, [{"type": "tool_use", "name": "x"}], [{"type": "tool_result"}], [7, None],
    [{"type": "image", "source": {"type": "base64", "media_type": "x", "data": 5}}],
]  # fmt: skip


def damaged_file(chance: random.Random) -> bytes:
    """Records in any order, some with odd values, some bytes of them changed, cut anywhere."""
    made = []
    for line in chance.choices(SEED, k=chance.randint(1, 9)):
        record = json.loads(line)
        for key in chance.choices([*record, "message", "isMeta"], k=chance.randint(0, 2)):
            record[key] = copy.deepcopy(chance.choice(ODD))
        message = record.get("message")
        if isinstance(message, dict) and chance.random() < 0.3:
            message[chance.choice(["content", "id", "usage", "model"])] = copy.deepcopy(
                chance.choice(ODD)
            )
        made.append(json.dumps(record).encode())
    data = bytearray(b"\n".join(made))
    for _ in range(chance.choice([0, 0, 1, 4])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data[: chance.choice([len(data), chance.randrange(len(data))])])


@examples(60, HealthCheck.function_scoped_fixture)
@given(chance=st.randoms(use_true_random=False))
def test_no_damage_makes_the_import_fail(tmp_path, chance):
    path = tmp_path / "fuzz.jsonl"
    path.write_bytes(damaged_file(chance))
    for found in ClaudeCodeImporter().read(path):
        assert isinstance(found, (ImportedSession, Skipped))
        if isinstance(found, ImportedSession):
            messages = found.document.messages("c1")
            assert len({m.id for m in messages}) == len(messages)
            assert found.document.copy().data == found.document.data
            json.dumps([message_data(m) for m in messages], ensure_ascii=False).encode()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_folder_that_may_not_be_read_is_told(script, read_all):
    path = script.write()
    closed = path.parent / "closed"
    closed.mkdir(mode=0)
    try:
        sessions, skipped = read_all(path.parent)
    finally:
        closed.chmod(0o700)
    assert len(sessions) == 1
    assert [item.path for item in skipped] == [closed]


def test_a_file_that_may_not_be_read_is_told(script, read_all, monkeypatch):
    path = script.write()
    real_open = Path.open

    def refuse(self, *args, **kwargs):
        if self == path:
            raise PermissionError(13, "Permission denied")
        return real_open(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    sessions, skipped = read_all(path)
    assert not sessions
    assert [item.reason for item in skipped] == ["it could not be read: Permission denied"]

"""How the file store's sessions look on disk, and what it makes of foreign and damaged files."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from store_samples import LATER, data, document, ids, message, names, place, put

from tui_sessions import AgentConfig
from tui_sessions.errors import (
    CorruptSession,
    ReadOnlySession,
    SessionExists,
    StoreError,
)
from tui_sessions.model.changes import RemoveMessage, SetFields
from tui_sessions.model.session import Workspace
from tui_sessions.stores import session_files
from tui_sessions.stores.file import FileStore

DAMAGED = {
    "empty": b"",
    "blank": b" \n",
    "cut off": b'{"format": 1, "id": "s1", "cre',
    "not UTF-8": b'{"format": 1, "label": "\xff"}',
    "nothing but a byte order mark": b"\xef\xbb\xbf",
    "UTF-16": '{"format": 1}'.encode("utf-16"),
    "half a character": b'{"format": 1, "label": "\\ud800"}',
    "not a number": b'{"format": NaN}',
    "too large a number": b'{"format": 1e999}',
    "nested without end": b"[" * 1_000_000,
    "objects without end": b'{"a":' * 200_000,
    "a list": b"[]",
    "null": b"null",
    "zeros": b"\0" * 100,
    "somebody else's": b'{"name": "package"}',
    "no chats": json.dumps({**data(), "chats": None}).encode(),
    "a text for a format": json.dumps({**data(), "format": "1"}).encode(),
    "a chat without messages": json.dumps({**data(), "chats": [{"id": "c1"}]}).encode(),
    "two chats of one id": json.dumps({**data(), "chats": data()["chats"][:1] * 2}).encode(),
    "no id": json.dumps({**data(), "id": None}).encode(),
    "no time": json.dumps({**data(), "created_at": "yesterday"}).encode(),
}


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_looking_makes_no_folder(store, tmp_path):
    await store.scan()
    await store.trash()
    await store.workspaces()
    await store.version("s1")
    assert not (tmp_path / "data").exists()


async def test_a_session_is_one_readable_document_with_a_line_for_each_message(store, sessions):
    await store.save(document(messages=2), create=True)
    text = (sessions / "s1.json").read_text()
    assert json.loads(text) == data(messages=2)
    assert list(json.loads(text)) == list(data())
    lines = text.splitlines()
    assert lines[:3] == ["{", ' "format": 1,', ' "id": "s1",']
    [line] = [line for line in lines if '"m0"' in line]
    assert json.loads(line.strip().rstrip(",")) == message(0)
    assert names(sessions) == ["s1.json"]


async def test_an_append_is_one_line_beside_an_unchanged_document(store, sessions):
    await store.save(document(messages=1), create=True)
    before = (sessions / "s1.json").read_bytes()
    await store.append("s1", [put(1)], LATER)
    await store.append("s1", [SetFields(fields={"label": "x"})], LATER)
    lines = (sessions / "s1.journal.jsonl").read_text().splitlines()
    assert [json.loads(line)["revision"] for line in lines] == [1, 2]
    assert json.loads(lines[0]) == {
        "revision": 1,
        "at": "2026-11-21T07:00:00.000Z",
        "changes": [{"op": "put_message", "chat": "c1", "value": message(1)}],
    }
    assert (sessions / "s1.json").read_bytes() == before


async def test_a_fold_leaves_the_document_alone_and_current(store, sessions):
    await store.save(document(), create=True)
    await store.append("s1", [put(1)], LATER)
    await store.fold("s1")
    assert names(sessions) == ["s1.json"]
    kept = json.loads((sessions / "s1.json").read_text())
    assert (kept["revision"], len(kept["chats"][0]["messages"])) == (1, 1)


async def test_folders_and_files_are_for_their_owner_only(store, tmp_path, sessions):
    old = os.umask(0)
    try:
        await store.save(document(), create=True)
        await store.append("s1", [put(1)], LATER)
        await store.save_workspace(Workspace(id="dev"))
        await store.save(document("gone"), create=True)
        await store.delete("gone")
    finally:
        os.umask(old)
    for path in (tmp_path / "data", *(tmp_path / "data").rglob("*")):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path


async def test_a_long_journal_is_folded_while_in_use(store, sessions, monkeypatch):
    monkeypatch.setattr(session_files, "FOLD_ABOVE", 2000)
    await store.save(document(), create=True)
    sizes = []
    for number in range(60):
        appended = await store.append("s1", [put(number)], LATER)
        assert appended.after == await store.version("s1")
        journal = sessions / "s1.journal.jsonl"
        sizes.append(journal.stat().st_size if journal.exists() else 0)
    assert 2 <= sizes.count(0) < 10
    assert ids(await store.load("s1")) == [f"m{number}" for number in range(60)]


async def test_what_a_crash_left_of_a_fold_is_not_applied_twice(store, sessions):
    await store.save(document(), create=True)
    await store.append("s1", [put(1), put(2)], LATER)
    journal = (sessions / "s1.journal.jsonl").read_bytes()
    await store.fold("s1")
    await store.append("s1", [put(1, "changed")], LATER)
    await store.fold("s1")
    place(sessions, journal, "s1.journal.jsonl")
    stored = await FileStore(store.directory).load("s1")
    assert [each.text for each in stored.document.messages("c1")] == ["changed", "Hello"]
    assert (await store.append("s1", [put(3)], LATER)).revision == 3
    assert ids(await store.load("s1")) == ["m1", "m2", "m3"]


async def test_what_a_crash_left_of_a_save_is_not_applied_to_it(store, sessions):
    await store.save(document(), create=True)
    await store.append("s1", [put(1)], LATER)
    journal = (sessions / "s1.journal.jsonl").read_bytes()
    await store.save(document(label="whole"))
    place(sessions, journal, "s1.journal.jsonl")
    other = FileStore(store.directory)
    assert ids(await other.load("s1")) == []
    assert (await other.append("s1", [put(2)], LATER)).revision == 2
    assert ids(await other.load("s1")) == ["m2"]
    await other.close()


@pytest.mark.parametrize("torn", [b'{"revision": 2, "at', b"\0" * 64, b"\0" * 64 + b"\n", b"{"])
async def test_a_torn_last_line_is_left_out_and_reported(store, sessions, torn):
    await store.save(document(), create=True)
    await store.append("s1", [put(1)], LATER)
    journal = sessions / "s1.journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + torn)
    assert ids(await store.load("s1")) == ["m1"]
    [problem] = await store.problems()
    assert (problem.path, problem.session_id) == (str(journal), "s1")
    before = await store.version("s1")
    appended = await store.append("s1", [put(2)], LATER)
    assert (appended.before, appended.revision) == (before, 2)
    assert journal.read_bytes().startswith(whole + b'{"revision":2,')
    assert ids(await store.load("s1")) == ["m1", "m2"]
    assert await store.problems() == []


@pytest.mark.parametrize("again", [True, False])
async def test_a_whole_last_line_counts_without_its_line_end(store, sessions, again):
    await store.save(document(), create=True)
    for number in range(2):
        await store.append("s1", [put(number)], LATER)
    journal = sessions / "s1.journal.jsonl"
    journal.write_bytes(journal.read_bytes().removesuffix(b"\n"))
    if again:
        assert ids(await store.load("s1")) == ["m0", "m1"]
    assert await store.problems() == []
    assert (await store.append("s1", [put(2)], LATER)).revision == 3
    assert ids(await FileStore(store.directory).load("s1")) == ["m0", "m1", "m2"]
    await store.fold("s1")
    assert ids(await store.load("s1")) == ["m0", "m1", "m2"]


async def test_a_byte_order_mark_before_a_journal_does_no_harm(store, sessions):
    await store.save(document(), create=True)
    await store.append("s1", [put(0)], LATER)
    journal = sessions / "s1.journal.jsonl"
    journal.write_bytes(b"\xef\xbb\xbf" + journal.read_bytes())
    assert ids(await store.load("s1")) == ["m0"]
    assert (await store.append("s1", [put(1)], LATER)).revision == 2
    assert ids(await store.load("s1")) == ["m0", "m1"]
    assert await store.problems() == []


async def test_a_journal_damaged_in_the_middle_is_reported_and_left_alone(store, sessions):
    await store.save(document(), create=True)
    for number in range(3):
        await store.append("s1", [put(number)], LATER)
    journal = sessions / "s1.journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"garbage\n" + lines[2])
    damaged = journal.read_bytes()
    for call in (
        store.load("s1"),
        store.append("s1", [put(9)], LATER),
        store.fold("s1"),
        store.save(document()),
        store.move("s1", "other"),
    ):
        with pytest.raises(CorruptSession, match="line 2 is damaged"):
            await call
    assert journal.read_bytes() == damaged
    assert [problem.session_id for problem in await store.problems()] == ["s1"]
    journal.write_bytes(lines[0] + lines[1] + lines[2])
    assert ids(await store.load("s1")) == ["m0", "m1", "m2"]
    assert await store.problems() == []


async def test_changes_that_do_not_fit_their_session_are_damage(store, sessions):
    await store.save(document(), create=True)
    line = {"revision": 1, "at": "x", "changes": [{"op": "put_message", "chat": "c1", "value": {}}]}
    place(sessions, json.dumps(line).encode() + b"\n", "s1.journal.jsonl")
    with pytest.raises(CorruptSession):
        await store.load("s1")


async def test_an_empty_journal_is_none(store, sessions):
    version = await store.save(document(), create=True)
    place(sessions, b"", "s1.journal.jsonl")
    assert (await store.load("s1")).version == await store.version("s1") == version
    assert (await store.scan())[0].version == version
    assert (await store.append("s1", [put(1)], LATER)).before == version
    assert await store.problems() == []


@pytest.mark.parametrize("name", DAMAGED)
async def test_a_damaged_document_is_reported_and_never_overwritten(store, sessions, name):
    path = place(sessions, DAMAGED[name])
    assert [stamp.session_id for stamp in await store.scan()] == ["s1"]
    for call in (
        store.load("s1"),
        store.append("s1", [put(1)], LATER),
        store.save(document()),
        store.move("s1", "other"),
    ):
        with pytest.raises(CorruptSession) as caught:
            await call
        assert caught.value.path == path
        assert caught.value.reason
    with pytest.raises(SessionExists):
        await store.save(document(), create=True)
    with pytest.raises(SessionExists):
        await store.save(document(workspace_id="other"), create=True)
    [problem] = await store.problems()
    assert (problem.path, problem.session_id, problem.workspace_id) == (str(path), "s1", "dev")
    assert path.read_bytes() == DAMAGED[name]
    assert names(sessions) == ["s1.json"]


async def test_a_mended_file_is_no_problem_any_more(store, sessions):
    path = place(sessions, b"garbage")
    with pytest.raises(CorruptSession):
        await store.load("s1")
    place(sessions, data())
    await store.load("s1")
    assert await store.problems() == []
    path.write_bytes(b"garbage")
    with pytest.raises(CorruptSession):
        await store.load("s1")
    path.unlink()
    assert await store.problems() == []


async def test_a_data_folder_that_cannot_be_looked_into_is_no_empty_one(store, sessions, tmp_path):
    await store.save(document(), create=True)
    folder, aside = tmp_path / "data" / "workspaces", tmp_path / "aside"
    folder.rename(aside)
    folder.symlink_to(folder)
    for asked in (store.scan, store.workspaces):
        with pytest.raises(StoreError) as raised:
            await asked()
        assert raised.value.path == str(folder)
    folder.unlink()
    aside.rename(folder)
    assert [stamp.session_id for stamp in await store.scan()] == ["s1"]


@pytest.mark.parametrize(
    "new",
    [
        {"chats": {"c1": {}}},
        {"chats": [{"id": "c1", "turns": []}]},
        {"chats": [{"id": "c1", "messages": ["Hello"]}]},
        {"created_at": {"seconds": 1}},
        {"state": "dreaming"},
    ],
)
async def test_a_newer_format_of_another_shape_is_called_newer_and_left_alone(store, sessions, new):
    path = place(sessions, {**data(format=2), **new})
    before = path.read_bytes()
    with pytest.raises(CorruptSession, match=r"format 2 is newer .* update sessions-tui"):
        await store.load("s1")
    (problem,) = await store.problems()
    assert problem.reason.startswith("its format 2 is newer than this version can read")
    with pytest.raises(StoreError):
        await store.save(document())
    assert path.read_bytes() == before


async def test_damage_of_the_known_format_is_not_called_newer(store, sessions):
    place(sessions, {**data(), "chats": {}})
    with pytest.raises(CorruptSession, match='"chats" is missing'):
        await store.load("s1")


async def test_a_newer_format_is_read_and_never_written(store, sessions):
    path = place(sessions, data(format=2, new_things={"a": 1}))
    before = path.read_bytes()
    assert (await store.load("s1")).document.session().read_only
    with pytest.raises(ReadOnlySession):
        await store.append("s1", [put(1)], LATER)
    with pytest.raises(ReadOnlySession):
        await store.save(document())
    with pytest.raises(ReadOnlySession):
        await store.save(document("s2", format=2), create=True)
    await store.fold("s1")
    assert names(sessions) == ["s1.json"]
    await store.move("s1", "other")
    await store.delete("s1")
    await store.undelete("s1")
    [path] = store.directory.rglob("s1.json")
    assert path.read_bytes() == before


async def test_a_file_with_only_what_is_required_opens(store, sessions):
    place(sessions, {"format": 1, "id": "s1", "created_at": "2026-11-20T22:14:00Z", "chats": []})
    session = (await store.load("s1")).document.session()
    assert (session.workspace_id, session.label, session.state) == ("dev", "", "created")


async def test_what_another_program_left_empty_has_its_default(store, sessions):
    value = data(messages=1)
    empty = dict.fromkeys(("provider", "model", "system_prompt", "parameters", "tools"))
    value["chats"][0] |= {"agent": {**empty, "own": 1}, "name": None, "tags": None}
    value |= dict.fromkeys(("label", "state", "tags", "metadata", "ttl_s", "active_chat_id"))
    place(sessions, value)
    for session in (
        (await store.load("s1")).document.session(),
        *await store.glance(await store.scan()),
    ):
        assert session.chats[0].agent == AgentConfig()
        assert (session.label, session.state, session.tags) == ("", "created", ())
    await store.append("s1", [put(1)], LATER)
    await store.fold("s1")
    assert (await store.load("s1")).document.data["chats"][0]["agent"]["own"] == 1


async def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(store, sessions):
    text = json.dumps(data(messages=1), indent=1).replace("\n", "\r\n")
    sessions.mkdir(parents=True)
    (sessions / "s1.json").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert ids(await store.load("s1")) == ["m0"]
    await store.append("s1", [put(1)], LATER)
    await store.fold("s1")
    assert ids(await store.load("s1")) == ["m0", "m1"]
    assert await store.problems() == []


async def test_half_a_character_from_another_program_does_no_harm(store, sessions):
    value = data(messages=1)
    value["label"] = "cut \ud83d"
    value["chats"][0]["messages"][0]["content"][0]["text"] = "😀 and \udc00 half"
    sessions.mkdir(parents=True)
    (sessions / "s1.json").write_text(json.dumps(value))
    loaded = (await store.load("s1")).document
    assert loaded.session().label == "cut \ufffd"
    assert loaded.data["chats"][0]["messages"][0]["content"][0]["text"] == "😀 and \ufffd half"
    await store.append("s1", [put(1)], LATER)
    await store.fold("s1")
    assert ids(await store.load("s1")) == ["m0", "m1"]
    assert await store.problems() == []


async def test_messages_that_each_chat_counts_from_one_are_told_apart_for_good(store, sessions):
    value = data()
    for chat, words in zip(value["chats"], ("here", "there"), strict=True):
        chat["messages"] = [{"id": "m1", "content": words}]
    place(sessions, value)
    ids_of = [chat["messages"][0]["id"] for chat in (await store.load("s1")).document.data["chats"]]
    assert len(set(ids_of)) == 2
    gone = RemoveMessage(chat=value["chats"][1]["id"], message=ids_of[1])
    await store.append("s1", [gone], LATER)
    for _ in range(2):
        chats = (await store.load("s1")).document.data["chats"]
        assert [[one["content"] for one in chat["messages"]] for chat in chats] == [["here"], []]
        await store.fold("s1")


async def test_half_a_character_in_a_journal_does_no_harm(store, sessions):
    await store.save(document(), create=True)
    await store.append("s1", [put(0)], LATER)
    journal = sessions / "s1.journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"text":"', b'"text":"\\ud83d '))
    [first, *_] = (await store.load("s1")).document.data["chats"]
    assert first["messages"][0]["content"][0]["text"].startswith("\ufffd ")


async def test_blank_lines_in_a_journal_do_no_harm(store, sessions):
    await store.save(document(), create=True)
    for number in range(2):
        await store.append("s1", [put(number)], LATER)
    journal = sessions / "s1.journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"\n", b"\r\n\n"))
    assert ids(await store.load("s1")) == ["m0", "m1"]
    await store.append("s1", [put(2)], LATER)
    assert ids(await store.load("s1")) == ["m0", "m1", "m2"]
    assert await store.problems() == []


async def test_what_is_given_while_a_save_runs_may_change_at_once(store):
    mine = document(metadata={"a": 1})
    saving = asyncio.ensure_future(store.save(mine, create=True))
    await asyncio.sleep(0)
    mine.data["metadata"]["a"] = 2
    mine.data["chats"].clear()
    await saving
    kept = (await store.load("s1")).document.data
    assert kept["metadata"] == {"a": 1}
    assert len(kept["chats"]) == 2


async def test_a_journal_that_two_programs_have_gone_on_with_keeps_what_both_said(store, sessions):
    await store.save(document(), create=True)
    await store.append("s1", [put(0)], LATER)
    await store.fold("s1")
    heads = []
    journal = sessions / "s1.journal.jsonl"
    for numbers in ((1, 2), (3, 4)):
        for number in numbers:
            await store.append("s1", [put(number)], LATER)
        heads.append(journal.read_bytes())
        journal.write_bytes(b"")
    place(sessions, b"".join(heads), "s1.journal.jsonl")
    assert ids(await store.load("s1")) == ["m0", "m1", "m2", "m3", "m4"]
    await store.append("s1", [put(5)], LATER)
    await store.fold("s1")
    assert ids(await store.load("s1")) == ["m0", "m1", "m2", "m3", "m4", "m5"]


@pytest.mark.parametrize(
    "fields", [{"created_at": None}, {"id": "s2"}, {"id": [1]}, {"format": "x"}, {"chats": {}}]
)
async def test_a_journal_that_would_make_a_document_unreadable_is_damage(store, sessions, fields):
    await store.save(document(), create=True)
    before = (sessions / "s1.json").read_bytes()
    line = {"revision": 1, "at": "x", "changes": [{"op": "set", "fields": fields}]}
    place(sessions, json.dumps(line).encode() + b"\n", "s1.journal.jsonl")
    for call in (store.load("s1"), store.append("s1", [put(1)], LATER), store.fold("s1")):
        with pytest.raises(CorruptSession):
            await call
    assert (sessions / "s1.json").read_bytes() == before
    assert [problem.session_id for problem in await store.problems()] == ["s1"]

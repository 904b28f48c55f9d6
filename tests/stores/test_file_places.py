"""What the file store makes of foreign files, of workspaces and of its trash."""

from __future__ import annotations

import errno
import json
import os
import time
from contextlib import contextmanager

import pytest
from store_samples import LATER, MOMENT, data, document, names, place, put

from tui_sessions.errors import (
    CorruptSession,
    SessionExists,
    SessionNotFound,
    StoreError,
)
from tui_sessions.model.session import Workspace
from tui_sessions.stores.file import FileStore


async def test_a_damaged_session_can_be_deleted_and_brought_back_unread(store, sessions):
    path = place(sessions, b"garbage")
    journal = place(sessions, b"more garbage\nx\n", "s1.journal.jsonl")
    assert await store.delete("s1") is True
    assert names(sessions) == []
    assert [(each.session_id, each.label) for each in await store.trash()] == [("s1", "")]
    await store.undelete("s1")
    assert (path.read_bytes(), journal.read_bytes()) == (b"garbage", b"more garbage\nx\n")
    assert await store.delete("s1") is True
    assert await store.purge("s1") is True
    assert not [path for path in store.directory.rglob("*") if path.is_file()]


async def test_the_name_of_the_file_and_of_its_workspace_win(store, sessions):
    place(sessions, data("other", workspace_id="elsewhere"), "copy.json")
    [stamp] = await store.scan()
    assert (stamp.session_id, stamp.workspace_id) == ("copy", "dev")
    stored = await store.load("copy")
    assert (stored.document.id, stored.document.workspace_id) == ("copy", "dev")
    await store.append("copy", [put(1)], LATER)
    await store.fold("copy")
    kept = json.loads((sessions / "copy.json").read_text())
    assert (kept["id"], kept["workspace_id"]) == ("copy", "dev")
    with pytest.raises(SessionNotFound):
        await store.load("other")


async def test_of_two_sessions_with_one_id_the_newer_counts(store, sessions, tmp_path):
    older = place(sessions, data(label="older"))
    newer = place(tmp_path / "data/workspaces/z/sessions", data(label="newer"))
    os.utime(older, (1, 1))
    [stamp] = await store.scan()
    assert stamp.workspace_id == "z"
    assert [problem.path for problem in await store.problems()] == [str(older)]
    assert (await store.load("s1")).document.session().label == "newer"
    assert (await FileStore(store.directory).load("s1")).document.workspace_id == "z"
    os.utime(newer, (0, 0))
    assert (await FileStore(store.directory).load("s1")).document.workspace_id == "dev"


async def test_foreign_things_are_reported_and_left_alone(store, sessions, tmp_path):
    await store.save(document(), create=True)
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(data(label="secret")))
    (sessions / "link.json").symlink_to(secret)
    (sessions / "folder.json").mkdir()
    os.mkfifo(sessions / "pipe.json")
    (sessions / "bad name.json").write_text("{}")
    (sessions / "notes.txt").write_text("x")
    (sessions / "lost.journal.jsonl").write_text("{}\n")
    (sessions.parents[1] / "link").symlink_to(sessions.parent)
    (sessions.parents[1] / "stray.json").write_text("{}")
    (sessions.parent / "other.json").write_text("{}")
    assert [stamp.session_id for stamp in await store.scan()] == ["s1"]
    root = f"{sessions.parents[1]}/"
    assert {each.path.removeprefix(root) for each in await store.problems()} == {
        "dev/sessions/link.json",
        "dev/sessions/folder.json",
        "dev/sessions/pipe.json",
        "dev/sessions/bad name.json",
        "dev/sessions/notes.txt",
        "dev/sessions/lost.journal.jsonl",
        "dev/other.json",
        "link",
        "stray.json",
    }
    for name in ("link", "folder", "pipe"):
        with pytest.raises(CorruptSession):
            await store.load(name)
        with pytest.raises(SessionExists):
            await store.save(document(name), create=True)
    with pytest.raises(SessionExists):
        await store.save(document("lost"), create=True)
    assert json.loads(secret.read_text())["label"] == "secret"


async def test_what_editors_and_file_managers_leave_beside_is_no_problem(store, sessions):
    await store.save(document(), create=True)
    for folder in (sessions, sessions.parent, sessions.parents[1]):
        for name in (".DS_Store", ".s1.json.swp", ".#s1.json", "s1.json~"):
            (folder / name).write_text("x")
        (folder / ".stfolder").mkdir()
    assert [stamp.session_id for stamp in await store.scan()] == ["s1"]
    assert await store.problems() == []


async def test_a_journal_that_is_a_link_is_not_written_through(store, sessions, tmp_path):
    await store.save(document(), create=True)
    target = tmp_path / "target"
    target.write_text("mine\n")
    (sessions / "s1.journal.jsonl").symlink_to(target)
    with pytest.raises(StoreError):
        await store.append("s1", [put(1)], LATER)
    with pytest.raises(StoreError):
        await store.load("s1")
    assert target.read_text() == "mine\n"


async def test_a_journal_that_is_a_pipe_or_a_folder_is_an_error(store, sessions):
    for key, make in (("pipe", os.mkfifo), ("folder", os.mkdir)):
        await store.save(document(key), create=True)
        make(sessions / f"{key}.journal.jsonl")
        for call in (store.append(key, [put(1)], LATER), store.load(key), store.delete(key)):
            with pytest.raises(StoreError):
                await call
        assert (sessions / f"{key}.json").exists()


async def test_the_trash_is_not_overwritten_by_a_second_session_of_the_id(store, sessions):
    await store.save(document(label="first"), create=True)
    await store.delete("s1")
    place(sessions, data(label="second"))
    with pytest.raises(StoreError, match="purge"):
        await store.delete("s1")
    assert [trashed.label for trashed in await store.trash()] == ["first"]
    with pytest.raises(SessionExists):
        await store.undelete("s1")
    assert await store.purge("s1") is True
    assert (await store.load("s1")).document.session().label == "second"
    assert await store.delete("s1") is True


async def test_a_session_is_not_moved_over_another(store, sessions, tmp_path):
    place(sessions, data(label="here"))
    there = place(tmp_path / "data/workspaces/two/sessions", data(label="there"))
    os.utime(there, (1, 1))
    with pytest.raises(SessionExists):
        await store.move("s1", "two")
    assert json.loads(there.read_text())["label"] == "there"


async def test_a_folder_that_cannot_be_read_is_a_problem(store, sessions, monkeypatch):
    await store.save(document(), create=True)
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("sessions"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert await store.scan() == []
    [problem] = await store.problems()
    assert (problem.path, problem.reason) == (str(sessions), "permission is missing")


@pytest.mark.parametrize("shut", ["workspaces/shut/sessions", "trash/dev"])
async def test_a_folder_that_may_not_be_written_to_is_named_and_the_session_stays(
    store, sessions, monkeypatch, shut
):
    await store.save(document(), create=True)
    folder = store.directory / shut
    folder.mkdir(parents=True)
    rename, access = os.rename, os.access

    def refuse(source, target):
        if os.path.dirname(target) == str(folder):
            raise PermissionError(errno.EACCES, "Permission denied", str(source), 0, str(target))
        rename(source, target)

    def allowed(path, mode):
        return str(path) != str(folder) and access(path, mode)

    monkeypatch.setattr(os, "rename", refuse)
    monkeypatch.setattr(os, "access", allowed)
    with pytest.raises(StoreError, match="permission is missing") as refused:
        await (store.delete("s1") if shut.startswith("trash") else store.move("s1", "shut"))
    assert str(refused.value.path) == str(folder)
    assert "s1.json" in names(sessions)


async def test_a_workspace_out_of_reach_keeps_nobody_from_the_others(store, tmp_path, monkeypatch):
    await store.save(document("s1"), create=True)
    await store.save(document("s2", workspace_id="shut"), create=True)
    shut = str(tmp_path / "data" / "workspaces" / "shut" / "sessions")
    look = os.stat

    def guarded(path, **options):
        if str(path).startswith(shut):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path, **options)

    monkeypatch.setattr(os, "stat", guarded)
    other = FileStore(store.directory)
    assert (await other.load("s1")).document.id == "s1"
    await other.append("s1", [put(1)], LATER)
    await other.save(document("s3"), create=True)
    with pytest.raises(SessionExists):
        await other.save(document("s1", workspace_id="new"), create=True)
    for lost in ("s2", "nobody"):
        with pytest.raises(StoreError, match="permission is missing"):
            await other.load(lost)
    await other.close()


class Unreachable:
    """An entry of a folder that may be listed, but not entered."""

    def __init__(self, entry):
        self.name, self.path = entry.name, entry.path
        self.is_dir, self.is_file = entry.is_dir, entry.is_file

    def stat(self, **_):
        raise PermissionError(errno.EACCES, "Permission denied", self.path)


@pytest.mark.parametrize("shut", ["workspaces/shut", "workspaces/shut/sessions", "trash/shut"])
async def test_a_folder_that_may_not_be_entered_keeps_nobody_from_the_others(
    store, tmp_path, monkeypatch, shut
):
    for workspace in ("dev", "shut"):
        await store.save(document(f"in-{workspace}", workspace_id=workspace), create=True)
        await store.save(document(f"gone-{workspace}", workspace_id=workspace), create=True)
        await store.delete(f"gone-{workspace}")
    folder = str(tmp_path / "data" / shut)
    scandir, look = os.scandir, os.stat

    @contextmanager
    def listed(path):
        with scandir(path) as entries:
            yield [Unreachable(e) if str(path) == folder else e for e in entries]

    def guarded(path, **options):
        if str(path).startswith(folder + os.sep):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path, **options)

    monkeypatch.setattr(os, "scandir", listed)
    monkeypatch.setattr(os, "stat", guarded)
    in_trash = shut.startswith("trash")
    seen = {"in-dev", "in-shut"} if in_trash else {"in-dev"}
    assert {stamp.session_id for stamp in await store.scan()} == seen
    gone = {trashed.session_id for trashed in await store.trash()}
    assert gone == ({"gone-dev"} if in_trash else {"gone-dev", "gone-shut"})
    told = [(problem.path.startswith(folder), problem.reason) for problem in await store.problems()]
    assert told == ([] if in_trash else [(True, "permission is missing")])


async def test_only_old_temporary_files_are_removed(store, sessions):
    await store.save(document(), create=True)
    old = place(sessions, b"x", ".s1.json.abc.tmp")
    place(sessions, b"x", ".s1.json.def.tmp")
    os.utime(old, (time.time() - 7200,) * 2)
    await store.scan()
    assert names(sessions) == [".s1.json.def.tmp", "s1.json"]
    assert await store.problems() == []


async def test_temporary_files_that_cannot_be_removed_keep_nobody_from_reading(
    store, sessions, monkeypatch
):
    await store.save(document(), create=True)
    old = place(sessions, b"x", ".s1.json.abc.tmp")
    folder = sessions / ".s2.json.abc.tmp"
    folder.mkdir()
    for path in (old, folder):
        os.utime(path, (0, 0))
    assert [stamp.session_id for stamp in await store.scan()] == ["s1"]
    assert (old.exists(), folder.exists()) == (False, True)

    def read_only(path, **_):
        raise OSError(errno.EROFS, "Read-only file system", path)

    place(sessions, b"x", old.name)
    os.utime(old, (0, 0))
    monkeypatch.setattr(os, "unlink", read_only)
    assert [stamp.session_id for stamp in await store.scan()] == ["s1"]


async def test_a_workspace_without_a_file_has_its_folders_name(store, sessions):
    sessions.mkdir(parents=True)
    assert await store.workspaces() == [Workspace(id="dev", name="dev")]


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"format": "x"}', b'{"format":1,"name":5}', b"["])
async def test_a_damaged_workspace_file_is_reported(store, sessions, damage):
    path = place(sessions.parent, damage, "workspace.json")
    assert await store.workspaces() == [Workspace(id="dev", name="dev")]
    [problem] = await store.problems()
    assert (problem.path, problem.workspace_id) == (str(path), "dev")
    with pytest.raises(StoreError):
        await store.save_workspace(Workspace(id="dev", name="new"))
    assert path.read_bytes() == damage


async def test_a_workspace_file_is_as_the_format_says_and_keeps_foreign_keys(store, sessions):
    path = place(sessions.parent, {"format": 1, "x": [1]}, "workspace.json")
    await store.save_workspace(Workspace(id="dev", name="Dev", created_at=MOMENT))
    assert json.loads(path.read_text()) == {
        "format": 1,
        "x": [1],
        "id": "dev",
        "name": "Dev",
        "directory": None,
        "created_at": "2026-11-20T22:14:00.123Z",
        "defaults": {},
        "metadata": {},
    }
    path.write_text(json.dumps({"format": 2, "name": "Later"}))
    assert [each.name for each in await store.workspaces()] == ["Later"]
    with pytest.raises(StoreError):
        await store.save_workspace(Workspace(id="dev", name="x"))


async def test_a_moved_session_takes_its_folder_for_its_workspace(store, sessions, tmp_path):
    await store.save(document(), create=True)
    other = FileStore(store.directory)
    assert (await other.load("s1")).document.workspace_id == "dev"
    await store.move("s1", "two")
    assert (await other.append("s1", [put(1)], LATER)).revision == 1
    assert names(sessions) == []
    assert names(tmp_path / "data/workspaces/two/sessions") == ["s1.journal.jsonl", "s1.json"]
    await other.fold("s1")
    [path] = store.directory.rglob("s1.json")
    assert json.loads(path.read_text())["workspace_id"] == "two"
    await other.close()


async def test_the_trash_keeps_the_document_as_it_was(store, sessions):
    await store.save(document(), create=True)
    before = (sessions / "s1.json").read_bytes()
    await store.delete("s1")
    assert (store.directory / "trash/dev/s1.json").read_bytes() == before
    [trashed] = await store.trash()
    assert abs(trashed.deleted_at.timestamp() - time.time()) < 600


async def test_a_folder_that_may_not_be_read_keeps_no_session_from_the_trash(
    store, sessions, monkeypatch
):
    """It can be written all the same, and what was done is what is told."""
    await store.save(document(), create=True)
    opening = os.open

    def refusing(path, *arguments, **options):
        if str(path) == str(sessions):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opening(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refusing)
    assert await store.delete("s1") is True
    assert [each.session_id for each in await store.trash()] == ["s1"]
    await store.undelete("s1")
    assert (await store.append("s1", [put(1)], LATER)).revision == 1


async def test_a_data_folder_that_goes_away_is_told_and_not_made_anew(store, tmp_path):
    await store.save(document(), create=True)
    await store.scan()
    away = tmp_path / "away"
    store.directory.rename(away)
    for refused in (
        store.scan(),
        store.look({}),
        store.save(document(id="s2"), create=True),
        store.save_workspace(Workspace(id="two", name="Two")),
    ):
        with pytest.raises(StoreError, match="not there any more"):
            await refused
    assert not (store.directory / "workspaces").exists()
    away.rename(store.directory)
    assert [stamp.session_id for stamp in await store.scan()] == ["s1"]


async def test_a_store_that_was_never_there_is_empty_and_made_when_first_needed(store):
    assert await store.scan() == []
    await store.save(document(), create=True)
    assert [stamp.session_id for stamp in await store.scan()] == ["s1"]

"""What the file store keeps when processes die, disks fill up, and several work at once."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import random
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from store_samples import LATER, document, ids, names, put

from tui_sessions.errors import SessionNotFound, StoreError
from tui_sessions.stores import file as file_module
from tui_sessions.stores import journal as journal_module
from tui_sessions.stores import locking, trash_files
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.locking import locked

WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from tui_sessions.model.changes import PutMessage
from tui_sessions.stores import session_files
from tui_sessions.stores.file import FileStore

session_files.FOLD_ABOVE = 3000

async def main(directory, name, count, whole):
    store = FileStore(Path(directory))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(count)):
        value = {"id": f"{name}-{number}", "content": [{"type": "text", "text": "x" * 200}]}
        await store.append("s1", [PutMessage(chat="c1", value=value)], datetime.now(UTC))
        print(value["id"], flush=True)
        if whole == "whole" and number % 3 == 0:
            await store.fold("s1")
        if whole == "whole" and number % 7 == 0:
            await store.save((await store.load("s1")).document)
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
async def store(store):
    await store.save(document(), create=True)
    return store


def start_writer(directory: Path, name: str, count: int, whole: str = "") -> subprocess.Popen[str]:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(directory), name, str(count), whole],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


def go(*writers: subprocess.Popen[str]) -> None:
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()


def fill_up(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("whole", "kills"),
    [("", 8), ("whole", 8), pytest.param("whole", 200, marks=pytest.mark.slow)],
)
async def test_a_killed_process_loses_no_acknowledged_message(store, whole, kills):
    acknowledged: list[str] = []
    for turn in range(kills):
        writer = start_writer(store.directory, f"w{turn}", 10_000, whole)
        go(writer)
        heard = random.randrange(1, 60)
        acknowledged += [writer.stdout.readline().strip() for _ in range(heard)]
        writer.kill()
        # Not `communicate`: it would pass over what the pipe's reader holds already.
        acknowledged += writer.stdout.read().split()
        writer.communicate()
        kept = ids(await FileStore(store.directory).load("s1"))
        assert set(acknowledged) <= set(kept)
        assert len(kept) == len(set(kept)) <= len(acknowledged) + turn + 1
        order = {message_id: place for place, message_id in enumerate(kept)}
        places = [order[message_id] for message_id in acknowledged]
        assert places == sorted(places)


async def test_two_processes_that_append_to_one_session_lose_nothing(store):
    writers = [start_writer(store.directory, name, 200) for name in ("a", "b")]
    go(*writers)
    for writer in writers:
        await asyncio.to_thread(writer.communicate)
        assert writer.returncode == 0
    kept = ids(await store.load("s1"))
    assert sorted(kept) == sorted(f"{name}-{n}" for name in ("a", "b") for n in range(200))
    for name in ("a", "b"):
        own = [message_id for message_id in kept if message_id.startswith(name)]
        assert own == [f"{name}-{n}" for n in range(200)]


async def test_a_reader_beside_a_folding_writer_always_sees_a_whole_session(store):
    writer = start_writer(store.directory, "a", 120)
    go(writer)
    seen = 0
    while writer.poll() is None:
        kept = ids(await store.load("s1"))
        assert kept == [f"a-{n}" for n in range(len(kept))]
        assert len(kept) >= seen
        seen = len(kept)
    writer.communicate()
    assert len(ids(await store.load("s1"))) == 120


async def test_another_process_deletes_a_session_under_an_appender(store):
    writer = start_writer(store.directory, "a", 100_000)
    go(writer)
    for _ in range(5):
        writer.stdout.readline()
    assert await store.delete("s1") is True
    out, _ = await asyncio.to_thread(writer.communicate)
    assert writer.returncode != 0
    assert await store.version("s1") is None
    assert not list((store.directory / "workspaces").rglob("s1*"))
    await store.undelete("s1")
    assert set(out.split()) <= set(ids(await store.load("s1")))


async def test_two_stores_on_one_folder_see_each_others_changes(store):
    other = FileStore(store.directory)
    for number in range(0, 10, 2):
        mine = await store.append("s1", [put(number)], LATER)
        theirs = await other.append("s1", [put(number + 1)], LATER)
        assert theirs.before == mine.after
        assert theirs.revision == mine.revision + 1
        await (store if number % 4 else other).fold("s1")
    assert ids(await store.load("s1")) == [f"m{number}" for number in range(10)]
    await other.delete("s1")
    with pytest.raises(SessionNotFound):
        await store.append("s1", [put(99)], LATER)
    assert not list((store.directory / "workspaces").rglob("s1*"))
    await other.close()


@pytest.mark.parametrize("call", ["fsync", "replace", "writev"])
async def test_a_failed_save_keeps_the_old_record_and_leaves_nothing(
    store, sessions, monkeypatch, call
):
    before = (sessions / "s1.json").read_bytes()
    version = await store.version("s1")
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fill_up)
        with pytest.raises(StoreError, match="the disk is full"):
            await store.save(document(label="new"))
        with pytest.raises(StoreError, match="the disk is full"):
            await store.save(document("s2"), create=True)
    assert names(sessions) == ["s1.json"]
    assert (sessions / "s1.json").read_bytes() == before
    assert await store.version("s1") == version
    await store.save(document(label="new"))
    await store.save(document("s2"), create=True)


@pytest.mark.parametrize("failing", ["write", "sync"])
async def test_a_failed_append_leaves_the_journal_as_it_was(store, sessions, monkeypatch, failing):
    for kept in ([], ["m1"]):
        before = await store.version("s1")
        with monkeypatch.context() as patch:
            if failing == "write":
                patch.setattr(os, "write", fill_up)
            else:
                patch.setattr(journal_module, "_sync", fill_up)
            with pytest.raises(StoreError, match="the disk is full"):
                await store.append("s1", [put(9)], LATER)
        assert ids(await store.load("s1")) == kept
        assert names(sessions) == ["s1.journal.jsonl", "s1.json"][not kept :]
        appended = await store.append("s1", [put(len(kept) + 1)], LATER)
        assert appended.revision == len(kept) + 1
        if not kept:
            assert appended.before == before
    assert ids(await store.load("s1")) == ["m1", "m2"]
    assert await store.problems() == []


async def test_a_file_that_may_not_grow_any_more_keeps_what_it_has(store, sessions):
    await store.append("s1", [put(1)], LATER)
    journal = (sessions / "s1.journal.jsonl").read_bytes()
    record = (sessions / "s1.json").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    try:
        with pytest.raises(StoreError, match="larger than the system allows"):
            await store.append("s1", [put(2, "x" * 100_000)], LATER)
        with pytest.raises(StoreError, match="larger than the system allows"):
            await store.save(document(messages=1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (sessions / "s1.journal.jsonl").read_bytes() == journal
    assert (sessions / "s1.json").read_bytes() == record
    assert names(sessions) == ["s1.journal.jsonl", "s1.json"]
    await store.append("s1", [put(2)], LATER)
    assert ids(await store.load("s1")) == ["m1", "m2"]


async def test_a_fold_that_fails_in_use_costs_no_message_and_is_reported(
    store, sessions, monkeypatch
):
    monkeypatch.setattr("tui_sessions.stores.session_files.FOLD_ABOVE", 0)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fill_up)
        for number in range(10):
            await store.append("s1", [put(number)], LATER)
        [problem] = await store.problems()
        assert problem.path == str(sessions / "s1.journal.jsonl")
    assert ids(await store.load("s1")) == [f"m{number}" for number in range(10)]
    await store.append("s1", [put(10)], LATER)
    assert names(sessions) == ["s1.json"]
    assert await store.problems() == []


async def test_a_full_disk_does_not_keep_a_session_from_being_deleted(store, monkeypatch):
    await store.append("s1", [put(1)], LATER)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fill_up)
        patch.setattr(os, "writev", fill_up)
        assert await store.delete("s1") is True
    await store.undelete("s1")
    assert ids(await store.load("s1")) == ["m1"]


async def test_a_session_that_another_program_holds_is_waited_for_and_not_for_ever(
    store, sessions, monkeypatch
):
    with locked(sessions / "s1.journal.jsonl"):
        waiting = asyncio.ensure_future(store.append("s1", [put(1)], LATER))
        assert not (await asyncio.wait([waiting], timeout=0.01))[0]
    await waiting
    monkeypatch.setattr(locking, "PATIENCE_S", 0.01)
    with (
        locked(sessions / "s1.journal.jsonl"),
        pytest.raises(StoreError, match="another program"),
    ):
        await store.append("s1", [put(2)], LATER)
    assert ids(await store.load("s1")) == ["m1"]


async def test_a_save_hands_the_whole_file_to_the_disk_before_it_takes_its_place(
    store, monkeypatch
):
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def recorded_sync(handle):
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        fsync(handle)

    def recorded_replace(source, target):
        steps.append("replace")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", recorded_sync)
    monkeypatch.setattr(os, "replace", recorded_replace)
    await store.save(document(label="new"))
    assert steps == ["file", "replace", "folder"]


async def test_an_append_reads_neither_document_nor_journal_again(store, sessions, monkeypatch):
    await store.append("s1", [put(1)], LATER)
    sizes: list[int] = []
    pread = os.pread

    def recorded(handle, size, start):
        sizes.append(size)
        return pread(handle, size, start)

    monkeypatch.setattr(os, "pread", recorded)
    await store.append("s1", [put(2)], LATER)
    assert sizes == []
    other = FileStore(store.directory)
    await other.append("s1", [put(3)], LATER)
    sizes.clear()
    await store.append("s1", [put(4)], LATER)
    line = (sessions / "s1.journal.jsonl").read_bytes().splitlines(keepends=True)[2]
    assert sizes == [len(line)]
    assert json.loads(line)["revision"] == 3
    await other.close()


async def test_a_session_that_another_program_holds_keeps_nobody_from_the_others(store, sessions):
    for number in range(2, 12):
        await store.save(document(f"s{number}"), create=True)
    with locked(sessions / "s1.journal.jsonl"):
        waiting = [asyncio.ensure_future(store.append("s1", [put(1)], LATER)) for _ in range(5)]
        for number in range(2, 12):
            await store.append(f"s{number}", [put(1)], LATER)
        assert len(await store.scan()) == 11
        assert not any(one.done() for one in waiting)
    await asyncio.gather(*waiting)
    assert ids(await store.load("s1")) == ["m1"]


async def test_a_journal_is_not_folded_while_another_program_holds_the_session(
    store, sessions, monkeypatch
):
    monkeypatch.setattr(file_module, "_FOLD_PATIENCE_S", 0.01)
    await store.append("s1", [put(1)], LATER)
    with locked(sessions / "s1.journal.jsonl"):
        await store.fold("s1")
    assert "s1.journal.jsonl" in names(sessions)
    await store.fold("s1")
    assert names(sessions) == ["s1.json"]
    assert ids(await store.load("s1")) == ["m1"]


COPIED = """
import os, signal, sys
from pathlib import Path
from tui_sessions.stores.locking import locked, shared

path = Path(sys.argv[1])
for lock in (locked(path), shared(path)):
    with lock:
        path.write_text("not empty")
        if os.fork() == 0:
            sys.stdin.readline()
            os._exit(0)
    print("let go", flush=True)
"""


def test_a_process_that_is_forked_while_a_session_is_held_does_not_keep_it(tmp_path):
    path = tmp_path / "s1.journal.jsonl"
    with subprocess.Popen(
        [sys.executable, "-c", COPIED, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert [process.stdout.readline() for _ in range(2)] == ["let go\n"] * 2
        with locked(path):
            process.communicate("\n\n")


@pytest.mark.parametrize("trashed", [False, True])
async def test_a_purge_that_breaks_off_leaves_nothing_that_cannot_be_purged(
    store, sessions, monkeypatch, trashed
):
    await store.append("s1", [put(9, "private words")], LATER)
    if trashed:
        await store.delete("s1")
    remove, calls = trash_files.remove_file, []

    def removed_once(path):
        calls.append(path)
        if len(calls) > 1:
            raise OSError(errno.EIO, "the power is gone", str(path))
        remove(path)

    monkeypatch.setattr(trash_files, "remove_file", removed_once)
    with pytest.raises(StoreError):
        await store.purge("s1")
    monkeypatch.undo()
    assert await store.scan() == []
    assert await store.problems() == []
    assert await store.purge("s1") is trashed
    assert not [path for path in store.directory.rglob("s1*") if b"words" in path.read_bytes()]
    await store.save(document(), create=True)

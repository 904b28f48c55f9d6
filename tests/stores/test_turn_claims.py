"""Chats that are taken for a turn: one holder among all processes, and none that is dead."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from store_samples import DictStore, document

from tui_sessions.stores.base import ClaimingStore
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.overlay import OverlayStore

HOLDER = """
import asyncio, sys
from pathlib import Path
from tui_sessions.stores.file import FileStore

async def main(directory, *chats):
    store = FileStore(Path(directory))
    for chat in chats:
        print(await store.claim_turn("s1", chat), flush=True)
    sys.stdin.readline()
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
async def store(store: FileStore) -> FileStore:
    await store.save(document(), create=True)
    return store


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Any]:
    """Starts a process that takes chats of the session `s1`."""
    started = []

    def start(*chats: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path / "data"), *chats],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in chats] == ["True\n"] * len(chats)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


async def test_a_chat_is_taken_once_and_free_again_after(store: FileStore) -> None:
    other = FileStore(store.directory)
    assert await store.claim_turn("s1", "c1") is True
    assert await other.claim_turn("s1", "c1") is False
    assert await store.claim_turn("s1", "c1") is False
    assert await other.claim_turn("s1", "c2") is True
    assert sorted(await store.claimed_turns()) == [("s1", "c1"), ("s1", "c2")]
    store.release_turn("s1", "c1")
    assert await store.claimed_turns() == [("s1", "c2")]
    assert await other.claim_turn("s1", "c1") is True
    await other.close()
    assert await store.claimed_turns() == []


async def test_nothing_is_left_of_a_chat_that_was_let_go_of(store: FileStore) -> None:
    await store.claim_turn("s1", "c1")
    store.release_turn("s1", "c1")
    await store.version("s1")
    assert [*(store.directory / ".turns").iterdir()] == []
    store.release_turn("s1", "c1")  # once more is no error
    assert await store.claim_turn("s1", "c1") is True


async def test_another_process_keeps_its_chat_until_it_is_killed(
    store: FileStore, holder: Any
) -> None:
    process = holder("c1")
    assert await store.claim_turn("s1", "c1") is False
    assert await store.claimed_turns() == [("s1", "c1")]
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert await store.claimed_turns() == []
    assert [*(store.directory / ".turns").iterdir()] == []
    assert await store.claim_turn("s1", "c1") is True


async def test_a_process_that_is_suspended_keeps_its_chat(store: FileStore, holder: Any) -> None:
    process = holder("c1")
    process.send_signal(signal.SIGSTOP)
    assert await store.claim_turn("s1", "c1") is False
    assert await store.claimed_turns() == [("s1", "c1")]


async def test_what_a_dead_process_left_can_be_taken_and_asks_for_no_stop(
    store: FileStore, holder: Any
) -> None:
    process = holder("c1")
    await store.ask_to_stop("s1", "c1")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert await store.claim_turn("s1", "c1") is True
    assert await store.asked_to_stop("s1", "c1") is False


async def test_a_holder_hears_that_it_is_to_stop(store: FileStore) -> None:
    other = FileStore(store.directory)
    await store.claim_turn("s1", "c1")
    assert await store.asked_to_stop("s1", "c1") is False
    await other.ask_to_stop("s1", "c1")
    assert await store.asked_to_stop("s1", "c1") is True
    assert await other.asked_to_stop("s1", "c1") is False
    store.release_turn("s1", "c1")
    await other.ask_to_stop("s1", "c1")  # nobody is there to hear it
    assert await store.claimed_turns() == []
    await other.close()


async def test_a_lock_that_was_removed_is_made_anew_by_its_holder(store: FileStore) -> None:
    other = FileStore(store.directory)
    await store.claim_turn("s1", "c1")
    shutil.rmtree(store.directory / ".turns")
    assert await other.claimed_turns() == []
    assert await store.asked_to_stop("s1", "c1") is False
    assert await other.claim_turn("s1", "c1") is False
    await other.ask_to_stop("s1", "c1")
    assert await store.asked_to_stop("s1", "c1") is True
    store.release_turn("s1", "c1")
    await store.version("s1")
    assert await other.claim_turn("s1", "c1") is True
    await other.close()


async def test_a_session_that_moves_stays_taken(store: FileStore) -> None:
    other = FileStore(store.directory)
    await store.claim_turn("s1", "c1")
    await other.move("s1", "elsewhere")
    assert await other.claim_turn("s1", "c1") is False
    await other.close()


async def test_where_files_cannot_be_locked_no_chat_is_taken_nor_kept_from_anybody(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    assert await store.claim_turn("s1", "c1") is None
    assert await store.claimed_turns() == []


@pytest.mark.parametrize("in_the_way", ["file", "link", "folder"])
async def test_where_no_lock_can_be_made_turns_go_on_without(
    store: FileStore, tmp_path: Path, in_the_way: str
) -> None:
    folder = store.directory / ".turns"
    if in_the_way == "file":
        folder.write_text("something else")
    elif in_the_way == "link":
        folder.symlink_to(tmp_path / "nowhere")
    else:
        folder.mkdir()
        (folder / "s1.c1").mkdir()
    assert await store.claim_turn("s1", "c1") is None
    assert await store.claimed_turns() == []
    await store.ask_to_stop("s1", "c1")


async def test_what_is_not_ours_among_the_locks_is_left_alone(store: FileStore) -> None:
    await store.claim_turn("s1", "c1")
    folder = store.directory / ".turns"
    for name in (".DS_Store", "notes.txt.bak", "a b.c", "s1."):
        (folder / name).write_text("kept")
    assert await store.claimed_turns() == [("s1", "c1")]
    assert sorted(p.name for p in folder.iterdir() if p.read_text() == "kept") == sorted(
        [".DS_Store", "notes.txt.bak", "a b.c", "s1."]
    )


async def test_a_temporary_session_leaves_no_lock(store: FileStore) -> None:
    both = OverlayStore(store)
    await both.save(document("s2", temporary=True), create=True)
    assert await both.claim_turn("s2", "c1") is None
    assert await both.claim_turn("s1", "c1") is True
    assert await both.claimed_turns() == [("s1", "c1")]
    both.release_turn("s1", "c1")
    assert await both.claimed_turns() == []


async def test_a_store_without_the_ability_takes_nothing() -> None:
    both = OverlayStore(DictStore())
    assert not isinstance(DictStore(), ClaimingStore)
    assert await both.claim_turn("s1", "c1") is None
    assert await both.claimed_turns() == []
    assert await both.asked_to_stop("s1", "c1") is False


FORKING = """
import asyncio, os, signal, sys
from pathlib import Path
from tui_sessions.stores.file import FileStore

async def main(directory):
    store = FileStore(Path(directory))
    print(await store.claim_turn("s1", "c1"), flush=True)
    if os.fork() == 0:
        print("copied", flush=True)
        sys.stdin.readline()
        os._exit(0)
    signal.pause()

asyncio.run(main(*sys.argv[1:]))
"""


def forking(directory: Path) -> subprocess.Popen[str]:
    """A process that takes a chat, and has a copy of itself that lives on."""
    return subprocess.Popen(
        [sys.executable, "-c", FORKING, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_a_forked_process_that_lives_on_does_not_keep_a_chat_taken(store: FileStore) -> None:
    with forking(store.directory) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["True\n", "copied\n"]
        assert await store.claim_turn("s1", "c1") is False
        process.kill()
        process.wait()
        assert await store.claim_turn("s1", "c1") is True


async def test_a_folder_that_leads_elsewhere_is_neither_written_to_nor_tidied(
    store: FileStore, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "documents"
    elsewhere.mkdir()
    (elsewhere / "notes.txt").write_text("mine")
    (store.directory / ".turns").symlink_to(elsewhere)
    assert await store.claim_turn("s1", "c1") is None
    assert await store.claimed_turns() == []
    await store.ask_to_stop("notes", "txt")
    assert [path.name for path in elsewhere.iterdir()] == ["notes.txt"]
    assert (elsewhere / "notes.txt").read_text() == "mine"


async def test_a_place_that_is_lost_while_a_chat_is_held_is_no_fault(store: FileStore) -> None:
    assert await store.claim_turn("s1", "c1") is True
    turns = store.directory / ".turns"
    shutil.rmtree(turns)
    turns.write_text("in the way")
    assert await store.asked_to_stop("s1", "c1") is False

"""Opening other programs' databases: with their log, without a trace, and whatever their state."""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tui_sessions.transfer.database_opening import UnreadableDatabase, open_database


def state_of(folder: Path):
    """The bytes and times of all files in a folder."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


OWNER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
print("ready", flush=True)
for line in sys.stdin:
    print(connection.execute(line).fetchall(), flush=True)
"""


class Owner:
    """The program that a database belongs to: a process of its own that has it open."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout.readline() == "ready\n"

    def run(self, statement: str) -> None:
        self._process.stdin.write(statement + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline()

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def source(tmp_path):
    return tmp_path / "source" / "history.db"


@pytest.fixture
def writer(source):
    """An owner of a database of which a half stands in the log."""
    source.parent.mkdir()
    owner = Owner(source)
    owner.run("PRAGMA journal_mode = WAL")
    owner.run("PRAGMA wal_autocheckpoint = 0")
    owner.run("CREATE TABLE note (id INTEGER PRIMARY KEY, thread TEXT, text TEXT)")
    owner.run("INSERT INTO note (thread, text) VALUES ('a', 'one')")
    owner.run("PRAGMA wal_checkpoint(TRUNCATE)")
    owner.run("INSERT INTO note (thread, text) VALUES ('b', 'two')")
    yield owner
    owner.stop()


def texts(path):
    with open_database(path) as database:
        return [row["text"] for row in database.select("note", ("text",))]


def test_what_stands_in_the_log_is_read_and_the_files_stay_as_they_are(source, writer):
    before = state_of(source.parent)
    assert texts(source) == ["one", "two"]
    assert state_of(source.parent) == before


def test_the_owner_can_write_while_the_database_is_open_here(source, writer):
    with open_database(source) as database:
        assert len(database.select("note", ("id",))) == 2
        writer.run("INSERT INTO note (thread, text) VALUES ('a', 'three')")
        writer.run("PRAGMA wal_checkpoint(TRUNCATE)")
        assert [row["text"] for row in database.select("note", ("text",), thread="a")] == [
            "one",
            "three",
        ]


@pytest.mark.parametrize("missing", [["-shm"], ["-shm", "-wal"]])
def test_a_database_that_nobody_has_open_is_read_from_a_copy(tmp_path, source, writer, missing):
    there = tmp_path / "left"
    there.mkdir()
    for file in source.parent.iterdir():
        if not any(file.name.endswith(ending) for ending in missing):
            (there / file.name).write_bytes(file.read_bytes())
    before = state_of(there)
    assert texts(there / source.name) == (["one", "two"] if missing == ["-shm"] else ["one"])
    assert state_of(there) == before


def test_what_a_crash_left_behind_is_read_with_its_log(source, writer):
    writer.stop()
    before = state_of(source.parent)
    assert texts(source) == ["one", "two"]
    assert state_of(source.parent) == before


def test_a_folder_that_may_not_be_written_to_is_read(source, writer):
    source.parent.chmod(0o500)
    try:
        assert texts(source) == ["one", "two"]
    finally:
        source.parent.chmod(0o700)


def test_a_locked_database_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("tui_sessions.transfer.database_opening._WAIT_S", 0.01)
    path = tmp_path / "locked.db"
    owner = Owner(path)
    owner.run("CREATE TABLE note (text)")
    owner.run("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(UnreadableDatabase, match="locked"):
            texts(path)
    finally:
        owner.stop()


@pytest.mark.parametrize("data", [b"SQLite format 3\0" + b"\xff" * 4096, b"no database" * 99])
def test_a_damaged_database_is_an_error_with_a_reason(tmp_path, data):
    path = tmp_path / "damaged.db"
    path.write_bytes(data)
    with pytest.raises(UnreadableDatabase, match="the database could not be read"):
        texts(path)


def test_an_empty_file_is_a_database_without_tables(tmp_path):
    path = tmp_path / "empty.db"
    path.touch()
    assert texts(path) == []


def made(path: Path) -> bytes:
    """The bytes of a database whose last page is about full."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE words (word TEXT)")
        connection.executemany("INSERT INTO words VALUES (?)", [("word " * 40,)] * 100)
        connection.commit()
    return path.read_bytes()


@pytest.mark.parametrize("missing", [1, 100, 4096, 5000])
def test_a_database_that_was_cut_off_is_damaged(tmp_path, missing):
    whole = made(tmp_path / "whole.db")
    cut = tmp_path / "cut.db"
    cut.write_bytes(whole[:-missing])
    says = f"damaged: it ends after {len(whole) - missing:,} of {len(whole):,} bytes"
    with pytest.raises(UnreadableDatabase, match=says), open_database(cut):
        pass


def test_a_database_that_grew_at_its_end_or_in_its_log_is_whole(tmp_path, writer, source):
    path = tmp_path / "more.db"
    path.write_bytes(made(tmp_path / "whole.db") + b"more")
    with open_database(path) as database:
        assert len(database.select("words", ("word",))) == 100
    assert texts(source) == ["one", "two"]

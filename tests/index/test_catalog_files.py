"""The catalog's file: kept between two starts, made anew where it is damaged, never an error."""

import sqlite3
import stat
from pathlib import Path

import pytest
from catalogued_samples import ALL, filled, ids, kept, session

from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_answers import Known
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.index.catalog_rows import SCHEMA


def test_snapshots_are_kept_between_two_starts_for_their_owners_eyes(path: Path) -> None:
    filled(path)
    catalog = Catalog(path)
    assert catalog.get("a") == session("a", label="A")
    assert catalog.versions() == {"a": Known("1", "w", 1), "b": Known("2", "w", 1)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    catalog.remove("a")
    catalog.close()
    assert kept(path) == {"b"}


def test_a_file_of_an_older_version_is_made_anew(path: Path) -> None:
    filled(path)
    older = sqlite3.connect(path)
    older.execute("ALTER TABLE sessions DROP COLUMN found")
    older.execute(f"PRAGMA user_version={SCHEMA - 1}")
    older.close()
    assert kept(path) == set()
    filled(path)
    assert kept(path) == {"a", "b"}


def test_a_temporary_session_never_reaches_the_file(path: Path) -> None:
    filled(path)
    catalog = Catalog(path)
    catalog.put(session("t", temporary=True), "1")
    catalog.put(session("a", temporary=True), "2")
    catalog.flush()
    assert set(ids(catalog)) == {"a", "b", "t"}
    catalog.close()
    assert kept(path) == {"b"}


def test_half_a_character_keeps_only_its_own_session_out_of_the_file(path: Path) -> None:
    catalog = Catalog(path)
    catalog.put(session("a", label="\ud800"), "1")
    catalog.put(session("b"), "1")
    catalog.flush()
    assert set(ids(catalog)) == {"a", "b"}
    catalog.close()
    assert kept(path) == {"b"}


@pytest.mark.parametrize(
    "damage",
    [
        "PRAGMA user_version=99",
        "UPDATE sessions SET snapshot = ''",
        "UPDATE sessions SET snapshot = x'c1'",
        "UPDATE sessions SET snapshot = 7",
        "DROP TABLE sessions",
        "ALTER TABLE sessions RENAME COLUMN snapshot TO other",
    ],
)
def test_a_damaged_file_is_made_anew(path: Path, damage: str) -> None:
    filled(path)
    connection = sqlite3.connect(path)
    connection.execute(damage)
    connection.commit()
    connection.close()
    assert kept(path) == set()
    filled(path)
    assert kept(path) == {"a", "b"}


@pytest.mark.parametrize("content", [b"", b"garbage" * 999, b"SQLite format 3\0" + b"x" * 5000])
def test_a_file_that_is_no_database_is_made_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert kept(path) == set()
    filled(path)
    assert kept(path) == {"a", "b"}


def test_a_file_that_another_process_keeps_to_itself_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path)
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **o: connect(*a, **{**o, "timeout": 0.01}))
    holder = connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    catalog = Catalog(path)
    catalog.put(session("c"), "3")
    with pytest.raises(CatalogLost):
        catalog.find(ALL)
    assert ids(catalog) == ["c"]
    catalog.close()
    holder.execute("COMMIT")
    holder.close()
    assert kept(path) == {"a", "b"}


def test_a_writer_that_comes_at_a_bad_moment_writes_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path)
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **o: connect(*a, **{**o, "timeout": 0.01}))
    catalog = Catalog(path)
    assert set(ids(catalog)) == {"a", "b"}
    holder = connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    catalog.put(session("c"), "3")
    catalog.flush()
    assert set(ids(catalog)) == {"a", "b", "c"}
    holder.execute("COMMIT")
    holder.close()
    catalog.close()
    assert kept(path) == {"a", "b", "c"}


def test_where_nothing_can_be_written_the_catalog_works_from_memory(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    catalog = Catalog(tmp_path / "cache" / "catalog.sqlite")
    catalog.put(session("a"), "1")
    with pytest.raises(CatalogLost):
        catalog.count(ALL)
    assert ids(catalog) == ["a"]
    catalog.close()


@pytest.mark.parametrize("number", [10**30, -(2**63) - 1])
def test_a_number_that_no_database_takes_is_kept_while_the_program_runs(
    path: Path, number: int
) -> None:
    catalog = Catalog(path)
    catalog.put(session("a", metadata={"number": number}), "1")
    catalog.put(session("b"), "1")
    found = {each.id: each.metadata for each in catalog.find(ALL)}
    assert found == {"a": {"number": number}, "b": {}}
    catalog.close()
    assert kept(path) == {"b"}

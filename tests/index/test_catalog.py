"""The catalog: derived, kept between two starts, and never worth an error."""

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tui_sessions import Session
from tui_sessions.index.catalog import Catalog, Entry
from tui_sessions.index.catalog_file import SqliteCatalogFile

MOMENT = datetime(2026, 11, 20, tzinfo=UTC)


def session(session_id: str, **fields: Any) -> Session:
    times = dict.fromkeys(
        ("created_at", "updated_at", "last_active_at", "state_changed_at"), MOMENT
    )
    return Session(id=session_id, workspace_id="w", **times, **fields)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "catalog.sqlite"


def kept(path: Path) -> dict[str, Entry]:
    file = SqliteCatalogFile(path)
    try:
        return file.load()
    finally:
        file.close()


def filled(path: Path) -> None:
    catalog = Catalog(SqliteCatalogFile(path))
    catalog.open()
    catalog.put(session("a", label="A"), "1")
    catalog.put(session("b"), "2")
    catalog.close()


def test_entries_are_kept_between_two_starts_for_their_owners_eyes(path: Path) -> None:
    filled(path)
    assert kept(path) == {"a": Entry("1", session("a", label="A")), "b": Entry("2", session("b"))}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    catalog = Catalog(SqliteCatalogFile(path))
    catalog.open()
    catalog.remove("a")
    catalog.close()
    assert set(kept(path)) == {"b"}


def test_what_differs_from_the_store_is_read_again_and_what_is_gone_is_dropped() -> None:
    catalog = Catalog()
    catalog.put(session("same"), "1")
    catalog.put(session("changed"), "1")
    catalog.put(session("gone"), "1")
    catalog.put_unreadable("broken", "1")
    known = catalog.ids()
    catalog.put(session("new"), "1")
    stale = catalog.stale({"same": "1", "changed": "2", "broken": "1", "unknown": "1"}, known)
    assert set(stale) == {"changed", "unknown"}
    assert {s.id for s in catalog.sessions()} == {"same", "changed", "new"}
    assert catalog.stale({"broken": "2"}, catalog.ids()) == ["broken"]
    assert catalog.get("nobody") is None


def test_a_temporary_session_never_reaches_the_file(path: Path) -> None:
    filled(path)
    catalog = Catalog(SqliteCatalogFile(path))
    catalog.open()
    catalog.put(session("t", temporary=True), "1")
    catalog.put(session("a", temporary=True), "2")
    assert {s.id for s in catalog.sessions()} == {"a", "b", "t"}
    catalog.close()
    assert set(kept(path)) == {"b"}


def test_half_a_character_keeps_only_its_own_session_out(path: Path) -> None:
    catalog = Catalog(SqliteCatalogFile(path))
    catalog.put(session("a", label="\ud800"), "1")
    catalog.put(session("b"), "1")
    catalog.close()
    assert set(kept(path)) == {"b"}


@pytest.mark.parametrize(
    "damage",
    [
        "PRAGMA user_version=99",
        "UPDATE sessions SET session = NULL",
        "UPDATE sessions SET session = '{'",
        "UPDATE sessions SET session = '{}'",
        "DROP TABLE sessions",
        "ALTER TABLE sessions RENAME COLUMN session TO other",
    ],
)
def test_a_damaged_file_is_made_anew(path: Path, damage: str) -> None:
    filled(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA ignore_check_constraints=ON")
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute(
        "UPDATE sqlite_master SET sql = replace(sql, 'BLOB NOT NULL', 'BLOB') WHERE name='sessions'"
    )
    connection.commit()
    connection.close()
    connection = sqlite3.connect(path)
    connection.execute(damage)
    connection.commit()
    connection.close()
    assert kept(path) == {}
    filled(path)
    assert set(kept(path)) == {"a", "b"}


@pytest.mark.parametrize("content", [b"", b"garbage" * 999, b"SQLite format 3\0" + b"x" * 5000])
def test_a_file_that_is_no_database_is_made_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert kept(path) == {}
    filled(path)
    assert set(kept(path)) == {"a", "b"}


def test_a_file_that_another_process_locks_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path)
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **o: connect(*a, **{**o, "timeout": 0.01}))
    holder = connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    catalog = Catalog(SqliteCatalogFile(path))
    catalog.open()
    catalog.put(session("c"), "3")
    catalog.close()
    holder.execute("COMMIT")
    holder.close()
    assert set(kept(path)) == {"a", "b"}


def test_where_nothing_can_be_written_the_catalog_works_from_memory(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    catalog = Catalog(SqliteCatalogFile(tmp_path / "cache" / "catalog.sqlite"))
    catalog.open()
    catalog.put(session("a"), "1")
    catalog.close()
    assert [s.id for s in catalog.sessions()] == ["a"]


def test_a_file_is_read_once_and_what_came_before_stays(path: Path) -> None:
    filled(path)
    catalog = Catalog(SqliteCatalogFile(path))
    catalog.put(session("a", label="newer"), "9")
    catalog.open()
    catalog.open()
    assert catalog.get("a") == session("a", label="newer")
    assert catalog.get("b") == session("b")
    catalog.close()

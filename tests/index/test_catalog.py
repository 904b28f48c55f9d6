"""The catalog: derived, kept between two starts, and never worth an error."""

import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tui_sessions import AgentConfig, Chat, Origin, ParentLink, Session, SessionState
from tui_sessions.index import catalog_writing
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_answers import Known
from tui_sessions.index.catalog_database import CatalogLost
from tui_sessions.index.catalog_rows import SCHEMA, Row, Wanted
from tui_sessions.index.catalog_writing import LookedThrough

MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
ALL = Wanted()


def session(session_id: str, minutes: int = 0, **fields: Any) -> Session:
    times = dict.fromkeys(("created_at", "updated_at", "state_changed_at"), MOMENT)
    active = MOMENT + timedelta(minutes=minutes)
    fields = {"workspace_id": "w", **fields}
    return Session(id=session_id, last_active_at=active, **times, **fields)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "catalog.sqlite"


@pytest.fixture(params=["in memory", "in a file"])
def catalog(request: pytest.FixtureRequest, path: Path) -> Iterator[Catalog]:
    made = Catalog(path if request.param == "in a file" else None)
    yield made
    made.close()


def ids(catalog: Catalog, wanted: Wanted = ALL, limit: int | None = None) -> list[str]:
    return [found.id for found in catalog.find(wanted, limit)]


def kept(path: Path) -> set[str]:
    """What a new process finds."""
    catalog = Catalog(path)
    try:
        return set(ids(catalog))
    except CatalogLost:
        return set(ids(catalog))
    finally:
        catalog.close()


def filled(path: Path) -> None:
    catalog = Catalog(path)
    catalog.put(session("a", label="A"), "1")
    catalog.put(session("b"), "2")
    catalog.close()


def test_snapshots_are_kept_between_two_starts_for_their_owners_eyes(path: Path) -> None:
    filled(path)
    catalog = Catalog(path)
    assert catalog.get("a") == session("a", label="A")
    assert catalog.versions() == {"a": Known("1", "w", 1), "b": Known("2", "w", 1)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    catalog.remove("a")
    catalog.close()
    assert kept(path) == {"b"}


def test_every_field_is_kept_whether_it_is_as_by_default_or_not(path: Path) -> None:
    agent = AgentConfig(
        provider="p", model="m", system_prompt="s", parameters={"a": [1.5]}, tools=("t",)
    )
    spoken = Chat(id="c2", name="Two", created_at=MOMENT, tags=("x",), metadata={"k": {"l": None}})
    chats = Chat(id="c1", agent=agent, inherited=1, message_count=2, preview="Hi"), spoken
    origin, link = Origin(format="f", path="/p", id="i"), ParentLink(session_id="a", kind="spawn")
    whole = session(
        "b",
        1,
        user_id="ana",
        label="L",
        auto_label=True,
        state=SessionState.EXPIRED,
        ttl_s=1.5,
        expires_at=MOMENT,
        surfaces=("tty:1",),
        tags=("t",),
        metadata={"m": [{}]},
        preferences={"p": 0},
        active_chat_id="c2",
        parent=link,
        origin=origin,
        chats=chats,
        read_only=True,
    )
    catalog = Catalog(path)
    catalog.put(session("a"), "1")
    catalog.put(whole, "1")
    catalog.close()
    catalog = Catalog(path)
    found = catalog.find(ALL)
    catalog.close()
    assert found == [whole, session("a")]
    assert {type(chat.agent) for chat in found[0].chats} == {AgentConfig}


@pytest.mark.parametrize("written", [True, False])
def test_everything_that_is_asked_for_has_to_fit_whether_written_or_not(
    catalog: Catalog, written: bool
) -> None:
    catalog.put(session("old", 1, user_id="ana", tags=("x", "y"), label="Größe der Datei"), "1")
    link = ParentLink(session_id="old")
    catalog.put(session("new", 3, user_id="ana", parent=link, surfaces=("tty:1", "tty:12")), "1")
    catalog.put(session("bob", 2, user_id="bob", workspace_id="v", label="xy 100%"), "1")
    catalog.put(session("put aside", 0, user_id="bob", state=SessionState.PAUSED), "1")
    if written:
        catalog.flush()
    assert ids(catalog) == ["new", "bob", "old", "put aside"]
    assert ids(catalog, ALL, 2) == ["new", "bob"]
    assert ids(catalog, Wanted(user_id="ana")) == ["new", "old"]
    assert ids(catalog, Wanted(workspace_id="v")) == ["bob"]
    assert ids(catalog, Wanted(states={"paused", "active"})) == ["put aside"]
    assert ids(catalog, Wanted(parent_id="old")) == ["new"]
    assert ids(catalog, Wanted(surface="tty:1")) == ["new"]
    assert ids(catalog, Wanted(surface="tty")) == []
    assert ids(catalog, Wanted(tag="y")) == ["old"]
    assert ids(catalog, Wanted(words=("GRÖßE".casefold(), "datei"))) == ["old"]
    assert ids(catalog, Wanted(words=("größer".casefold(), "datei"))) == []
    assert ids(catalog, Wanted(words=("%",))) == ["bob"]
    assert ids(catalog, Wanted(active_since=MOMENT + timedelta(minutes=2))) == ["new", "bob"]
    assert ids(catalog, Wanted(user_id="ana", others_than="new")) == ["old"]
    assert [catalog.count(w) for w in (ALL, Wanted(user_id="bob"), Wanted(tag="z"))] == [4, 2, 0]


def test_what_was_just_changed_counts_before_it_is_written(catalog: Catalog) -> None:
    for name in ("a", "b", "c"):
        catalog.put(session(name, 1), "1")
    catalog.flush()
    catalog.put(session("c", 9, label="newer"), "2")
    catalog.remove("a")
    assert ids(catalog) == ["c", "b"]
    assert ids(catalog, ALL, 1) == ["c"]
    assert catalog.count(ALL) == 2
    assert catalog.get("a") is None
    assert (found := catalog.get("c")) is not None
    assert found.label == "newer"


def test_nothing_is_hidden_while_two_threads_write_at_once(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    row_of = Row.of

    def while_another_writes(each: Session, version: str) -> Row:
        if each.id == "b":
            catalog.put(session("c"), "1")
            other.start()
            other.join(0.2)  # it may have to wait for this one
            found.append(catalog.get("b"))
        return row_of(each, version)

    other = threading.Thread(target=catalog.flush)
    monkeypatch.setattr(Row, "of", while_another_writes)
    catalog.put(session("b"), "1")
    catalog.flush()
    other.join()
    assert found == [session("b")]
    assert set(ids(catalog)) == {"b", "c"}


def test_what_comes_while_rows_are_written_is_written_after_them(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Catalog(path)
    row_of = Row.of

    def while_another_writes(each: Session, version: str) -> Row:
        if version == "1":
            catalog.put(session("a", label="newer"), "2")
            other.start()
            other.join(0.2)  # it may have to wait for this one
        return row_of(each, version)

    other = threading.Thread(target=catalog.flush)
    monkeypatch.setattr(Row, "of", while_another_writes)
    catalog.put(session("a", label="older"), "1")
    catalog.flush()
    other.join()
    catalog.close()
    catalog = Catalog(path)
    assert [each.label for each in catalog.find(ALL)] == ["newer"]
    catalog.close()


def test_what_is_handed_out_belongs_to_the_caller(catalog: Catalog) -> None:
    for temporary in (True, False):
        catalog.put(session("a", metadata={"k": [1]}, temporary=temporary), "1")
        for _ in range(2):
            found = catalog.get("a")
            assert found is not None
            found.metadata["k"].append(2)
            catalog.find(ALL)[0].metadata["k"].append(3)
            catalog.flush()
        assert (again := catalog.get("a")) is not None
        assert again.metadata == {"k": [1]}


def test_workspaces_are_counted_with_their_latest_activity(catalog: Catalog) -> None:
    catalog.put(session("a", 1), "1")
    catalog.put(session("b", 5), "1")
    catalog.put(session("c", 2, workspace_id="v"), "1")
    catalog.put(session("t", 9, workspace_id="v", temporary=True), "1")
    counted = {each.workspace_id: each for each in catalog.workspaces()}
    assert {key: each.sessions for key, each in counted.items()} == {"w": 2, "v": 2}
    assert counted["w"].newest == MOMENT + timedelta(minutes=5)
    assert counted["v"].newest == MOMENT + timedelta(minutes=9)


def test_counts_follow_what_another_process_writes_and_removes(path: Path) -> None:
    here, there = Catalog(path), Catalog(path)
    here.put(session("one"), "v1")
    assert [each.sessions for each in here.workspaces()] == [1]
    there.put(session("two"), "v1")
    there.flush()
    assert [each.sessions for each in here.workspaces()] == [2]
    there.remove("one")
    there.remove("two")
    there.flush()
    assert here.workspaces() == []
    here.close()
    there.close()


def test_one_catalog_learns_what_another_process_changed(path: Path) -> None:
    filled(path)
    ours, theirs = Catalog(path), Catalog(path)
    mark = ours.differences(0).mark
    assert ours.differences(mark).sessions == ()
    theirs.put(session("c"), "1")
    theirs.remove("a")
    theirs.flush()
    found = ours.differences(mark)
    assert ([s.id for s in found.sessions], list(found.removed)) == (["c"], ["a"])
    assert ours.differences(found.mark).removed == ()
    assert set(ids(ours)) == {"b", "c"}
    ours.close()
    theirs.close()


def found_anew(catalog: Catalog, mark: int) -> set[str]:
    """The sessions of which something else is found than at a mark."""
    found = catalog.differences(mark)
    return {each.id for each in found.sessions} - set(found.found_as_before)


def test_it_is_known_to_every_process_of_what_the_very_same_is_found_as_before(path: Path) -> None:
    filled(path)
    ours, theirs = Catalog(path), Catalog(path)
    first = ours.differences(0).mark
    ours.put(session("a", 1, label="A"), "1.1", ["1"])
    ours.put(session("b", 1, label="B"), "2.1")
    assert found_anew(ours, first) == found_anew(theirs, first) == {"b"}
    assert {each.id for each in theirs.differences(first).sessions} == {"a", "b"}
    second = ours.differences(0).mark
    theirs.put(session("b", 2, label="B"), "2.2", ["2", "2.1"])
    assert found_anew(theirs, first) == {"b"}
    assert found_anew(ours, second) == set()
    ours.close()
    theirs.close()
    again = Catalog(path)
    assert (found_anew(again, first), found_anew(again, second)) == ({"b"}, set())
    again.close()


def test_what_waits_is_found_as_before_only_if_all_of_it_is(catalog: Catalog) -> None:
    catalog.put(session("a"), "1")
    catalog.put(session("b"), "1")
    mark = catalog.differences(0).mark
    catalog.put(session("a"), "2", ["1"])
    catalog.put(session("a"), "3", ["1", "2"])
    catalog.put(session("b", label="B"), "2")
    catalog.put(session("b", label="B"), "3", ["2"])
    assert found_anew(catalog, mark) == {"b"}


@pytest.mark.parametrize("how", ["by another", "in another workspace", "removed meanwhile"])
def test_what_became_of_a_session_meanwhile_is_found_anew(catalog: Catalog, how: str) -> None:
    catalog.put(session("a"), "1")
    mark = catalog.differences(0).mark
    if how == "by another":
        catalog.put(session("a"), "1, and what another said")
    elif how == "removed meanwhile":
        catalog.remove("a")
    catalog.flush()
    place = "elsewhere" if how == "in another workspace" else "w"
    catalog.put(session("a", workspace_id=place), "2", ["1"])
    assert found_anew(catalog, mark) == {"a"}


def test_a_file_of_an_older_version_is_made_anew(path: Path) -> None:
    filled(path)
    older = sqlite3.connect(path)
    older.execute("ALTER TABLE sessions DROP COLUMN found")
    older.execute(f"PRAGMA user_version={SCHEMA - 1}")
    older.close()
    assert kept(path) == set()
    filled(path)
    assert kept(path) == {"a", "b"}


def test_a_mark_is_known_by_its_name_to_the_next_process_but_in_no_other_catalog(
    path: Path, tmp_path: Path
) -> None:
    catalog = Catalog(path)
    catalog.put(session("a"), "1")
    mark = catalog.differences(0).mark
    name = catalog.name_of(mark)
    catalog.put(session("b"), "1")
    catalog.remove("a")
    catalog.close()
    again = Catalog(path)
    since = again.differences(again.mark_of(name, 10))
    assert ([each.id for each in since.sessions], since.removed) == (["b"], ["a"])
    assert again.mark_of(name, 0) == 0
    again.close()
    other = Catalog(tmp_path / "other.sqlite")
    other.put(session("a"), "1")
    assert other.differences(0).mark == mark
    assert other.mark_of(name, 10) == 0
    other.close()


def test_a_name_is_not_known_longer_than_what_was_removed_since(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_writing, "KEPT_REMOVALS", 3)
    catalog = Catalog(path)
    catalog.put(session("a"), "1")
    name = catalog.name_of(catalog.differences(0).mark)
    catalog.remove("a")
    for number in range(5):
        if catalog.mark_of(name, 10):
            assert list(catalog.differences(1).removed) == ["a"]
        catalog.put(session("b"), f"{number}")
        catalog.flush()
    assert not catalog.mark_of(name, 10)
    catalog.close()


def test_an_unreadable_session_is_remembered_by_its_version_and_never_listed(
    catalog: Catalog,
) -> None:
    catalog.put(session("a"), "1")
    catalog.put_unreadable("a", "w", "2")
    assert ids(catalog) == []
    assert catalog.versions()["a"] == Known("2", "w", 0)
    assert catalog.versions(["v"]) == {}
    catalog.put(session("a"), "3")
    assert catalog.versions(["w"])["a"].version == "3"


def test_forgetting_an_unreadable_session_spares_what_another_process_has_read(
    path: Path,
) -> None:
    ours, theirs = Catalog(path), Catalog(path)
    ours.put_unreadable("a", "v", "1")
    ours.flush()
    theirs.put(session("a"), "2")
    theirs.flush()
    ours.remove("a")
    ours.flush()
    assert ids(theirs) == ids(ours) == ["a"]
    ours.close()
    theirs.close()


def test_the_marks_of_the_folders_are_kept(path: Path) -> None:
    catalog = Catalog(path)
    catalog.put(session("a"), "1")
    catalog.looked_through(looked_through(w="mark"))
    catalog.close()
    catalog = Catalog(path)
    state = catalog.state(10)
    assert (state.folders, state.sessions, state.sequence) == ({"w": "mark"}, 1, 1)
    catalog.close()


def looked_through(**marks: str) -> LookedThrough:
    return LookedThrough(marks=marks, gone=(), since=0)


@pytest.mark.parametrize("now_in", ["w", "v"])
def test_what_waited_long_to_be_written_has_its_folder_looked_through_again(
    path: Path, now_in: str
) -> None:
    ours, theirs = Catalog(path), Catalog(path)
    ours.put(session("a", label="older"), "1")
    theirs.put(session("a", label="newer", workspace_id=now_in), "2")
    theirs.looked_through(looked_through(w="mark", v="mark"))
    theirs.flush()
    ours.flush()
    folders = theirs.state(10).folders
    assert (folders["w"], folders[now_in]) == ("", "")
    ours.put(session("b", workspace_id="u"), "1")
    ours.flush()
    theirs.remove("b")
    theirs.looked_through(looked_through(u="mark"))
    theirs.flush()
    assert theirs.state(10).folders["u"] == ""  # ours wrote there during the look
    ours.close()
    theirs.close()


def test_what_was_not_looked_through_keeps_its_mark_and_what_is_gone_loses_it(path: Path) -> None:
    catalog = Catalog(path)
    catalog.looked_through(looked_through(v="mark", w="mark"))
    catalog.flush()
    catalog.looked_through(LookedThrough(marks={"v": "new"}, gone=["w"], since=0))
    catalog.flush()
    assert catalog.state(10).folders == {"v": "new"}
    catalog.looked_through(looked_through(w="mark"))
    catalog.flush()
    assert catalog.state(10).folders == {"v": "new", "w": "mark"}
    catalog.close()


def test_a_mark_is_not_kept_before_what_it_stands_for(path: Path) -> None:
    ours, theirs = Catalog(path), Catalog(path)
    ours.put(session("a"), "1")
    ours.looked_through(looked_through(w="mark"))
    ours.put(session("b", workspace_id="v"), "1")
    ours.looked_through(looked_through(v="mark"))
    assert (theirs.state(10).folders, theirs.state(10).sessions) == ({}, 0)
    assert ours.waiting
    ours.flush()
    assert (theirs.state(10).folders, theirs.state(10).sessions) == ({"w": "mark", "v": "mark"}, 2)
    assert not ours.waiting
    ours.close()
    theirs.close()


def test_what_another_process_wrote_between_two_looks_has_its_folder_looked_through_again(
    path: Path,
) -> None:
    ours, theirs = Catalog(path), Catalog(path)
    ours.looked_through(LookedThrough(marks={"w": "mark"}, gone=(), since=0))
    theirs.put(session("a"), "1")
    theirs.flush()
    ours.looked_through(LookedThrough(marks={"v": "mark"}, gone=(), since=1))
    ours.flush()
    assert theirs.state(10).folders == {"w": "", "v": "mark"}
    ours.close()
    theirs.close()


def test_it_says_whether_one_of_some_sessions_is_known(catalog: Catalog) -> None:
    catalog.put(session("a"), "1")
    catalog.flush()
    catalog.put(session("b"), "1")
    assert [catalog.has_any([key]) for key in "abc"] == [True, True, False]
    catalog.remove("a")
    assert not catalog.has_any(["a", "c"])
    assert catalog.has_any(["a", "b"])


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

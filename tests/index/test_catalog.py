"""The catalog: what it knows of the sessions, here and after what other processes did."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from catalogued_samples import ALL, MOMENT, filled, ids, session

from tui_sessions import AgentConfig, Chat, Origin, ParentLink, Session, SessionState
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_answers import Known
from tui_sessions.index.catalog_rows import Row, Wanted


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


def test_it_says_whether_one_of_some_sessions_is_known(catalog: Catalog) -> None:
    catalog.put(session("a"), "1")
    catalog.flush()
    catalog.put(session("b"), "1")
    assert [catalog.has_any([key]) for key in "abc"] == [True, True, False]
    catalog.remove("a")
    assert not catalog.has_any(["a", "c"])
    assert catalog.has_any(["a", "b"])

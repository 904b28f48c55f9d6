"""Up to where the catalog, and the folders it was made from, are known."""

from pathlib import Path

import pytest
from catalogued_samples import session

from tui_sessions.index import catalog_writing
from tui_sessions.index.catalog import Catalog
from tui_sessions.index.catalog_writing import LookedThrough


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

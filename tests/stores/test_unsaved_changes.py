"""What a disk did not take, kept in another folder by one program and taken by a later one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from store_samples import put

from tui_sessions.errors import CorruptSession
from tui_sessions.model.changes import Change
from tui_sessions.stores.unsaved_changes import UnsavedChanges


def taken(unsaved: UnsavedChanges, session_id: str = "s1") -> Sequence[Change]:
    with unsaved.taken(session_id) as changes:
        return changes


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.*"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "unsaved"


def test_what_is_held_is_nobody_elses_until_it_is_put_down(folder: Path) -> None:
    one, other = UnsavedChanges(folder), UnsavedChanges(folder)
    one.hold("s1", [put(1)])
    one.hold("s1", [put(1), put(2)])
    assert other.sessions() == ["s1"]
    assert taken(other) == []
    assert one.put("s1", [put(1), put(2)]).exists()
    assert taken(other) == [put(1), put(2)]
    assert (other.sessions(), files(folder)) == ([], [])


def test_what_was_held_is_gone_once_it_is_saved(folder: Path) -> None:
    one = UnsavedChanges(folder)
    one.release("s1")  # nothing was
    one.hold("s1", [put(1)])
    one.hold("s2", [put(2)])
    one.release("s1")
    assert one.sessions() == ["s2"]
    one.drop("s2")
    assert files(folder) == []


def test_what_was_put_down_is_not_removed_as_saved(folder: Path) -> None:
    one = UnsavedChanges(folder)
    one.put("s1", [put(1)])
    one.release("s1")
    assert taken(one) == [put(1)]


def test_the_changes_of_several_programs_come_in_their_order(folder: Path) -> None:
    for number in range(1, 4):
        UnsavedChanges(folder).put("s1", [put(number)])
    UnsavedChanges(folder).put("s10", [put(9)])
    (folder / "s1.json").write_bytes(files(folder)[0].read_bytes())  # without a program's name
    assert taken(UnsavedChanges(folder)) == [put(1), put(1), put(2), put(3)]
    assert taken(UnsavedChanges(folder), "s10") == [put(9)]
    assert files(folder) == []


def test_what_could_not_be_used_stays(folder: Path) -> None:
    unsaved = UnsavedChanges(folder)
    unsaved.put("s1", [put(1)])
    with pytest.raises(ZeroDivisionError), unsaved.taken("s1"):
        raise ZeroDivisionError
    assert taken(unsaved) == [put(1)]


def test_a_damaged_file_stays_and_is_told(folder: Path) -> None:
    unsaved = UnsavedChanges(folder)
    path = unsaved.put("s1", [put(1)])
    path.write_text("[{")
    with pytest.raises(CorruptSession), unsaved.taken("s1"):
        raise AssertionError
    assert path.read_text() == "[{"


def test_files_of_others_are_none_of_it(folder: Path) -> None:
    folder.mkdir()
    for name in (".s1.json.12.tmp", "notes.txt", "a b.json", ".json", "s1..json"):
        (folder / name).write_text("kept")
    unsaved = UnsavedChanges(folder)
    assert unsaved.sessions() == []
    assert taken(unsaved) == []
    unsaved.drop("s1")
    assert len([*folder.iterdir()]) == 5

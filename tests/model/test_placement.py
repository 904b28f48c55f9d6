"""Which workspace a directory is."""

from pathlib import Path

import pytest

from tui_sessions.errors import InvalidValue
from tui_sessions.model.identifiers import is_id
from tui_sessions.model.placement import workspace_named, workspace_of_directory, workspace_of_name
from tui_sessions.model.session import Workspace


def test_the_same_directory_is_the_same_workspace_however_it_is_written():
    first = workspace_of_directory("/home/ana/proj")
    assert first == workspace_of_directory(Path("/home/ana/proj/"))
    assert first == workspace_of_directory("/home/ana/./proj//")
    assert (first.name, first.directory) == ("proj", "/home/ana/proj")
    assert first.id.startswith("proj-")
    assert len(first.id) == len("proj-") + 6


def test_directories_of_one_name_are_different_workspaces():
    assert workspace_of_directory("/a/proj").id != workspace_of_directory("/b/proj").id


def test_paths_of_windows_are_understood_everywhere():
    found = workspace_of_directory("C:\\Users\\Ana\\My Proj\\")
    assert (found.name, found.directory) == ("My Proj", "C:\\Users\\Ana\\My Proj")
    assert found.id.startswith("My-Proj-")


@pytest.mark.parametrize("path", ["/", "/日本", "/" + "x" * 500, "/..", "/a/\ud800", "/a b\n", "."])
def test_every_path_gives_a_valid_id(path):
    assert is_id(workspace_of_directory(path).id)


@pytest.mark.parametrize(
    ("name", "made"), [("dev", "dev"), ("Dev_1", "Dev_1"), ("other place", "other-place")]
)
def test_a_name_that_can_be_read_in_an_id_is_one(name, made):
    assert (workspace_of_name(name).id, workspace_of_name(name).name) == (made, name)


def test_names_in_other_scripts_are_different_workspaces():
    names = ["日本", "проект", "日本 2", "日本 3", "\ud800é", "café"]
    found = [workspace_of_name(name) for name in names]
    assert len({one.id for one in found}) == len(names)
    assert all(is_id(one.id) for one in found)
    assert found[-1].id.startswith("caf-")


def test_a_name_whose_id_another_workspace_has_gets_one_of_its_own():
    made = workspace_of_name("a b", {"a-b", "c"})
    assert made.id.startswith("a-b-")
    assert made == workspace_of_name("a b", {"a-b"})
    assert made.id != workspace_of_name("a/b", {"a-b"}).id
    assert workspace_of_name("a b", {"c"}).id == "a-b"


def test_a_workspace_is_found_by_its_id_before_any_by_its_name():
    first, second = Workspace(id="a-b", name="Work"), Workspace(id="c", name="a-b")
    third = Workspace(id="d", name="Work")
    known = [second, first, third]
    assert workspace_named("a-b", known) is first
    assert workspace_named("c", known) is second
    assert workspace_named("a b", known) is None
    with pytest.raises(InvalidValue, match="2 workspaces are named 'Work'; use a-b, d"):
        workspace_named("Work", known)

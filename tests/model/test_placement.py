"""Which workspace a directory is."""

from pathlib import Path

import pytest

from tui_sessions.model.identifiers import is_id
from tui_sessions.model.placement import workspace_of_directory


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

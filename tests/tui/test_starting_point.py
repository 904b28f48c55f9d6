"""Where the app starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_sessions.errors import InvalidValue
from tui_sessions.model.session import Workspace
from tui_sessions.tui.starting_point import Asked, start_among_remembered, starting_point

KNOWN = [Workspace(id="a-b", name="Work"), Workspace(id="proj-1", name="My project")]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("a-b", "a-b"), ("Work", "a-b"), ("My project", "proj-1"), ("proj-1", "proj-1")],
)
def test_a_workspace_that_is_there_is_found_by_its_id_and_by_its_name(
    tmp_path: Path, asked: str, found: str
) -> None:
    start = starting_point(Asked(tmp_path, asked), KNOWN)
    assert (start.workspace_id, start.directory) == (found, None)
    assert start_among_remembered(Asked(tmp_path, asked), KNOWN) == start


def test_another_name_is_never_the_workspace_that_has_its_id(tmp_path: Path) -> None:
    start = starting_point(Asked(tmp_path, "a b"), KNOWN)
    assert start.workspace_name == "a b"
    assert start.workspace_id not in {workspace.id for workspace in KNOWN}
    assert start_among_remembered(Asked(tmp_path, "a b"), KNOWN) is None


def test_a_name_of_several_is_refused_once_all_are_known(tmp_path: Path) -> None:
    known = [*KNOWN, Workspace(id="c", name="Work")]
    assert start_among_remembered(Asked(tmp_path, "Work"), known) is None
    with pytest.raises(InvalidValue, match="use a-b, c"):
        starting_point(Asked(tmp_path, "Work"), known)


def test_a_folder_is_its_workspace_whatever_is_known(tmp_path: Path) -> None:
    start = starting_point(Asked(tmp_path), ())
    assert (start.directory, start.workspace_name) == (tmp_path, tmp_path.name)
    assert start_among_remembered(Asked(tmp_path), KNOWN) == start

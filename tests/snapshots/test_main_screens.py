from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import demo_views as views
import pytest
from demo_scene import LIGHT, Scene, scene
from demo_sessions import write_damaged_files, write_sessions
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion


class View(NamedTuple):
    size: tuple[int, int]
    act: Callable[[Scene], Awaitable[None]] = views.as_it_starts
    options: dict[str, Any] = {}


def with_damaged_files(directory: Path) -> None:
    write_sessions(directory)
    write_damaged_files(directory)


FIRST_START = {"write": None, "session_id": None}
VIEWS = {
    "main": View((120, 36), views.at_work),
    "main_light": View((120, 36), views.at_work, {"theme": LIGHT}),
    "narrow": View((60, 20), options={"session_id": "s-soup"}),
    "tree_in_front_where_it_is_narrow": View((60, 20), views.in_the_tree),
    "fork": View((100, 30), views.in_the_tree, {"session_id": "s-recovery"}),
    "quick_switcher": View((120, 36), views.going_somewhere),
    "help": View((100, 30), views.at_the_keys),
    "first_start": View((120, 36), options=FIRST_START),
    "first_start_narrow": View((60, 20), options=FIRST_START),
    "inspector": View((120, 36), views.at_the_inspector),
    "inspector_editing": View((120, 36), views.in_the_inspector),
    "damaged_files": View((120, 36), views.in_the_tree, {"write": with_damaged_files}),
    "templates": View((120, 36), views.at_the_templates),
    "templates_narrow": View((60, 24), views.at_the_templates, {"theme": LIGHT}),
    "ask_agent": View((80, 26), views.asking_agents),
    "approval_bar": View((100, 30), views.asked_for_a_tool),
    "approval_bar_narrow": View((60, 24), views.asked_for_a_tool, {"theme": LIGHT}),
    "tool_calls": View((100, 30), views.after_the_tools),
    "trash": View((120, 36), views.in_the_trash),
    "trash_light": View((80, 24), views.in_the_trash, {"theme": LIGHT}),
}


@pytest.mark.parametrize("name", VIEWS)
async def test_the_screen_looks_as_it_did(
    name: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    view = VIEWS[name]
    async with scene(tmp_path, view.size, **view.options) as shown:
        await view.act(shown)
        svg = await shown.svg()
    assert svg == snapshot(extension_class=SVGImageExtension)

"""The parts that the main screen is made of stand side by side."""

import ast
import inspect
from collections import Counter
from functools import cache
from itertools import permutations

from textual.screen import Screen

from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.screens.main.main_screen import MainScreen
from tui_sessions.tui.terminal.lean_paint import LeanPaint
from tui_sessions.tui.terminal.true_size import TrueSize

PARTS = [base for base in MainScreen.__bases__ if base not in (TrueSize, LeanPaint, Screen)]
GROUND = [base for base in Ground.__mro__ if base.__module__.startswith("tui_sessions.")]
RUN_OF_EVERY_CLASS = {"on_mount", "on_resize"}
"""Textual runs such handlers of every class, so that none hides another."""


@cache
def own(cls: type) -> set[str]:
    """What a class defines, but for what Python and Textual note in every class."""
    noted = {"_decorated_handlers"} | RUN_OF_EVERY_CLASS
    return {name for name in vars(cls) if not name.startswith("__")} - noted


@cache
def used(cls: type) -> set[str]:
    """What the methods of a class take from the screen."""
    return {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(cls)))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def test_every_part_stands_on_the_ground_and_on_no_other_part() -> None:
    assert len(PARTS) > 10
    assert {part.__bases__ for part in PARTS} == {(Ground,)}


def test_no_part_hides_what_another_or_the_ground_defines() -> None:
    names = Counter(name for cls in (*PARTS, *GROUND) for name in own(cls))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_part_uses_what_another_defines() -> None:
    assert [(a, b) for a, b in permutations(PARTS, 2) if used(a) & own(b)] == []


def test_the_ground_uses_nothing_that_a_part_defines() -> None:
    assert [(cls, p) for cls in GROUND for p in PARTS if used(cls) & own(p)] == []

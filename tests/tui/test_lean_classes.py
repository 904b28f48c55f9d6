"""Classes that are made ready with less work are the very same."""

from __future__ import annotations

import json
import subprocess
import sys

_COMPARED = """
import importlib, json, pkgutil
from textual.dom import DOMNode
from tui_sessions.tui.lean_classes import make_classes_leaner
textual_own = vars(DOMNode)["__init_subclass__"].__func__
make_classes_leaner()
from textual.app import App
from textual.reactive import reactive
from textual.widget import Widget
import textual.widgets, tui_sessions.tui.app
for package in ("screens", "screens.main", "widgets", "widgets.inspector"):
    here = importlib.import_module(f"tui_sessions.tui.{package}")
    for one in pkgutil.iter_modules(here.__path__):
        importlib.import_module(f"{here.__name__}.{one.name}")
for name in textual.widgets.__all__:
    getattr(textual.widgets, name)

class Counted(Widget):
    BINDINGS = [("a", "first", "First"), ("b", "second", "Second")]
    count = reactive(1)
    double = reactive(2)
    def compute_double(self): return self.count * 2

class Anew(Counted, inherit_bindings=False, inherit_css=False):
    BINDINGS = [("b,c", "third", "Third")]
    count = 3

class Mixed:
    count = reactive(4)
    def _compute_count(self): return 5

class Both(Mixed, Anew): pass

def told(cls):
    bindings = cls._merged_bindings.key_to_bindings
    return repr((
        cls._reactives, cls._computes and sorted(cls._computes), list(bindings.items()),
        cls._css_type_name, sorted(cls._css_type_names), cls._inherit_css,
        cls._inherit_bindings, cls._inherit_component_classes,
    ))

def all_below(cls):
    return {cls}.union(*map(all_below, cls.__subclasses__()))

classes, others = all_below(DOMNode) - {DOMNode}, []
for cls in classes:
    before = told(cls)
    textual_own(cls, cls._inherit_css, cls._inherit_bindings, cls._inherit_component_classes)
    if told(cls) != before:
        others.append(cls.__name__)
apart = Anew._merged_bindings.key_to_bindings["b"] is not Both._merged_bindings.key_to_bindings["b"]
print(json.dumps([sorted(cls.__name__ for cls in classes), others, apart]))
"""


def test_classes_are_the_same_as_textual_makes_them() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _COMPARED],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    classes, others, apart = json.loads(done.stdout)
    assert {"MainScreen", "Composer", "TextArea", "Both", "SessionsApp"} <= {*classes}
    assert not others
    assert apart


def test_the_app_makes_its_classes_so() -> None:
    code = """
import asyncio
from pathlib import Path
from tui_sessions import Settings
from tui_sessions.tui.launching import _made
from tui_sessions.tui.start import Start
async def main():
    _made(Settings(), Start("dev", "dev", None, "tty:test"), None)
asyncio.run(main())
from tui_sessions.tui.lean_classes import _own
print(_own.cache_info().currsize)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 50

"""What the first paint loads and makes, and that the rest is there when a person needs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from running_app import OpenApp
from textual.widgets import Input

_APP = """
import asyncio, gc, json, sys
from pathlib import Path
from tui_sessions import Settings, open_sessions
from tui_sessions.tui.app import SessionsApp
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.screens.main.base import Start
def said(): return [gc.isenabled(), sorted(sys.modules)]
async def main():
    gc.disable()
    async with open_sessions("memory:") as manager:
        start = Start("dev", "dev", None, "tty:test")
        app = SessionsApp(start, Settings(), Drafts(Path(sys.argv[1]) / "drafts"))
        app.use(manager)
        told = []
        async with app.run_test() as pilot:
            while not app.main.composer.size:
                await pilot.pause(0.001)
            told.append(said())
            await app.main.arrived.wait()
            while not gc.isenabled():
                await pilot.pause(0.001)
            told.append(said())
        print(json.dumps(told))
"""
_NOT_YET = ("markdown_it", "pygments.lexers", "tantivy", "tui_sessions.tui.screens.choice")


def start(tmp_path: Path, before: str = "") -> Any:
    """Whether the collector is on, and the modules: at the first paint and a while after it."""
    code = f"{_APP}{before}\nasyncio.run(main())"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_the_first_paint_does_without_is_not_loaded_before_it() -> None:
    code = """
import sys
import tui_sessions.cli.running, tui_sessions.tui.launching, tui_sessions.tui.app
print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    inspector = "tui_sessions.tui.widgets.inspector.inspector"
    assert not {"json", "_hashlib", inspector} & {*done}


async def test_the_inspector_comes_right_after_the_first_paint(open_app: OpenApp) -> None:
    async with open_app(size=(140, 40)) as app:
        await app.until(lambda: app.main.furnished)
        await app.until(lambda: app.main.inspector.region.width)


def test_the_dialogs_and_the_drawing_of_markdown_are_loaded_after_the_first_paint(
    tmp_path: Path,
) -> None:
    held = "import tui_sessions.tui.app as app; app.preload = lambda: gc.enable()"
    [_, first], _ = start(tmp_path, held)
    assert not set(first) & set(_NOT_YET)
    dialogs = {name for name in first if name.startswith("tui_sessions.tui.screens.")}
    assert all(name.startswith("tui_sessions.tui.screens.main") for name in dialogs)


def test_everything_a_key_may_open_is_loaded_soon_and_the_collector_is_on_again(
    tmp_path: Path,
) -> None:
    _, [collects, later] = start(tmp_path)
    assert collects
    assert {"markdown_it", "pygments.lexers", "tui_sessions.tui.screens.choice"} <= set(later)
    assert "tui_sessions.tui.screens.switcher" in later


async def test_fields_come_when_a_person_needs_them(open_app: OpenApp) -> None:
    async with open_app() as app:
        assert not app.main.query(Input)
        await app.press("ctrl+f", *"words")
        assert app.main.find_bar.query_text == "words"
        await app.press("escape", "f3", "slash", *"abc")
        await app.until(lambda: app.main.session_tree.filter == "abc")

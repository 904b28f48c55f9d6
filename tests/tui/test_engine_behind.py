"""The app on the screen before its engine is there."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running_app import Running
from textual import events

from tui_sessions import Settings, open_sessions
from tui_sessions.model.session import Workspace
from tui_sessions.tui.app import SessionsApp
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.remembered.known_tree import KnownTree, read_known_tree
from tui_sessions.tui.screens.main.main_screen import MainScreen
from tui_sessions.tui.start import Start

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TREE = KnownTree(
    [Workspace(id="dev", name="Dev"), Workspace(id="gone", name="Gone")],
    {"dev": (2, NOON), "gone": (5, NOON)},
)


@asynccontextmanager
async def early_app(folder: Path) -> AsyncIterator[Running]:
    """An app that is painted, and has no engine yet."""
    start = Start("dev", "Dev", None, "tty:test")
    app = SessionsApp(start, Settings(), Drafts(folder / "drafts.json"))
    app.main.tree_file = folder / "tree.json"
    app.main.begin_with(TREE)
    async with app.run_test(size=(140, 40)) as pilot:
        running = Running(app, pilot)
        await running.until(app.painted.is_set)
        yield running
        if app.main.opened.is_set():
            await running.until(app.main.arrived.is_set)
            await running.until(lambda: not app.main.verbs_under_way())


async def test_the_tree_is_there_at_once_and_made_true_by_the_engine(tmp_path: Path) -> None:
    async with open_sessions("memory:") as manager, early_app(tmp_path) as app:
        await manager.create_session(workspace="dev", label="Only one")
        tree = app.main.session_tree
        await app.until(lambda: tree.total == 7)
        app.app.use(manager)
        await app.until(lambda: tree.total == 1)
        await app.until(lambda: not app.main.verbs_under_way())
        # A workspace that is gone does not come back by what was asked of it before.
        assert tree._outline.branch("gone") is None


def type_keys(app: Running, *keys: str) -> None:
    """Type without waiting for what comes of it."""
    for key in keys:
        app.app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_text_is_shown_before_the_engine_is_there(tmp_path: Path) -> None:
    async with early_app(tmp_path) as app:
        type_keys(app, "a", "b", "backspace", "/")
        await app.until(lambda: app.main.composer.draft == "a/")
        app.app.post_message(events.Paste("one\ntwo"))
        await app.until(lambda: app.main.composer.draft == "a/one\ntwo")


async def test_what_needs_the_engine_waits_and_all_that_comes_after_it(tmp_path: Path) -> None:
    async with open_sessions("memory:") as manager, early_app(tmp_path) as app:
        type_keys(app, "a", "enter", "b", "f3")
        await app.until(lambda: app.main.composer.draft == "a")
        for _ in range(5):
            await app.pilot.pause()
        assert app.main.composer.draft == "a"
        assert app.main.composer.has_focus
        app.app.use(manager)
        await app.until(lambda: app.main.session_tree.has_focus_within)
        assert app.main.composer.draft == "b"
        await app.until(lambda: app.shown[:1] == ["a"])


async def test_a_pane_gone_to_while_the_screen_is_made_keeps_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_mount = MainScreen.on_mount

    async def late(self: MainScreen) -> None:
        """What a busy machine does: a key is handled between two steps of the start."""
        self.app.use(manager)
        self.app.post_message(events.Key("f3", None))
        async with asyncio.timeout(60):
            while not self.session_tree.has_focus_within:
                await asyncio.sleep(0)
        on_mount(self)

    monkeypatch.setattr(MainScreen, "on_mount", late)
    async with open_sessions("memory:") as manager, early_app(tmp_path) as app:
        await app.until(app.main.arrived.is_set)
        await app.pilot.pause()
        assert app.main.session_tree.has_focus_within


async def test_text_typed_before_the_chat_is_there_comes_behind_its_draft(tmp_path: Path) -> None:
    (tmp_path / "drafts.json").write_text(json.dumps({"new:dev": "half a thought"}))
    async with open_sessions("memory:") as manager, early_app(tmp_path) as app:
        type_keys(app, ",", "x")
        await app.until(lambda: app.main.composer.draft == ",x")
        app.app.use(manager)
        await app.until(app.main.arrived.is_set)
        assert app.main.composer.draft == "half a thought,x"
        type_keys(app, "y")
        await app.until(lambda: app.main.composer.draft == "half a thought,xy")


@pytest.mark.parametrize(
    ("key", "meant"), [("backspace", "half a though"), ("/", "half a thought/")]
)
async def test_what_would_not_only_add_text_waits_for_the_draft(
    tmp_path: Path, key: str, meant: str
) -> None:
    (tmp_path / "drafts.json").write_text(json.dumps({"new:dev": "half a thought"}))
    async with open_sessions("memory:") as manager, early_app(tmp_path) as app:
        type_keys(app, key)
        await app.pilot.pause()
        assert not app.main.composer.draft
        app.app.use(manager)
        await app.until(lambda: app.main.composer.draft == meant)


async def test_a_click_waits_for_the_engine_behind_the_keys_before_it(tmp_path: Path) -> None:
    async with open_sessions("memory:") as manager, early_app(tmp_path) as app:
        tree = app.main.session_tree
        x, y = tree.region.offset
        app.app.post_message(events.Key("a", "a"))
        for kind in (events.MouseDown, events.MouseUp):
            app.app.post_message(kind(None, x + 8, y + 1, 0, 0, 1, False, False, False))
        await app.pilot.pause()
        assert not tree.has_focus_within
        app.app.use(manager)
        await app.until(lambda: tree.has_focus_within)
        assert app.main.composer.draft == "a"


async def test_leaving_before_the_engine_is_there_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "drafts.json").write_text(json.dumps({"new:dev": "half a thought"}))
    async with early_app(tmp_path) as app:
        await app.app.leave(3)
    assert app.app.return_code == 3
    assert json.loads((tmp_path / "drafts.json").read_text()) == {"new:dev": "half a thought"}
    assert not (tmp_path / "tree.json").exists()


async def test_text_typed_before_the_engine_is_there_is_kept_on_leaving(tmp_path: Path) -> None:
    (tmp_path / "drafts.json").write_text(json.dumps({"new:dev": "half a thought"}))
    async with early_app(tmp_path) as app:
        type_keys(app, "!")
        await app.until(lambda: app.main.composer.draft == "!")
        await app.app.leave(0)
        await app.app.leave(0)
    assert json.loads((tmp_path / "drafts.json").read_text()) == {"new:dev": "half a thought!"}


async def test_a_draft_that_the_disk_does_not_take_is_shown_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "drafts.json").mkdir()
    async with open_sessions("memory:") as manager, early_app(tmp_path) as app:
        app.app.use(manager)
        await app.until(app.main.arrived.is_set)
        await app.type("half a thought")
        await app.app.leave(0)
    assert app.app.return_code == 1
    assert capsys.readouterr().err.split("\n")[:4] == [
        "The draft could not be kept: it is a folder, not a file",
        "This is what you typed:",
        "",
        "half a thought",
    ]


async def test_the_tree_is_remembered_when_it_is_known_and_when_the_person_leaves(
    tmp_path: Path,
) -> None:
    def remembered() -> int:
        known = read_known_tree(tmp_path / "tree.json")
        return sum(count for count, _ in known.counts.values()) if known else 0

    async with open_sessions("memory:") as manager, early_app(tmp_path) as app:
        await manager.create_session(workspace="dev", label="First")
        app.app.use(manager)
        await app.until(lambda: remembered() == 1)
        await manager.create_session(workspace="dev", label="Second")
        await app.app.leave(0)
    assert remembered() == 2


def test_what_is_painted_first_loads_no_engine(tmp_path: Path) -> None:
    code = """
import asyncio, json, sys
from pathlib import Path
from tui_sessions.settings import Settings
from tui_sessions.tui import launching
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.remembered.known_tree import KnownTree
from tui_sessions.tui.start import Start
from tui_sessions.model.session import Workspace
async def main():
    app = launching._made(Settings(), Start("dev", "dev", None, "tty:test"), None)
    app.main.begin_with(KnownTree([Workspace(id="dev")], {}))
    async with app.run_test() as pilot:
        while not app.painted.is_set():
            await pilot.pause(0.001)
        print(json.dumps(sorted(sys.modules)))
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert "tui_sessions.tui.app" in loaded
    assert not loaded & {"tui_sessions.wiring", "tui_sessions.engine.session_manager", "sqlite3"}
    below = ("tui_sessions.stores", "tui_sessions.index", "tui_sessions.providers")
    assert not [name for name in loaded if name.startswith(below)]


def test_what_is_still_being_loaded_ends_with_the_app_and_aborts_nothing() -> None:
    code = """
import asyncio, atexit, sys, threading
from tui_sessions.daemon_thread import in_daemon_thread
from tui_sessions.tui import launching
async def leave():
    loading = asyncio.ensure_future(in_daemon_thread(threading.Event().wait))
    await asyncio.sleep(0)
    loading.cancel()
    return 3
atexit.register(print, "the interpreter ends while a library is being loaded")
code = asyncio.run(leave())
print("told", end="")
sys.exit(launching._ended(code))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "told", "")

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_app import OpenApp, Running
from textual.widgets import OptionList, Static

from tui_sessions.transfer.pi import PiImporter
from tui_sessions.tui.screens.dialog import DialogBox
from tui_sessions.tui.screens.import_sessions import ImportScreen
from tui_sessions.tui.terminal import type_ahead
from tui_sessions.tui.widgets.key_line import KeyLine


@pytest.fixture
def histories(own_home: Path) -> Path:
    """Two sessions of pi and one of Claude Code, one of whose lines is broken."""
    pi = own_home / ".pi" / "agent" / "sessions"
    pi.mkdir(parents=True)
    for number in (1, 2):
        head = {"type": "session", "id": f"p{number}", "cwd": "/home/ana"}
        entry = {
            "type": "message",
            "id": "e1",
            "parentId": None,
            "timestamp": "2026-01-01T10:00:01Z",
            "message": {"role": "user", "content": f"Bake {number}"},
        }
        (pi / f"{number}.jsonl").write_text(f"{json.dumps(head)}\n{json.dumps(entry)}\n")
    claude = own_home / ".claude" / "projects" / "-home-ana"
    claude.mkdir(parents=True)
    record = {
        "type": "user",
        "uuid": "u1",
        "parentUuid": None,
        "sessionId": "one",
        "timestamp": "2026-01-01T10:00:00.000Z",
        "cwd": "/home/ana",
        "message": {"role": "user", "content": "Fix the parser"},
    }
    (claude / "one.jsonl").write_text(f"{json.dumps(record)}\nno json\n")
    return own_home


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Until it is set, the files of pi are not read."""
    opened = threading.Event()
    read = PiImporter._file

    def wait(own: PiImporter, path: Path, original: Path | None, user_id: str):
        opened.wait()
        return read(own, path, original, user_id)

    monkeypatch.setattr(PiImporter, "_file", wait)
    yield opened
    opened.set()


def lines(running: Running) -> list[str]:
    options = running.app.screen.query_one(OptionList).options
    return [str(option.prompt) for option in options]


def status(running: Running) -> str:
    return str(running.app.screen.query_one(".import--status", Static).content)


def keys(running: Running) -> str:
    return str(running.app.screen.query_one(KeyLine).content)


def welcome(running: Running) -> str:
    return str(running.main.transcript.placeholder)


async def look(running: Running) -> None:
    await running.app.screen.run_action("import_sessions")
    await running.until(lambda: isinstance(running.app.screen, ImportScreen))
    await running.until(lambda: "Looking" not in status(running) and status(running))
    await running.until(lambda: not lines(running) or running.app.focused)


def labels(running: Running) -> set[str]:
    return {session.label for session in running.sessions()}


async def test_what_is_here_is_shown_with_ticks(open_app: OpenApp, histories: Path) -> None:
    async with open_app() as running:
        await look(running)
        await running.until(lambda: lines(running)[0].endswith("~/.claude/projects"))
        claude, pi = lines(running)
        assert claude.startswith("[x] Claude Code ")
        assert "2 sessions" in pi
        await running.press("down", "space")
        await running.until(lambda: lines(running)[1].startswith("[ ] pi"))
        assert "About 1 " in status(running)
        await running.press("a")
        assert lines(running)[1].startswith("[x] pi")
        await running.press("a")
        assert not any(line.startswith("[x]") for line in lines(running))
        await running.press("enter")
        assert keys(running).startswith("enter import")


async def test_what_is_ticked_is_imported_and_what_was_left_out_is_told(
    open_app: OpenApp, histories: Path
) -> None:
    async with open_app() as running:
        await look(running)
        await running.press("enter")
        await running.until(lambda: status(running).startswith("Done"))
        assert status(running) == "Done: 3 new · 0 updated · 1 left out"
        claude, pi, reason, place = lines(running)
        assert claude == "✓ Claude Code   1 new · 1 left out"
        assert pi == "✓ pi            2 new"
        assert reason == "  Claude Code: 1 left out: the line is not JSON"
        assert place.endswith("-home-ana/one.jsonl, line 2")
        await running.press("escape")
        await running.until(lambda: running.app.screen is running.main)
        assert labels(running) == {"Fix the parser", "Bake 1", "Bake 2"}


async def test_what_is_not_ticked_stays_out(open_app: OpenApp, histories: Path) -> None:
    async with open_app() as running:
        await look(running)
        await running.press("space", "enter")
        await running.until(lambda: status(running).startswith("Done"))
        assert labels(running) == {"Bake 1", "Bake 2"}


async def begin(running: Running) -> None:
    """Have an import under way."""
    await look(running)
    await running.press("enter")
    await running.until(lambda: lines(running)[1].startswith("… pi"))


async def test_closing_the_screen_ends_no_import_and_the_end_is_told(
    open_app: OpenApp, histories: Path, gate: threading.Event
) -> None:
    async with open_app() as running:
        await begin(running)
        await running.press("escape")
        await running.until(lambda: running.notices)
        assert "shows how far it is" in running.notices[0]
        await running.type("hello")
        assert running.main.composer.draft == "hello"
        gate.set()
        await running.until(lambda: "3 new · 0 updated · 1 left out" in running.notices)


async def test_an_import_that_goes_on_is_shown_again_and_can_be_stopped(
    open_app: OpenApp, histories: Path, gate: threading.Event
) -> None:
    async with open_app() as running:
        await begin(running)
        assert "stop" in keys(running)
        await running.press("escape")
        await running.until(lambda: running.app.screen is running.main)
        await running.app.screen.run_action("import_sessions")
        await running.until(lambda: isinstance(running.app.screen, ImportScreen))
        await running.until(lambda: "━" in status(running))
        await running.press("s")
        await running.until(lambda: status(running).startswith("Stopped"))
        assert labels(running) == {"Fix the parser"}


async def test_nothing_to_import_says_so(
    open_app: OpenApp, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as running:
        await look(running)
        # The first key of all waits for a focus, and there is none where there is nothing.
        monkeypatch.setattr(type_ahead, "FOLLOW_UP_LOOKS", 5)
        assert "No histories" in status(running)
        await running.press("enter", "space", "a", "s")
        assert "another place" in keys(running)
        await running.press("escape")
        await running.until(lambda: running.app.screen is running.main)


async def test_any_place_can_be_named(open_app: OpenApp, histories: Path) -> None:
    async with open_app() as running:
        await look(running)
        await running.press("o")
        await running.until(lambda: running.app.screen.query("DialogInput"))
        await running.type("pi\r")
        await running.pilot.pause()
        await running.type(f"{histories}/.pi/agent/sessions/1.jsonl\r".lower())
        await running.until(lambda: isinstance(running.app.screen, ImportScreen))
        await running.until(lambda: status(running).startswith("Done"))
        assert labels(running) == {"Bake 1"}


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_the_screen_fits_a_small_terminal(
    open_app: OpenApp, histories: Path, size: tuple[int, int]
) -> None:
    async with open_app(size=size) as running:
        await look(running)
        box = running.app.screen.query_one(DialogBox).region
        assert running.app.screen.region.contains_region(box)
        assert box.contains_region(running.app.screen.query_one(KeyLine).region)
        room = running.app.screen.query_one(OptionList).size.width
        assert all(len(line) <= room for line in lines(running))


async def test_the_first_start_says_what_there_is_to_import(
    open_app: OpenApp, histories: Path
) -> None:
    async with open_app() as running:
        await running.until(lambda: "Claude Code: 1 session · pi: 2 sessions" in welcome(running))
        assert "ctrl+p import sessions brings them in" in welcome(running)
        await look(running)
        await running.press("enter")
        await running.until(lambda: status(running).startswith("Done"))
        await running.until(lambda: "Claude Code" not in welcome(running))


async def test_where_there_are_sessions_nothing_is_looked_for(
    open_app: OpenApp, histories: Path
) -> None:
    async def fill(manager) -> None:
        await manager.create_session(workspace="dev", label="Mine")

    async with open_app(fill) as running:
        assert not running.main.importable
        assert not [w for w in running.main.workers if w.group == "import-look"]


async def test_the_help_lists_only_the_keys_that_do_something_now(
    open_app: OpenApp, histories: Path, gate: threading.Event
) -> None:
    def listed() -> set[str]:
        active = running.app.screen.active_bindings.values()
        return {one.binding.action for one in active if one.enabled}

    async with open_app() as running:
        await look(running)
        assert {"tick", "elsewhere"} <= listed()
        assert "stop" not in listed()
        await begin(running)
        assert "stop" in listed()
        assert not {"tick", "elsewhere"} & listed()

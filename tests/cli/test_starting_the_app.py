"""Which command lines start the app without being looked at closely."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tui_sessions.__main__ import main
from tui_sessions.cli import starting
from tui_sessions.cli.starting import AppOptions, app_options


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    monkeypatch.setattr(starting, "has_terminal", lambda: True)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], AppOptions()),
        (["--workspace", "dev"], AppOptions(workspace="dev")),
        (["--workspace=a b", "--user", "ana"], AppOptions(workspace="a b", user="ana")),
        (["--data-dir", "d", "--user=é=1"], AppOptions(data_dir="d", user="é=1")),
        (["--store", "memory:", "--store", "memory:"], AppOptions(store="memory:")),
    ],
)
def test_the_options_of_the_app_are_taken(arguments, options):
    assert app_options(arguments) == options


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["--help"],
        ["--version"],
        ["--session", "abc"],
        ["--workspace"],
        ["--workspace", "--user"],
        ["--workspace", ""],
        ["--workspace=  "],
        ["--workspace", "a\x1bb"],
        ["--workspace", "\udcff"],
        ["--workspace", "dev", "list"],
        ["--data-dir", "d", "--store", "memory:"],
        ["--data-dir", __file__],
        ["--", "list"],
    ],
)
def test_everything_else_is_looked_at_closely(arguments):
    assert app_options(arguments) is None


def test_without_a_terminal_nothing_is_started(monkeypatch):
    monkeypatch.setattr(starting, "has_terminal", lambda: False)
    assert app_options([]) is None


_START = """
import sys, types
from tui_sessions.cli import starting
starting.has_terminal = lambda: True
sys.modules["tui_sessions.tui.launching"] = types.SimpleNamespace(
    run_app=lambda **options: print(options["workspace"]) or 7
)
from tui_sessions.cli.running import run
print(run(["--workspace", "dev"]))
print("click" in sys.modules, "tui_sessions.engine" in sys.modules)
"""


def test_the_app_is_started_without_loading_what_only_commands_need():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _START], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["dev", "7", "False", "False"]


def test_nothing_is_loaded_before_an_interruption_is_watched_for():
    program = """
import sys
before = {*sys.modules}
import tui_sessions.__main__
print(*sorted({*sys.modules} - before))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["__future__", "tui_sessions", "tui_sessions.__main__"]


def test_an_interruption_while_the_command_is_being_loaded_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    stand_in = SimpleNamespace(run=interrupted)
    monkeypatch.setitem(sys.modules, "tui_sessions.cli.running", stand_in)
    assert main() == 130

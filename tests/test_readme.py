"""What the README says is true: its programs run, and its commands are the ones used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("program", blocks("python"))
def test_every_python_program_of_the_readme_runs(program: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(program, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [
        line for block in blocks("sh") for line in block.splitlines() if "tests.check" in line
    ]
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert commands[0] in ci.replace("--quiet ", "")


@pytest.mark.parametrize("picture", sorted(set(re.findall(r"\((screenshots/[^)]+)\)", README))))
def test_every_picture_of_the_readme_is_there(picture: str) -> None:
    assert (ROOT / picture).read_text(encoding="utf-8").startswith("<svg")


def test_the_readme_names_every_method_there_is_and_no_other() -> None:
    from tui_sessions import SessionManager

    table = README.split("| for | methods of `SessionManager` |")[1].split("\n\n")[0]
    named = re.findall(r"`(\w+)", table)
    assert sorted(named) == [name for name in dir(SessionManager) if not name.startswith("_")]


def test_every_importer_is_in_the_readme() -> None:
    from tui_sessions.transfer.registry import importer, importer_names

    rows = re.findall(r"\| `([a-z-]+)` \| ([^|,]+?)(?:, exported)? \|", README)
    assert [row for row in rows if row[0] != "json"] == [
        (name, importer(name).title) for name in importer_names()
    ]

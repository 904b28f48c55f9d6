"""The real command in processes of its own, with a home in the test's folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class CommandLine:
    """Runs `sessions-tui` for one person in one folder."""

    home: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        names = {"DATA": "data", "CONFIG": "config", "CACHE": "cache", "STATE": "state"}
        homes = {f"XDG_{key}_HOME": str(self.home / name) for key, name in names.items()}
        package = str(Path(__file__).parents[2])
        return kept | homes | {"HOME": str(self.home), "PYTHONPATH": package, "PYTHONUTF8": "1"}

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-W", "error", "-m", "tui_sessions"]

    def __call__(
        self, *arguments: str | Path, text: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command line to its end; without text its input is empty."""
        return subprocess.run(
            [*self.command, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment | environment,
            input=text or "",
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def ok(self, *arguments: str | Path, text: str | None = None) -> str:
        """What a command that works prints, without the last newline."""
        done = self(*arguments, text=text)
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def json(self, *arguments: str | Path) -> Any:
        return json.loads(self.ok(*arguments, "--json"))


@pytest.fixture
def sessions_tui(tmp_path: Path) -> CommandLine:
    folder = tmp_path / "project"
    folder.mkdir()
    return CommandLine(tmp_path / "home", folder)


@pytest.fixture
def scripted(sessions_tui: CommandLine) -> Callable[[list[Any]], None]:
    """Makes the default template play a script."""

    def write(steps: list[Any]) -> None:
        path = sessions_tui.home / "config" / "sessions-tui" / "settings.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        agent = f"script = [{json.dumps(steps).replace(': ', ' = ')}]"
        path.write_text(
            'default_template = "played"\n'
            "[templates.played.agent]\n"
            'provider = "scripted"\n'
            "[templates.played.agent.parameters]\n"
            f"{agent}\n"
        )

    return write

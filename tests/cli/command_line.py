"""One person's command line, in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warm_command import WarmCommand, WarmProcess


@dataclass(frozen=True)
class CommandLine:
    """Runs `sessions-tui` for one person in one folder."""

    home: Path
    folder: Path
    warm: WarmCommand

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        names = {"DATA": "data", "CONFIG": "config", "CACHE": "cache", "STATE": "state"}
        homes = {f"XDG_{key}_HOME": str(self.home / name) for key, name in names.items()}
        package = str(Path(__file__).parents[2])
        return kept | homes | {"HOME": str(self.home), "PYTHONPATH": package, "PYTHONUTF8": "1"}

    @property
    def command(self) -> list[str]:
        """What starts it from nothing."""
        return [sys.executable, "-W", "error", "-m", "tui_sessions"]

    def __call__(
        self, *arguments: str | Path, text: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command line to its end; without text its input is empty."""
        if environment:  # At which Python itself may look as it starts.
            return self.from_nothing(*arguments, text=text, **environment)
        return self.warm.run([*map(str, arguments)], self.folder, self.environment, text or "")

    def from_nothing(
        self, *arguments: str | Path, text: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """The same with everything to be loaded first, as for a person."""
        return subprocess.run(
            [*self.command, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment | environment,
            input=text or "",
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def start(self, *arguments: str, streams: Sequence[int], **environment: str) -> WarmProcess:
        """Start a command line on three open files; the first is a terminal that it gets."""
        held = self.environment | environment
        return self.warm.start(arguments, self.folder, held, streams, on_terminal=True)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command line that nothing can be typed into, and read what it says meanwhile."""
        return subprocess.Popen(
            [*self.command, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def ok(self, *arguments: str | Path, text: str | None = None) -> str:
        """What a command that works prints, without the last newline."""
        done = self(*arguments, text=text)
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def json(self, *arguments: str | Path) -> Any:
        return json.loads(self.ok(*arguments, "--json"))

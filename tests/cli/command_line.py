"""One person's command line, in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warm_command import WarmCommand, WarmProcess, heeding_signals


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
        if any(name.startswith("PYTHON") for name in environment):  # It looks there as it starts.
            return self.from_nothing(*arguments, text=text, **environment)
        held = self.environment | environment
        return self.warm.run([*map(str, arguments)], self.folder, held, text or "")

    def from_nothing(
        self, *arguments: str | Path, text: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """The same with everything to be loaded first, as for a person."""
        return self.other(*self.command, *map(str, arguments), text=text, **environment)

    def other(
        self, *command: str, text: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run any other command to its end, in the same folder and environment."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment | environment,
            input=text or "",
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def over(
        self,
        *arguments: str,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        **environment: str,
    ) -> tuple[int, str]:
        """Run a command line over open files: its exit code, and what it says where none is given.

        Without an input there is nothing to read.
        """
        with tempfile.TemporaryFile() as said, open(os.devnull) as nothing:
            given = (stdin, stdout, stderr)
            instead = (nothing.fileno(), said.fileno(), said.fileno())
            streams = [b if a is None else a for a, b in zip(given, instead, strict=True)]
            held = self.environment | environment
            code = self.warm.start(arguments, self.folder, held, streams).wait()
            said.seek(0)
            return code, said.read().decode()

    def start(self, *arguments: str, streams: Sequence[int], **environment: str) -> WarmProcess:
        """Start a command line on three open files; the first is a terminal that it gets."""
        held = self.environment | environment
        return self.warm.start(arguments, self.folder, held, streams, on_terminal=True)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command line that nothing can be typed into, and read what it says meanwhile."""
        with heeding_signals():
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

"""A person of the benchmark's own: a home, its settings, and programs that run in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.pane import Pane

BARE_APP = str(Path(__file__).with_name("bare_app.py"))
"""The program that the app is measured against; its argument is how many rows it has."""
_PACKAGE = Path(__file__).parents[2]


class Person:
    """Someone whose sessions lie in a data folder and who has a home of their own."""

    def __init__(self, home: Path, data: Path) -> None:
        self.home = home
        self.data = data
        """The folder that holds `workspaces/`."""
        home.mkdir(parents=True, exist_ok=True)

    @property
    def cache(self) -> Path:
        """Where the catalog and the index are."""
        return self.home / "cache" / "sessions-tui"

    def environment(self) -> dict[str, str]:
        """What a program finds around it: nothing of who runs the benchmark, byte code is kept."""
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "USER") if key in os.environ}
        kinds = ("data", "config", "cache", "state")
        homes = {f"XDG_{kind.upper()}_HOME": str(self.home / kind) for kind in kinds}
        paths = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(_PACKAGE))))
        own = {"HOME": str(self.home), "PYTHONPATH": paths, "PYTHONUTF8": "1"}
        quiet = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        return kept | homes | own | quiet | terminal

    def settings(self, text: str) -> None:
        """Write the settings file."""
        path = self.home / "config" / "sessions-tui" / "settings.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run the command line to its end."""
        return self.python("-m", "tui_sessions", "--data-dir", str(self.data), *arguments)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run a Python program to its end."""
        return subprocess.run(
            [sys.executable, *arguments],
            env=self.environment(),
            cwd=self.home,
            capture_output=True,
            check=True,
        )

    def open_app(self, *arguments: str) -> Pane:
        """Start the app in a terminal."""
        more = ("--data-dir", str(self.data), "--user", "ana", *arguments)
        return self.pane("-m", "tui_sessions", *more)

    def pane(self, *arguments: str) -> Pane:
        """Start a Python program in a terminal."""
        return Pane([sys.executable, *arguments], self.environment(), self.home)

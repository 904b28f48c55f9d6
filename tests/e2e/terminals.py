"""One person with a home, a project, and as many terminals as they open."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from terminal import Terminal
from warm_command import WarmCommand, WarmProcess

from tui_sessions import SessionManager
from tui_sessions.model.placement import workspace_of_directory

Fill = Callable[[SessionManager, str], Awaitable[None]]
"""Makes sessions in a workspace."""
Seed = Callable[[Fill], None]


class Terminals:
    """Opens terminals for one person in one project, and closes them at the end."""

    def __init__(self, home: Path, project: Path, warm: WarmCommand) -> None:
        self.home = home
        self.project = project
        self.warm = warm
        self._opened: list[Terminal] = []

    @property
    def data(self) -> Path:
        """The folder that holds `workspaces/`."""
        return self.home / "data" / "sessions-tui"

    @property
    def workspace_id(self) -> str:
        """The workspace of the project."""
        return workspace_of_directory(self.project).id

    @property
    def sessions_folder(self) -> Path:
        """Where the files of the project's sessions are."""
        return self.data / "workspaces" / self.workspace_id / "sessions"

    def documents(self) -> dict[str, Any]:
        """The project's sessions as they are on the disk, by label."""
        read = [json.loads(path.read_text()) for path in self.sessions_folder.glob("*.json")]
        return {document["label"]: document for document in read}

    def environment(self, **more: str) -> dict[str, str]:
        """What the command finds around it: nothing of the terminal that the tests run in."""
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "USER") if key in os.environ}
        kinds = ("data", "config", "cache", "state")
        homes = {f"XDG_{kind.upper()}_HOME": str(self.home / kind) for kind in kinds}
        package = str(Path(__file__).parents[2])
        own = {"HOME": str(self.home), "PYTHONPATH": package, "PYTHONUTF8": "1"}
        return kept | homes | own | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | more

    def open(self, *arguments: str, **options: Any) -> Terminal:
        """Start the command and wait until it can be used; the options are those of `begin`.

        It has been loaded already, unless it is to be started `from_nothing`.
        """
        options.setdefault("from_nothing", False)
        return self.begin(*arguments, **options).wait_started()

    def begin(
        self,
        *arguments: str,
        columns: int = 100,
        rows: int = 30,
        pane: str | None = "%1",
        folder: Path | None = None,
        from_nothing: bool = True,
        largest_file_bytes: int | None = None,
        **environment: str,
    ) -> Terminal:
        """Start the command; what is typed now comes before its first frame."""
        if pane is not None:
            environment["TMUX_PANE"] = pane

        def start(inside: int) -> WarmProcess:
            return self.warm.start(
                arguments,
                folder or self.project,
                self.environment(**environment),
                [inside] * 3,
                on_terminal=True,
                from_nothing=from_nothing,
                largest_file_bytes=largest_file_bytes,
            )

        terminal = Terminal(start, columns=columns, rows=rows, beside=self._opened)
        self._opened.append(terminal)
        return terminal

    def settings(self, text: str) -> None:
        """Write the settings file."""
        path = self.home / "config" / "sessions-tui" / "settings.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def dispose(self) -> None:
        """End all that still run."""
        for terminal in self._opened:
            terminal.dispose()


def terminals_of(folder: Path, warm: WarmCommand) -> Iterator[Terminals]:
    """A person with an empty home and a project, all below a folder."""
    project = folder / "parser"
    project.mkdir()
    (folder / "home").mkdir()
    terminals = Terminals(folder / "home", project, warm)
    yield terminals
    terminals.dispose()

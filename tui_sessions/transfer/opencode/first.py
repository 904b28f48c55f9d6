"""The first opencode, written in Go: a database in each project, as crush, its successor, has."""

from __future__ import annotations

from pathlib import Path

from tui_sessions.transfer.crush import CrushImporter
from tui_sessions.transfer.homes import existing, folders_above
from tui_sessions.transfer.opencode.records import FORMAT


class FirstOpencode(CrushImporter):
    """Reads `.opencode/opencode.db`; the workspace is the folder that holds it."""

    name = FORMAT
    title = "opencode"
    folder = ".opencode"

    def find(self) -> list[Path]:
        """The database of this folder's project; the program remembers no others."""
        return existing(folder / self.folder / "opencode.db" for folder in folders_above())

"""The files of a store that could not be read."""

from __future__ import annotations

import os
from pathlib import Path

from tui_sessions.stores.base import Problem


class ProblemList:
    """Problems by path: what the last look at each file, and at all of them, has shown."""

    def __init__(self) -> None:
        self._of_files: dict[str, Problem] = {}
        self._of_scan: list[Problem] = []

    def report(
        self, path: Path | str, reason: str, session_id: str | None, workspace_id: str | None
    ) -> None:
        """Keep in mind what is wrong with a file."""
        self._of_files[str(path)] = Problem(
            path=str(path), reason=reason, session_id=session_id, workspace_id=workspace_id
        )

    def clear(self, path: Path | str) -> None:
        """A file is in order."""
        self._of_files.pop(str(path), None)

    def scanned(self, found: list[Problem]) -> None:
        """Take what a scan has shown in place of what the last one had."""
        self._of_scan = found

    def all(self) -> list[Problem]:
        """Every problem whose file is still there, by path."""
        known = {problem.path: problem for problem in self._of_scan} | self._of_files
        return [known[path] for path in sorted(known) if os.path.lexists(path)]

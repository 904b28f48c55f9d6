"""The files of a store that could not be read."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from tui_sessions.stores.base import Problem
from tui_sessions.stores.single_files import Signature


class ProblemList:
    """Problems by path: what the last look at each file, and at all of them, has shown."""

    def __init__(self) -> None:
        self._of_files: dict[str, Problem] = {}
        self._seen: dict[str, tuple[int, ...] | None] = {}
        self._of_scan: list[Problem] = []

    def report(
        self,
        path: Path | str,
        reason: str,
        session_id: str | None,
        workspace_id: str | None,
        *,
        as_it_is: bool = False,
    ) -> None:
        """Keep in mind what is wrong with a file; `as_it_is`: until somebody changes it."""
        self._of_files[str(path)] = Problem(
            path=str(path), reason=reason, session_id=session_id, workspace_id=workspace_id
        )
        self._seen[str(path)] = _looks(path) if as_it_is else None

    def clear(self, path: Path | str) -> None:
        """A file is in order."""
        self._of_files.pop(str(path), None)
        self._seen.pop(str(path), None)

    def scanned(self, found: list[Problem], passed_over: Collection[str]) -> None:
        """Take what a scan has shown in place of what the last one had.

        Args:
            found: what it has shown.
            passed_over: the workspaces that it did not look through.
        """
        kept = (problem for problem in self._of_scan if problem.workspace_id in passed_over)
        self._of_scan = [*kept, *found]

    def all(self) -> list[Problem]:
        """Every problem whose file is still there, by path."""
        for path, seen in [*self._seen.items()]:
            if seen not in (None, _looks(path)):
                self.clear(path)
        known = {problem.path: problem for problem in self._of_scan} | self._of_files
        return [known[path] for path in sorted(known) if os.path.lexists(path)]


def _looks(path: Path | str) -> tuple[int, ...]:
    """What differs once a file was changed, or may be read by others than before."""
    try:
        status = os.stat(path, follow_symlinks=False)
    except OSError:
        return ()
    return *Signature.of(status), status.st_mode, status.st_uid, status.st_gid

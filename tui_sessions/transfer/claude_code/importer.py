"""Importing Claude Code's sessions from its folders or from single files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tui_sessions.transfer.base import ImportedSession, Skipped, SourceUnit, Survey
from tui_sessions.transfer.claude_code.messages import FORMAT
from tui_sessions.transfer.claude_code.project import Project
from tui_sessions.transfer.claude_code.survey import AGENT_PREFIX
from tui_sessions.transfer.lines import MAX_LINE
from tui_sessions.transfer.single_files import nothing_there, unreadable_folder
from tui_sessions.transfer.units import files_below, left_out, newest_of

_NOT_SESSIONS = frozenset({"tool-results", "memory"})
_PROMPT_HISTORY = "history.jsonl"


class ClaudeCodeImporter:
    """Reads `~/.claude/projects`, one folder of it, or single session files."""

    name = FORMAT
    title = "Claude Code"

    def __init__(self, max_line: int = MAX_LINE) -> None:
        """Read lines of up to `max_line` bytes; longer ones are left out and reported."""
        self._max_line = max_line

    def find(self) -> list[Path]:
        """The projects folder of `CLAUDE_CONFIG_DIR`, or else of the home folder."""
        configured = os.environ.get("CLAUDE_CONFIG_DIR")
        base = Path(configured) if configured else Path.home() / ".claude"
        projects = base / "projects"
        return [projects] if projects.is_dir() else []

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a session file, a project folder or a folder above several."""
        for unit in self.units(path):
            yield from unit.read(user_id)

    def units(self, path: Path) -> Iterator[SourceUnit]:
        """A project's folder each, for its sessions share their records."""
        if path.is_dir():
            top = path / "projects" if (path / "projects").is_dir() else path
            unreadable: list[OSError] = []
            groups = _groups(top, unreadable)
            yield from map(self._unit, groups)
            if unreadable:
                yield left_out(map(unreadable_folder, unreadable))
        elif path.is_file():
            yield self._unit([path])
        else:
            yield left_out([nothing_there(path)])

    def survey(self, path: Path) -> Survey:
        """The session files; those of sub-agents lie in folders of their own."""
        top = path / "projects" if (path / "projects").is_dir() else path
        files = [path] if path.is_file() else [f for group in _groups(top, []) for f in group]
        talks = [file for file in files if not file.stem.startswith(AGENT_PREFIX)]
        return Survey(sessions=len(talks), newest=newest_of(files))

    def _unit(self, files: Sequence[Path]) -> SourceUnit:
        beside = (found for file in files for found in files_below(file.with_suffix("")))
        project = Project(files, self.title, self._max_line)
        return SourceUnit(
            files=(*files, *beside), read=project.sessions, divide=project.conversations
        )


def _groups(top: Path, unreadable: list[OSError]) -> Iterator[list[Path]]:
    """The session files below a folder, one list a folder.

    The folders of sub-agents are left to the sessions they belong to, where those are there.
    """
    for folder, subfolders, names in os.walk(top, onerror=unreadable.append):
        found = sorted(
            Path(folder) / name
            for name in names
            if name.endswith(".jsonl") and name != _PROMPT_HISTORY
        )
        stems = {path.stem for path in found if not path.stem.startswith(AGENT_PREFIX)}
        subfolders[:] = sorted(
            name for name in subfolders if name not in stems and name not in _NOT_SESSIONS
        )
        files = [path for path in found if path.is_file()]
        if files:
            yield files

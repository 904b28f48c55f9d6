"""Importing Gemini CLI's sessions from its home folder, other folders or single files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tui_sessions.transfer.base import ImportedSession, Skipped, SourceUnit, Survey
from tui_sessions.transfer.gemini_cli.messages import FORMAT
from tui_sessions.transfer.gemini_cli.projects import Projects
from tui_sessions.transfer.gemini_cli.recordings import Recording, read_recording
from tui_sessions.transfer.gemini_cli.sessions import TITLE, SessionMaker
from tui_sessions.transfer.homes import configured_path, existing
from tui_sessions.transfer.lines import MAX_LINE, Problems
from tui_sessions.transfer.single_files import nothing_there, unreadable_folder
from tui_sessions.transfer.units import left_out, newest_of

_CHATS = "chats"
_ENDINGS = (".jsonl", ".json")
_OTHER_FILES = frozenset(
    {
        "logs.json", "projects.json", "settings.json", "state.json", "trustedFolders.json",
        "google_accounts.json", "oauth_creds.json", "mcp-oauth-tokens.json",
    }
)  # fmt: skip
_CHECKPOINT = "checkpoint-"


class GeminiCliImporter:
    """Reads `~/.gemini`, a project's folder in it, or single recordings."""

    name = FORMAT
    title = TITLE

    def __init__(self, max_line: int = MAX_LINE) -> None:
        """Read lines of up to `max_line` bytes; longer ones are left out and reported."""
        self._max_line = max_line

    def find(self) -> list[Path]:
        """The folder of projects, in the home folder or where `GEMINI_CLI_HOME` has it."""
        home = configured_path("GEMINI_CLI_HOME") or Path.home()
        return existing([home / ".gemini" / "tmp"])

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a recording, or of the recordings in a folder and below it."""
        for unit in self.units(path):
            yield from unit.read(user_id)

    def units(self, path: Path) -> Iterator[SourceUnit]:
        """A project's chats each: some are told in two files, some start others."""
        unreadable: list[OSError] = []
        if path.is_file():
            files = [path]
        elif path.is_dir():
            files = _recordings(path, unreadable)
        else:
            yield left_out([nothing_there(path)])
            return
        projects: dict[Path, list[Path]] = {}
        for file in files:
            projects.setdefault(_project_of(file), []).append(file)
        for group in projects.values():
            yield SourceUnit(files=tuple(group), read=partial(self._project, path, group))
        if unreadable:
            yield left_out(map(unreadable_folder, unreadable))

    def survey(self, path: Path) -> Survey:
        """The recordings, without those of sub-agents."""
        files = [path] if path.is_file() else _recordings(path, [])
        talks = [file for file in files if _trunk(file) is None]
        return Survey(sessions=len(talks), newest=newest_of(files))

    def _project(
        self, place: Path, files: Sequence[Path], user_id: str
    ) -> Iterator[ImportedSession | Skipped]:
        maker = SessionMaker(Projects(place), _agents_by_session(files), user_id)
        seen: dict[str, frozenset[str]] = {}
        for file in files:
            yield from self._sessions(file, maker, seen)

    def _sessions(
        self, path: Path, maker: SessionMaker, seen: dict[str, frozenset[str]]
    ) -> Iterator[ImportedSession | Skipped]:
        problems = Problems(path)
        recording = read_recording(path, problems, self._max_line)
        if recording is None:
            if not problems.skipped():
                problems.add(f"it is not a {TITLE} session")
        else:
            recording.trunk = _trunk(path)
            yield from self._of_recording(recording, maker, problems, seen)
        yield from problems.skipped()

    def _of_recording(
        self,
        recording: Recording,
        maker: SessionMaker,
        problems: Problems,
        seen: dict[str, frozenset[str]],
    ) -> Iterator[ImportedSession]:
        names = frozenset(recording.messages)
        if recording.trunk is None and seen.get(recording.external_id, names).isdisjoint(names):
            # Sub-agents of older versions have the id of the session that started them.
            recording.trunk = recording.external_id
        external_id = recording.external_id
        if external_id in seen:
            problems.add("another file holds the same session")
            return
        found = list(maker.sessions(recording))
        if found:
            seen[external_id] = names
        elif not problems.skipped():
            problems.add("it holds no conversation")
        yield from found


def _recordings(top: Path, unreadable: list[OSError]) -> list[Path]:
    """The recordings below a folder: newer kinds first, and sub-agents after all sessions."""
    if (top / "tmp").is_dir():
        top = top / "tmp"
    files = []
    for folder, subfolders, names in os.walk(top, onerror=unreadable.append):
        subfolders.sort()
        files += [Path(folder) / name for name in sorted(names) if _may_be_recording(name)]
    files = [file for file in files if file.is_file()]
    recorded = [file for file in files if _CHATS in file.parts]
    # The home folder holds much else, tokens among it; only its chats are opened.
    chosen = recorded if recorded and top.name == "tmp" else files
    return sorted(chosen, key=lambda file: (_trunk(file) is not None, file.suffix != ".jsonl"))


def _may_be_recording(name: str) -> bool:
    is_other = name in _OTHER_FILES or name.startswith(_CHECKPOINT)
    return name.endswith(_ENDINGS) and not is_other


def _trunk(path: Path) -> str | None:
    """The session in whose folder a sub-agent's recording lies."""
    above = path.parent
    return above.name if above.parent.name == _CHATS else None


def _project_of(path: Path) -> Path:
    """The folder of all chats of a project, sub-agents' among them."""
    return path.parent.parent if _trunk(path) is not None else path.parent


def _agents_by_session(files: Sequence[Path]) -> dict[str, list[str]]:
    agents: dict[str, list[str]] = {}
    for file in files:
        trunk = _trunk(file)
        if trunk is not None:
            agents.setdefault(trunk, []).append(file.stem)
    return agents

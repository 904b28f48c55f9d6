"""Importing Codex's sessions from its home folder, from other folders or from single files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from tui_sessions.transfer.base import ImportedSession, Skipped, SourceUnit, Survey
from tui_sessions.transfer.codex.messages import FORMAT
from tui_sessions.transfer.codex.names import FOLDERS, Name, home_of, names_in
from tui_sessions.transfer.codex.rollouts import (
    SUFFIXES,
    Header,
    Unreadable,
    read_header,
    rollout_id_of,
)
from tui_sessions.transfer.codex.sessions import ThreadSessions
from tui_sessions.transfer.codex.threads import Threads, shown_rollouts
from tui_sessions.transfer.lines import MAX_LINE
from tui_sessions.transfer.single_files import nothing_there, parents_first, unreadable_folder
from tui_sessions.transfer.units import Families, files_below, left_out, newest_of

_NOT_ROLLOUTS = frozenset({"history.jsonl", "session_index.jsonl"})
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class CodexImporter:
    """Reads `~/.codex`, a folder of rollouts, or single rollouts."""

    name = FORMAT
    title = "Codex"

    def __init__(self, max_line: int = MAX_LINE) -> None:
        """Read lines of up to `max_line` bytes; longer ones are left out and reported."""
        self._max_line = max_line

    def find(self) -> list[Path]:
        """The home folder that `CODEX_HOME` names, or else `~/.codex`, if it holds sessions."""
        configured = os.environ.get("CODEX_HOME")
        home = Path(configured) if configured else Path.home() / ".codex"
        return [home] if any((home / folder).is_dir() for folder in FOLDERS) else []

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a rollout, or of the rollouts in a folder and below it."""
        if path.is_file():
            yield from self._sessions([path], path, user_id)
        elif path.is_dir():
            tops = [path / folder for folder in FOLDERS if (path / folder).is_dir()] or [path]
            unreadable: list[OSError] = []
            files = [file for top in tops for file in _rollouts(top, unreadable)]
            yield from self._sessions(files, path, user_id)
            yield from map(unreadable_folder, unreadable)
        else:
            yield nothing_there(path)

    def units(self, path: Path) -> Iterator[SourceUnit]:
        """The rollouts that descend from each other or started each other."""
        tops = [path / folder for folder in FOLDERS if (path / folder).is_dir()]
        if not tops:
            yield SourceUnit(files=tuple(files_below(path)), read=partial(self.read, path))
            return
        unreadable: list[OSError] = []
        names = cache(partial(names_in, path))
        for files in self._families([f for top in tops for f in _rollouts(top, unreadable)]):
            read = partial(self._sessions, files, path, names=names)
            yield SourceUnit(files=tuple(files), read=read)
        if unreadable:
            yield left_out(map(unreadable_folder, unreadable))

    def survey(self, path: Path) -> Survey:
        """The rollouts, sub-agents' among them."""
        tops = [path / folder for folder in FOLDERS if (path / folder).is_dir()] or [path]
        files = [path] if path.is_file() else [f for top in tops for f in _rollouts(top, [])]
        return Survey(sessions=len(files), newest=newest_of(files))

    def _families(self, files: Sequence[Path]) -> list[list[Path]]:
        families = Families[Path]()
        for file in files:
            names = [str(file)]
            with suppress(Unreadable):
                header = read_header(file, self._max_line)
                if header is not None:
                    line = (header.id, header.rollout, header.above, header.forked_from)
                    names += [name for name in (*line, header.spawned_by) if name]
            families.add(file, names)
        return families.groups()

    def _sessions(
        self,
        files: Sequence[Path],
        place: Path,
        user_id: str,
        names: Callable[[], Mapping[str, Name]] | None = None,
    ) -> Iterator[ImportedSession | Skipped]:
        headers: dict[str, Header] = {}
        for file in files:
            try:
                header = read_header(file, self._max_line)
            except Unreadable as error:
                yield Skipped(path=file, reason=str(error))
                continue
            if header is None:
                yield Skipped(path=file, reason=f"it is not a {self.title} session")
            elif header.rollout in headers:
                left_out = _the_lesser(headers, header)
                yield Skipped(path=left_out, reason="another file holds the same session")
            else:
                headers[header.rollout] = header
        home = home_of(place)
        around = self._with_parents(headers, home) if len(files) == 1 else headers
        names = names or partial(names_in, home) if home is not None else dict
        maker = ThreadSessions(Threads(around, self._max_line), around, names(), user_id)
        for header in _in_order(headers):
            yield from maker.sessions(header)

    def _with_parents(self, headers: dict[str, Header], home: Path | None) -> dict[str, Header]:
        """A single rollout and those it descends from, which are looked up by their names."""
        around = dict(headers)
        waiting = [header.above for header in headers.values()]
        files = dict.fromkeys(waiting) and home and _by_rollout(home)
        while waiting and files:
            file = files.get(waiting.pop() or "")
            try:
                parent = read_header(file, self._max_line) if file is not None else None
            except Unreadable:
                continue
            if parent is not None and parent.rollout not in around:
                around[parent.rollout] = parent
                waiting.append(parent.above)
        return around


def _rollouts(top: Path, unreadable: list[OSError]) -> Iterator[Path]:
    for folder, subfolders, names in os.walk(top, onerror=unreadable.append):
        subfolders.sort()
        paths = (Path(folder) / name for name in sorted(names) if name.endswith(SUFFIXES))
        yield from (p for p in paths if p.name not in _NOT_ROLLOUTS and p.is_file())


def _by_rollout(home: Path) -> dict[str, Path]:
    files = (file for folder in FOLDERS for file in _rollouts(home / folder, []))
    return {rollout_id_of(file): file for file in files}


def _the_lesser(headers: dict[str, Header], header: Header) -> Path:
    """Keep the file of a session that was written to last; the path of the other one."""
    known = headers[header.rollout]
    if _modified(header.path) > _modified(known.path):
        headers[header.rollout] = header
        return known.path
    return header.path


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _in_order(headers: dict[str, Header]) -> list[Header]:
    """Parents before their forks and sub-agents, and otherwise as they began."""
    oldest = sorted(headers.values(), key=lambda h: (h.created_at or _BEFORE_ALL, h.path.name))
    by_path = {header.path: header for header in oldest}
    shown = shown_rollouts(headers)
    parents: dict[Path, Path | None] = {}
    for header in oldest:
        parent = headers.get(header.spawned_by or header.forked_from or "")
        parent = parent if shown[header.id] is header else shown[header.id]
        parents[header.path] = parent.path if parent is not None else None
    return [by_path[path] for path in parents_first(parents)]

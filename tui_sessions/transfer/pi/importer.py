"""Importing pi's sessions with their branches, from its folder or single files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tui_sessions.transfer.base import ImportedSession, Skipped, SourceUnit, Survey
from tui_sessions.transfer.database_sessions import no_conversation
from tui_sessions.transfer.drafts import imported_session
from tui_sessions.transfer.homes import configured_path, existing
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.lines import Problems, read_objects
from tui_sessions.transfer.pi.entries import FORMAT
from tui_sessions.transfer.pi.forks import Original, original_file
from tui_sessions.transfer.pi.sessions import PiSession
from tui_sessions.transfer.single_files import json_files, nothing_there, unreadable_folder
from tui_sessions.transfer.units import left_out, newest_of


class PiImporter:
    """Reads `~/.pi/agent/sessions`, one folder of it, or single files."""

    name = FORMAT
    title = "pi"

    def find(self) -> list[Path]:
        """The folder of sessions."""
        agent = configured_path("PI_CODING_AGENT_DIR") or Path.home() / ".pi" / "agent"
        return existing([agent / "sessions"])

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a file or a folder; files are named after the time they were made."""
        for unit in self.units(path):
            yield from unit.read(user_id)

    def units(self, path: Path) -> Iterator[SourceUnit]:
        """A file each."""
        if path.exists():
            unreadable: list[OSError] = []
            for file in _files(path, unreadable):
                original = original_file(_header_of(file), file)
                files = (file,) if original is None else (file, original)
                yield SourceUnit(files=files, read=partial(self._file, file, original))
            if unreadable:
                yield left_out(map(unreadable_folder, unreadable))
        else:
            yield left_out([nothing_there(path)])

    def survey(self, path: Path) -> Survey:
        """A session each file."""
        files = _files(path, [])
        return Survey(sessions=len(files), newest=newest_of(files))

    def _file(
        self, path: Path, original: Path | None, user_id: str
    ) -> Iterator[ImportedSession | Skipped]:
        problems = Problems(path)
        header, entries = _read(path, problems)
        skipped = problems.skipped()
        yield from skipped
        if header is None:
            if not skipped:
                yield Skipped(path=path, reason=f"it is not a {self.title} session")
            return
        session = PiSession(header, entries, path, user_id, _original(original))
        drafts = [draft for draft in session.drafts() if draft.messages]
        yield from map(imported_session, drafts)
        if not drafts:
            yield Skipped(path=path, reason=no_conversation(session.id))


def _files(path: Path, unreadable: list[OSError]) -> list[Path]:
    if path.is_file():
        return [path]
    files = json_files(path, lambda _: False, unreadable, ".jsonl")
    return sorted(files, key=lambda file: (file.name, str(file)))


def _read(
    path: Path, problems: Problems
) -> tuple[dict[str, Any] | None, dict[str, dict[str, Any]]]:
    """The header and the entries by id; those of the first version follow each other."""
    header: dict[str, Any] | None = None
    entries: dict[str, dict[str, Any]] = {}
    last: str | None = None
    for number, data in read_objects(path, problems):
        if data.get("type") == "session":
            header = header or data
            continue
        id_ = text_or_none(data.get("id")) or f"line {number}"
        parent = text_or_none(data.get("parentId")) if "parentId" in data else last
        if parent is not None and parent not in entries:
            # The line of its parent is damaged, or it names the session: that is above them all.
            parent = None if header is not None and parent == header.get("id") else last
        entries[id_] = {**data, "id": id_, "parentId": parent}
        last = id_
    return header, entries


def _header_of(path: Path) -> dict[str, Any]:
    """The header of a file, which is its first line."""
    first = next(read_objects(path, Problems(path)), None)
    return first[1] if first is not None and first[1].get("type") == "session" else {}


def _original(path: Path | None) -> Original | None:
    """What a fork repeats of a file; the file's own problems are told when it is read itself."""
    if path is None:
        return None
    header, entries = _read(path, Problems(path))
    return PiSession(header, entries, path, "").as_original() if header is not None else None

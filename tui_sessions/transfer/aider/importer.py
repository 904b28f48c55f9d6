"""Importing the chat histories that aider leaves in repositories."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tui_sessions.transfer.aider.messages import FORMAT, is_talk, messages_of, model_of
from tui_sessions.transfer.aider.parsing import Run, runs_of
from tui_sessions.transfer.base import ImportedSession, Skipped, SourceUnit, Survey
from tui_sessions.transfer.drafts import SessionDraft, imported_session
from tui_sessions.transfer.homes import configured_path, existing, folders_above
from tui_sessions.transfer.hygiene import clean_text
from tui_sessions.transfer.lines import MAX_LINE, Problems
from tui_sessions.transfer.single_files import nothing_there, unreadable_folder
from tui_sessions.transfer.units import left_out, newest_of

_FILE = ".aider.chat.history.md"
_START = b"# aider chat started at "
_BOM = "\ufeff"
_LEFT_OUT = frozenset({"node_modules", ".git", ".venv", "__pycache__"})
_DIGEST_LENGTH = 8


class AiderImporter:
    """Reads `.aider.chat.history.md`, one session a run of the tool."""

    name = FORMAT
    title = "aider"

    def find(self) -> list[Path]:
        """The history of this folder's repository, and one that the environment names."""
        here = (folder / _FILE for folder in folders_above())
        return existing([configured_path("AIDER_CHAT_HISTORY_FILE"), *here])

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a history, or of the histories in a folder and below it."""
        for unit in self.units(path):
            yield from unit.read(user_id)

    def units(self, path: Path) -> Iterator[SourceUnit]:
        """A file each."""
        unreadable: list[OSError] = []
        if path.is_file():
            yield self._unit(path)
        elif path.is_dir():
            yield from map(self._unit, _files(path, unreadable))
            if unreadable:
                yield left_out(map(unreadable_folder, unreadable))
        else:
            yield left_out([nothing_there(path)])

    def survey(self, path: Path) -> Survey:
        """A session each run of the tool."""
        files = [path] if path.is_file() else list(_files(path, []))
        runs = 0
        for file in files:
            with suppress(OSError), file.open("rb") as lines:
                runs += sum(line.startswith(_START) for line in lines)
        return Survey(sessions=runs, newest=newest_of(files))

    def _unit(self, path: Path) -> SourceUnit:
        return SourceUnit(files=(path,), read=partial(self._file, path))

    def _file(self, path: Path, user_id: str) -> Iterator[ImportedSession | Skipped]:
        problems = Problems(path)
        times: dict[str, int] = {}
        known = False
        try:
            for run in runs_of(_lines(path, problems)):
                known = known or run.started is not None
                if not known and not any(block.kind == "prompt" for block in run.blocks):
                    continue
                started = run.started or "start"
                times[started] = times.get(started, 0) + 1
                again = f" #{times[started]}" if times[started] > 1 else ""
                draft = self._draft(path, run, f"{started}{again}", user_id)
                if is_talk(draft.messages):
                    yield imported_session(draft)
                elif run.started or run.blocks:
                    problems.add("the run holds no conversation", run.line)
        except OSError as error:
            problems.add(f"it could not be read: {error.strerror or error}")
        if not times and not problems.skipped():
            problems.add(f"it is not an {self.title} history")
        yield from problems.skipped()

    def _draft(self, path: Path, run: Run, name: str, user_id: str) -> SessionDraft:
        # Runs have no ids, and two repositories may start one in the same second.
        folder = str(path.parent.absolute())
        digest = hashlib.sha256(folder.encode("utf-8", "replace")).hexdigest()
        scope = f"{name} {digest[:_DIGEST_LENGTH]}"
        messages = messages_of(run, scope)
        started = _moment(run.started)
        models = [message.model for message in messages if message.model]
        return SessionDraft(
            format_name=self.name,
            source_title=self.title,
            external_id=scope,
            path=path,
            messages=messages,
            user_id=user_id,
            directory=folder,
            model=models[-1] if models else model_of(run),
            created_at=started,
            last_active_at=started,
        )


def _lines(path: Path, problems: Problems) -> Iterator[str]:
    """The whole lines of a file as it is now; the tool may be writing to it."""
    with path.open("rb") as file:
        left = os.fstat(file.fileno()).st_size
        number = 0
        while left > 0:
            data = file.readline(min(left, MAX_LINE))
            left -= len(data)
            number += 1
            if not data.endswith(b"\n"):
                if len(data) < MAX_LINE:
                    return
                problems.add(f"the line is longer than {MAX_LINE} bytes", number)
                continue
            line = clean_text(data.decode("utf-8", "replace").rstrip("\r\n"))
            yield line.removeprefix(_BOM) if number == 1 else line


def _moment(started: str | None) -> datetime | None:
    """The moment of a local time; the tool does not say of which zone."""
    if started is None:
        return None
    try:
        return datetime.fromisoformat(started).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _files(top: Path, unreadable: list[OSError]) -> Iterator[Path]:
    for folder, subfolders, names in os.walk(top, onerror=unreadable.append):
        subfolders[:] = sorted(name for name in subfolders if name not in _LEFT_OUT)
        if _FILE in names and (Path(folder) / _FILE).is_file():
            yield Path(folder) / _FILE

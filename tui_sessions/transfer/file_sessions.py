"""What the importers of single-file stores share: finding, ordering and handing out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tui_sessions.transfer.base import ImportedSession, Skipped, SourceUnit
from tui_sessions.transfer.drafts import SessionDraft, imported_session
from tui_sessions.transfer.single_files import (
    json_files,
    nothing_there,
    parents_first,
    read_object,
    unreadable_folder,
)
from tui_sessions.transfer.units import Families, left_out, signature_of

_parents: dict[str, str] = {}
"""The parents that files name, by the files' states: watching asks for them again and again."""
_MOST_PARENTS = 50_000


class FileSessions(ABC):
    """Reads a folder with one JSON file a session, whose forks name their parents."""

    name: str
    title: str

    def find(self) -> list[Path]:
        """Nowhere: the program that uses the format chooses the folder."""
        return []

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a file or a folder, parents before their forks."""
        for unit in self.units(path):
            yield from unit.read(user_id)

    def units(self, path: Path) -> Iterator[SourceUnit]:
        """All of a folder, which falls into the sessions that forked from each other."""
        if path.is_file():
            yield SourceUnit(files=(path,), read=partial(self._session, path))
        elif path.is_dir():
            unreadable: list[OSError] = []
            files = tuple(json_files(path, self.leaves_out, unreadable))
            divide = partial(self._families, files)
            yield SourceUnit(files=files, read=partial(self._all, files), divide=divide)
            if unreadable:
                yield left_out(map(unreadable_folder, unreadable))
        else:
            yield left_out([nothing_there(path)])

    def _all(self, files: Sequence[Path], user_id: str) -> Iterator[ImportedSession | Skipped]:
        for unit in self._families(files):
            yield from unit.read(user_id)

    def _families(self, files: Sequence[Path]) -> list[SourceUnit]:
        """The files that forked from each other."""
        parents = {file: self._parent_file(file) for file in files}
        families = Families[Path]()
        for file in parents_first(parents):
            if file in parents:
                parent = parents[file]
                families.add(file, [str(file), *([str(parent)] if parent is not None else [])])
        return [
            SourceUnit(files=tuple(family), read=partial(self._family, tuple(family)))
            for family in families.groups()
        ]

    def _family(self, files: Sequence[Path], user_id: str) -> Iterator[ImportedSession | Skipped]:
        for file in files:
            yield from self._session(file, user_id)

    def _parent_file(self, file: Path) -> Path | None:
        """The file that a session forked from, looked for again only where its own has changed."""
        state = signature_of([file]).digest
        known = _parents.get(state)
        if known is None:
            data = read_object(file)
            known = (self.parent_of(data) if isinstance(data, dict) else None) or ""
            if len(_parents) >= _MOST_PARENTS:
                _parents.clear()
            _parents[state] = known
        return sibling(file, known) if known else None

    def _session(self, path: Path, user_id: str) -> Iterator[ImportedSession | Skipped]:
        data = read_object(path)
        if isinstance(data, Skipped):
            yield data
        elif not self.is_session(data):
            yield Skipped(path=path, reason=f"it is not a {self.title} session")
        else:
            draft, notes = self.draft(path, data, user_id)
            yield from notes
            if draft.messages:
                yield imported_session(draft)
            else:
                yield Skipped(path=path, reason="it holds no conversation")

    def line_of(self, path: Path, data: dict[str, Any]) -> list[tuple[Path, dict[str, Any]]]:
        """A session's file and those it descends from, the nearest first, as far as there are."""
        line = [(path, data)]
        seen = {path}
        parent = self.parent_of(data)
        while parent:
            file = sibling(path, parent)
            if file is None or file in seen or not file.is_file():
                break
            above = read_object(file)
            if isinstance(above, Skipped) or not self.is_session(above):
                break
            line.append((file, above))
            seen.add(file)
            parent = self.parent_of(above)
        return line

    def leaves_out(self, folder: str) -> bool:
        """Whether a folder holds nothing to import."""
        return folder.startswith(".")

    @abstractmethod
    def is_session(self, data: dict[str, Any]) -> bool:
        """Whether a file is of this format."""

    @abstractmethod
    def parent_of(self, data: dict[str, Any]) -> str | None:
        """The foreign id of the session that it forked from."""

    @abstractmethod
    def draft(
        self, path: Path, data: dict[str, Any], user_id: str
    ) -> tuple[SessionDraft, list[Skipped]]:
        """The session that a file stands for, and what had to be left out of it."""


def sibling(path: Path, session_id: str) -> Path | None:
    """The file of another session of the same folder; None for what is no file's name."""
    if not session_id or any(char in session_id for char in "/\\\0") or len(session_id) > 200:
        return None
    return path.with_name(f"{session_id}.json")

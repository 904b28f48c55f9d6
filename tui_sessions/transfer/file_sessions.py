"""What the importers of single-file stores share: finding, ordering and handing out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tui_sessions.transfer.base import ImportedSession, Skipped
from tui_sessions.transfer.drafts import SessionDraft, imported_session
from tui_sessions.transfer.single_files import (
    json_files,
    parents_first,
    read_object,
    unreadable_folder,
)


class FileSessions(ABC):
    """Reads a folder with one JSON file a session, whose forks name their parents."""

    name: str
    title: str

    def find(self) -> list[Path]:
        """Nowhere: the program that uses the format chooses the folder."""
        return []

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a file or a folder, parents before their forks."""
        if path.is_file():
            yield from self._session(path, user_id)
        elif path.is_dir():
            parents: dict[Path, Path | None] = {}
            unreadable: list[OSError] = []
            for file in json_files(path, self.leaves_out, unreadable):
                data = read_object(file)
                parent = self.parent_of(data) if isinstance(data, dict) else None
                parents[file] = sibling(file, parent) if parent else None
            for file in parents_first(parents):
                if file in parents:
                    yield from self._session(file, user_id)
            yield from map(unreadable_folder, unreadable)
        else:
            yield Skipped(path=path, reason="there is no such file or folder")

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

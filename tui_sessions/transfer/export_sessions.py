"""What the importers of downloaded exports share: looking into them, and reporting bad entries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tui_sessions.transfer.base import ImportedSession, Skipped, Survey
from tui_sessions.transfer.drafts import SessionDraft, imported_session
from tui_sessions.transfer.exports import (
    Export,
    UnreadableExport,
    downloaded_exports,
    open_export,
)
from tui_sessions.transfer.json_elements import json_objects
from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.units import newest_of

_QUICK = 4 * 1024 * 1024
"""Bytes of an export whose conversations are counted before an import."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a conversation comes from."""

    export: Export
    path: Path
    user_id: str
    problems: Problems
    """Takes up what a conversation had to leave out."""


class ExportSessions(ABC):
    """Reads exports whose conversations are the entries of large JSON arrays."""

    name: str
    title: str
    marks: frozenset[str]
    """Names of files of which such an export has one."""
    on_request_only = True
    """Some systems ask the person before a program may look into the folder of downloads."""

    def find(self) -> list[Path]:
        """The exports in the folder of downloads."""
        return downloaded_exports(self.marks)

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every conversation of a ZIP, a folder or a file, and the other branches as its forks."""
        yield from self._read(path, user_id, set())

    def survey(self, path: Path) -> Survey:
        """The conversations of an export that is small enough to be read through at once."""
        newest = newest_of([path])
        try:
            if path.is_dir() or path.stat().st_size > _QUICK:
                return Survey(sessions=None, newest=newest)
            with open_export(path, Problems(path)) as export:
                return Survey(sessions=self._count(export), newest=newest)
        except (UnreadableExport, OSError):
            return Survey(sessions=None, newest=newest)

    def _count(self, export: Export) -> int:
        count = 0
        for name, expected in export.conversation_files().items():
            if expected:
                with export.open(name) as file:
                    problems = Problems(export.path)
                    count += sum(1 for _ in json_objects(file, problems, "conversations"))
        return count

    def _read(
        self, path: Path, user_id: str, seen: set[str]
    ) -> Iterator[ImportedSession | Skipped]:
        problems = Problems(path)
        try:
            with open_export(path, problems) as export:
                yield from self._export(export, user_id, seen)
                if path.is_dir():
                    for name in export.names:
                        if name.lower().endswith(".zip"):
                            yield from self._read(path / name, user_id, seen)
        except UnreadableExport as error:
            problems.add(str(error))
        yield from problems.skipped()

    def _export(
        self, export: Export, user_id: str, seen: set[str]
    ) -> Iterator[ImportedSession | Skipped]:
        self.begin(export)
        files = export.conversation_files()
        total = max(sum(map(export.size_of, files)), 1)
        behind = 0
        for name, expected in files.items():
            path = export.place_of(name)
            problems = Problems(path)
            source = Source(export, path, user_id, problems)
            try:
                with export.open(name) as file:
                    for entry in json_objects(file, problems, "conversations"):
                        share = min((behind + file.tell()) / total, 1.0)
                        for found in self._conversation(entry, source, problems, seen):
                            yield replace(found, share=share)
            except UnreadableExport as error:
                problems.add(str(error))
            behind += export.size_of(name)
            if expected:
                yield from problems.skipped()

    def _conversation(
        self, entry: dict[str, Any], source: Source, problems: Problems, seen: set[str]
    ) -> Iterator[ImportedSession]:
        if not self.is_conversation(entry):
            problems.add(f"an entry is no {self.title} conversation")
            return
        known: str | None = None
        for draft in self.drafts(entry, source):
            if not draft.messages:
                continue
            if known is None and draft.external_id in seen:
                problems.add("a conversation is there twice")
                return
            known = known or draft.external_id
            seen.add(known)
            yield imported_session(draft)
        if known is None:
            problems.add("a conversation holds no messages")

    def begin(self, export: Export) -> None:
        """Look at the other files of an export before its conversations are read."""
        return

    @abstractmethod
    def is_conversation(self, entry: dict[str, Any]) -> bool:
        """Whether an entry is of this format."""

    @abstractmethod
    def drafts(self, entry: dict[str, Any], source: Source) -> Iterator[SessionDraft]:
        """The active branch of a conversation first, then the others as forks."""

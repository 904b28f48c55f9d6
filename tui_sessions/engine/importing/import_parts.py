"""The parts of a source on their way in: what is known of them, and how far they are read."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from tui_sessions.engine.importing.import_steps import ImportStep
from tui_sessions.transfer.base import ImportedSession, Importer, Skipped, SourceUnit
from tui_sessions.transfer.import_memory import Remembered, RememberedSkip
from tui_sessions.transfer.units import code_of, signature_of, units_of

_SETTLED_NS = 2_000_000_000
"""What was written later than that may be written again without its time being another one."""


_CODE_LENGTH = 8
_LARGE = 4 * 1024 * 1024
_EMPTY_MESSAGE = 1024
"""Bytes that a message without a word takes."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a source as it was before it is read."""

    unit: SourceUnit
    key: str
    """What it is remembered by."""
    digest: str
    """How it is; another one whenever its files or its importer are."""
    size: int
    newest_ns: int

    @property
    def place(self) -> Path:
        """The file to name where one has to stand for all."""
        return self.unit.files[0]

    def digest_since(self, moment: datetime | None) -> str:
        """How it is, for an import that leaves out what is older."""
        return f"{self.digest} {moment.isoformat() if moment else ''}"

    def is_older_than(self, moment: datetime | None) -> bool:
        """Whether nothing in it was written since then."""
        if moment is None or not self.unit.files:
            return False
        return self.newest_ns < int(moment.timestamp() * 1e9)


def parts_of(importer: Importer, places: Iterable[Path], owner: str) -> list[Part]:
    """The parts of some places.

    Args:
        importer: who reads them.
        places: files and folders.
        owner: what else makes a difference to what is imported: whose it is, and where it goes.
    """
    code = code_of(importer)[:_CODE_LENGTH]
    return [
        _part(unit, code, importer.name, owner, str(place))
        for place in places
        for unit in units_of(importer, place)
    ]


def parts_within(part: Part) -> list[Part]:
    """The smaller parts that a look into a part finds; none where it cannot be divided."""
    divide = part.unit.divide
    code = part.digest[:_CODE_LENGTH]
    try:
        return [_part(unit, code, part.key) for unit in divide()] if divide is not None else []
    except OSError:
        return []  # who reads it as a whole says why


def _part(unit: SourceUnit, code: str, *names: str) -> Part:
    files = signature_of(unit.files)
    state = files.digest if unit.state is None else _digest(unit.state)
    key = _digest("\0".join((*names, *map(str, unit.files[:1]), unit.name)))
    return Part(unit, key, f"{code}{state}", files.size, files.newest_ns)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def remembered_of(
    part: Part, steps: Iterable[ImportStep], since: datetime | None
) -> Remembered | None:
    """What to remember of a part that was read; None where it has to be read again in any case.

    Args:
        part: which.
        steps: what came of it.
        since: what was left out for being older holds for this moment only.
    """
    settled = part.unit.state is not None or time.time_ns() - part.newest_ns > _SETTLED_NS
    if not part.unit.files or not settled:
        return None
    sessions, skipped = [], []
    for step in steps:
        if step.outcome != "skipped":
            known = "" if step.outcome == "older" else step.session_id or ""
            sessions.append((known, str(step.path)))
        elif step.session_id is None:
            skipped.append(RememberedSkip(str(step.path), step.reason, step.lines, step.count))
        else:
            return None
    older = any(not session_id for session_id, _ in sessions)
    digest = part.digest_since(since) if older else part.digest
    return Remembered(digest, tuple(sessions), tuple(skipped))


def is_large(found: ImportedSession | Skipped) -> bool:
    """Whether a session fills so much memory that no other one should be there beside it."""
    if isinstance(found, Skipped):
        return False
    size = 0
    for chat in found.document.data["chats"]:
        for message in chat["messages"]:
            size += _EMPTY_MESSAGE + _text_length(message.get("content"))
    return size > _LARGE


def _text_length(content: object) -> int:
    """How long the texts of a message are; files of other programs may hold anything there."""
    length = 0
    for part in content if isinstance(content, list) else [content]:
        texts = part.values() if isinstance(part, dict) else [part]
        length += sum(len(text) for text in texts if isinstance(text, str))
    return length


class Reading:
    """How far the parts of a source are read, and what the one that is being read gave."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self._total = max(sum(part.size for part in parts), 1)
        self._behind = 0
        self._part: Part | None = None
        self._file: Path | None = None
        self._files_behind: dict[Path, int] = {}
        self._steps: list[ImportStep] = []

    def begin(self, part: Part) -> None:
        """Go on to another part."""
        self._part = part
        self._file = None
        self._files_behind.clear()
        self._steps.clear()

    def end(self) -> None:
        """The part is read."""
        self._behind += self._part.size if self._part else 0

    def stepped(self, step: ImportStep) -> ImportStep:
        """Note what came of one session, and how far that is."""
        if self._file is not None and step.path != self._file:
            self._files_behind.setdefault(self._file, _size(self._file))
        self._file = step.path
        self._steps.append(step)
        limit = self._part.size if self._part else 0
        within = max(sum(self._files_behind.values()), round(step.share * limit))
        behind = self._behind + min(within, limit)
        return msgspec.structs.replace(step, share=behind / self._total)

    def remembered(self, since: datetime | None) -> Remembered | None:
        """What to remember of the part, as `remembered_of` tells."""
        return remembered_of(self._part, self._steps, since) if self._part is not None else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

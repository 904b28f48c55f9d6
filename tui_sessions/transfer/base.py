"""The protocol of an importer, and the rules that hold for every one of them.

The same source always gives the same ids, so importing twice changes nothing. Importers only read,
and read live files: whatever is damaged, unfinished or foreign is left out and said, never raised.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from tui_sessions.model.document import SessionDocument
from tui_sessions.model.identifiers import id_from_name
from tui_sessions.model.placement import workspace_of_directory
from tui_sessions.model.session import Workspace

_DIGEST_LENGTH = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedSession:
    """A session as its source tells it; parents come before their children."""

    document: SessionDocument
    workspace: Workspace
    """Where it belongs; to be made when it does not exist yet."""
    path: Path
    """The file it was read from."""
    exact: bool = False
    """One of our own, which comes back as it was, its state included."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Where files lie that its messages name as kept ones, and do not hold, by those names."""
    share: float = 0.0
    """How much of what is read with it is behind, from 0 to 1, where that can be told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedTemplate:
    """The file of a workspace's own agent template."""

    workspace_id: str
    name: str
    content: bytes
    path: Path
    """The file it was read from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """Something that was left out, and why."""

    path: Path
    reason: str
    lines: tuple[int, ...] = ()
    """The first line numbers it concerns, from 1, where lines can be told."""
    count: int = 1
    """How many lines or records were left out for this reason."""


class Importer(Protocol):
    """Reads the histories of one foreign format."""

    name: str
    """How it is asked for, as `claude-code`."""
    title: str
    """What people call the source."""

    def find(self) -> list[Path]:
        """The places on this machine that hold such histories; only those that exist."""

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a file or a folder, one at a time.

        Bad content never raises; what cannot be used comes back as `Skipped`.

        Args:
            path: a file of the format, or a folder that is searched for such files.
            user_id: who owns the sessions from now on.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """What a place holds, as far as that can be told at once."""

    sessions: int | None
    """None: nobody can tell without reading all of it."""
    newest: datetime | None = None
    """When something in it was last written."""


@runtime_checkable
class Surveying(Protocol):
    """An importer that can count sessions without reading them."""

    def survey(self, path: Path) -> Survey:
        """How many sessions a place holds, and how new they are; quick rather than exact."""


@runtime_checkable
class HoldsWorkspaces(Protocol):
    """An importer whose places tell of workspaces too, be there sessions in them or not."""

    def workspaces(self, path: Path) -> list[Workspace]:
        """The workspaces that a place tells of; none where it cannot be read."""


@runtime_checkable
class HoldsTemplates(Protocol):
    """An importer whose places tell of templates that belong to their workspaces."""

    def templates(self, path: Path) -> Iterator[ImportedTemplate | Skipped]:
        """The templates of a place; none where it cannot be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceUnit:
    """What has to be read together, because its sessions build on each other."""

    files: tuple[Path, ...]
    """All files that make a difference to what is read; none: it is read every time."""
    read: Callable[[str], Iterator[ImportedSession | Skipped]]
    """Its sessions, for their owner's id; as `Importer.read` gives them."""
    divide: Callable[[], Iterable[SourceUnit]] | None = None
    """The smaller parts that a look into its files finds; reading all of those is the same."""
    name: str = ""
    """What tells it from others that its files hold too."""
    state: str | None = None
    """How what is read of its files is now; None: that is told by the files as a whole."""


@runtime_checkable
class Divided(Protocol):
    """An importer whose places fall into parts that can be read each by itself."""

    def units(self, path: Path) -> Iterator[SourceUnit]:
        """The parts of a place; reading all of them is the same as reading the place."""


def session_id_for(format_name: str, external_id: str) -> str:
    """Our id of a foreign session; the same for the same source, always."""
    return f"{id_from_name(format_name)[:40]}-{_digest(format_name, external_id)}"


def message_id_for(format_name: str, scope: str, record_id: str) -> str:
    """Our id of a foreign message.

    Args:
        format_name: the importer's name.
        scope: the foreign session's id, or nothing where record ids are unique everywhere.
        record_id: the source's id of the record.
    """
    return f"m{_digest(format_name, scope, record_id)}"


def placed_message_id(format_name: str, scope: str, place: int, role: str, text: str) -> str:
    """Our id of a foreign message that has none of its own."""
    return f"m{_digest(format_name, scope, str(place), role, text)}"


def workspace_for(directory: str | None, source_title: str) -> Workspace:
    """The workspace of a real directory, or the one of a source that knows no directories."""
    if directory:
        return workspace_of_directory(directory)
    return Workspace(id=id_from_name(source_title), name=source_title)


def _digest(*parts: str) -> str:
    joined = "\0".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:_DIGEST_LENGTH]

"""The protocol of an exporter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tui_sessions.model.document import SessionDocument
from tui_sessions.model.session import Session


class Exporter(Protocol):
    """Writes a session in one format."""

    name: str
    """How it is asked for, as `markdown`."""
    title: str
    """What people call the format."""
    suffix: str
    """How the names of its files end."""

    def export(self, document: SessionDocument) -> bytes:
        """The session as a file; nothing in it makes this fail."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ForkNote:
    """A session that was forked from the one that is written, or started by it."""

    session_id: str
    label: str
    kind: str
    """`fork`, `spawn` or `checkpoint`."""
    message_id: str | None = None
    """The last message of the parent's that it carries, or the one that started it."""
    file: str | None = None
    """The file of the same export that holds it; None where none does."""


@runtime_checkable
class TellsForks(Protocol):
    """An exporter that says where others forked off."""

    def export_with_forks(self, document: SessionDocument, forks: Sequence[ForkNote]) -> bytes:
        """The session as a file, which tells of its forks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedFile:
    """A session that was written together with others."""

    name: str
    """A relative path with slashes."""
    session: Session


@runtime_checkable
class Indexed(Protocol):
    """An exporter that leads to the sessions it wrote by one more file."""

    def index(self, files: Sequence[ExportedFile]) -> tuple[str, bytes]:
        """The name and the content of that file."""

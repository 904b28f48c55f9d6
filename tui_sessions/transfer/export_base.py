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

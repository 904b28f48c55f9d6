"""What stores tell of sessions."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tui_sessions.model.document import SessionDocument


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """A session that a store holds, and the version of it that is there now."""

    session_id: str
    workspace_id: str
    version: str
    """Differs whenever the content differs; made without reading the content."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A document as it was read."""

    document: SessionDocument
    version: str


class Appended(msgspec.Struct, frozen=True, kw_only=True):
    """What a store says of changes that it took."""

    before: str
    """The version that the changes were applied to; another than the one known to the caller
    when somebody else changed the session meanwhile."""
    after: str
    revision: int
    """The revision that the changes made."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is damaged, foreign or in the way; it was left as it is."""

    path: str
    reason: str
    session_id: str | None = None
    workspace_id: str | None = None


class Trashed(msgspec.Struct, frozen=True, kw_only=True):
    """A deleted session that can be brought back."""

    session_id: str
    workspace_id: str
    label: str
    deleted_at: datetime

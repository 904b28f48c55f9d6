"""What the catalog says of the store, apart from the sessions themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from tui_sessions.model.session import Session


class WorkspaceCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many sessions a workspace has, and when one of them was last used."""

    workspace_id: str
    sessions: int
    newest: datetime


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """What has changed since a mark, be it by this process or by another."""

    mark: int
    sessions: Sequence[Session] = ()
    removed: Sequence[str] = ()
    found_as_before: Collection[str] = frozenset()
    """The ids of those sessions of which the very same is found as at the mark."""


class Known(NamedTuple):
    """What is known of a session without its snapshot."""

    version: str
    workspace_id: str
    sequence: int
    """The number of the write that brought it; higher than any for what is not written yet."""


class CatalogState(msgspec.Struct, frozen=True, kw_only=True):
    """How the catalog stands at a moment."""

    sequence: int
    """The number of the last write."""
    sessions: int
    """How many there are, as far as was counted."""
    folders: dict[str, str]
    """The marks of the store's workspaces when they were last looked through."""

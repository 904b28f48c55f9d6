"""Where the app starts."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Start(msgspec.Struct, frozen=True):
    """Where the app starts."""

    workspace_id: str
    workspace_name: str
    directory: Path | None
    surface: str
    session_id: str | None = None
    """A session to open, instead of the one that was open here before."""

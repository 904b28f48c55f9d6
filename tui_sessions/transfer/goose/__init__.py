"""goose: a database of sessions, or of older versions a JSON Lines file a session."""

from __future__ import annotations

from tui_sessions.transfer.goose.importer import GooseImporter

__all__ = ["GooseImporter"]

"""opencode: a database of sessions, or of older versions a folder tree with a file a part."""

from __future__ import annotations

from tui_sessions.transfer.opencode.importer import OpencodeImporter

__all__ = ["OpencodeImporter"]

"""Claude Code: one JSON Lines file a session, in a folder a project."""

from __future__ import annotations

from tui_sessions.transfer.claude_code.importer import ClaudeCodeImporter

__all__ = ["ClaudeCodeImporter"]

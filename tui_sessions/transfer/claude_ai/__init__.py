"""Claude.ai's export: conversations in one large file, newer ones as trees."""

from __future__ import annotations

from tui_sessions.transfer.claude_ai.importer import ClaudeAiImporter

__all__ = ["ClaudeAiImporter"]

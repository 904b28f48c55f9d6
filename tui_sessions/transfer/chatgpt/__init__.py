"""ChatGPT's export: conversations that are trees, in one large file or in many."""

from __future__ import annotations

from tui_sessions.transfer.chatgpt.importer import ChatGPTImporter

__all__ = ["ChatGPTImporter"]

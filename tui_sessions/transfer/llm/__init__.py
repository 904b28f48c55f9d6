"""llm, the command-line tool: one database of logs, with tables of two generations."""

from __future__ import annotations

from tui_sessions.transfer.llm.importer import LlmImporter

__all__ = ["LlmImporter"]

"""Gemini CLI: one file a session in a folder a project, older ones whole, newer ones as logs."""

from __future__ import annotations

from tui_sessions.transfer.gemini_cli.importer import GeminiCliImporter

__all__ = ["GeminiCliImporter"]

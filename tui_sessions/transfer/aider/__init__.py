"""aider: one Markdown file a repository, to which every run appends."""

from __future__ import annotations

from tui_sessions.transfer.aider.importer import AiderImporter

__all__ = ["AiderImporter"]

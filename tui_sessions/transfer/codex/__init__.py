"""Codex: one rollout a session, JSON Lines in several dialects, some of them compressed."""

from __future__ import annotations

from tui_sessions.transfer.codex.importer import CodexImporter

__all__ = ["CodexImporter"]

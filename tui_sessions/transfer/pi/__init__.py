"""pi: a JSON Lines file a session, whose entries are a tree since its second version."""

from __future__ import annotations

from tui_sessions.transfer.pi.importer import PiImporter

__all__ = ["PiImporter"]

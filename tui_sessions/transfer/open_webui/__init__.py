"""Open WebUI: exported chats, or its database; each chat is a tree of messages."""

from __future__ import annotations

from tui_sessions.transfer.open_webui.importer import OpenWebuiImporter

__all__ = ["OpenWebuiImporter"]

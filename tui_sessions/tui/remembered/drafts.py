"""What was typed and not sent, kept over switching and restarting."""

from __future__ import annotations

from pathlib import Path

from tui_sessions.tui.remembered.chat_notes import ChatNotes


class Drafts(ChatNotes):
    """Drafts by chat."""

    @property
    def folder(self) -> Path:
        """Where the app remembers such things."""
        return self._path.parent

"""Importing Claude.ai's export: the ZIP, its folder or a file; also single saved conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_sessions.transfer.claude_ai.conversation import conversation_drafts
from tui_sessions.transfer.claude_ai.messages import FORMAT, TITLE
from tui_sessions.transfer.drafts import SessionDraft
from tui_sessions.transfer.export_sessions import ExportSessions, Source


class ClaudeAiImporter(ExportSessions):
    """Reads what Claude.ai sends to people who ask for their data."""

    name = FORMAT
    title = TITLE
    marks = frozenset({"users.json"})

    def is_conversation(self, entry: dict[str, Any]) -> bool:
        """An entry with a list of messages."""
        return isinstance(entry.get("chat_messages"), list)

    def drafts(self, entry: dict[str, Any], source: Source) -> Iterator[SessionDraft]:
        """The active branch of a conversation first, then the others as forks."""
        return conversation_drafts(entry, source)

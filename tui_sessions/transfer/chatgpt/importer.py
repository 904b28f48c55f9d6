"""Importing ChatGPT's export: the ZIP, its folder, a shard of it or a single conversation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_sessions.transfer.chatgpt.conversation import conversation_drafts
from tui_sessions.transfer.chatgpt.pictures import ExportPictures
from tui_sessions.transfer.drafts import SessionDraft
from tui_sessions.transfer.export_sessions import ExportSessions, Source
from tui_sessions.transfer.exports import Export


class ChatGPTImporter(ExportSessions):
    """Reads what ChatGPT sends to people who ask for their data."""

    name = "chatgpt"
    title = "ChatGPT"
    marks = frozenset({"chat.html", "user.json"})

    def __init__(self) -> None:
        self._pictures: ExportPictures | None = None

    def begin(self, export: Export) -> None:
        """See which pictures the export holds."""
        self._pictures = ExportPictures(export)

    def is_conversation(self, entry: dict[str, Any]) -> bool:
        """An entry with a tree of messages."""
        return isinstance(entry.get("mapping"), dict)

    def drafts(self, entry: dict[str, Any], source: Source) -> Iterator[SessionDraft]:
        """The active branch of a conversation first, then the others as forks."""
        pictures = self._pictures or ExportPictures(source.export)
        pictures.begin_conversation()
        yield from conversation_drafts(entry, source, pictures)
        for reason in pictures.left_out:
            source.problems.add(reason)

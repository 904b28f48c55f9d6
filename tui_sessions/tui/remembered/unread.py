"""The chats with replies that nobody has seen, kept over restarting."""

from __future__ import annotations

from collections.abc import Iterator, MutableSet
from pathlib import Path

from tui_sessions.tui.remembered.chat_notes import ChatNotes

ChatKey = tuple[str, str]
"""A session's and a chat's id."""


class UnreadMarks(MutableSet[ChatKey]):
    """The marks, in one small file; those of temporary sessions are written nowhere."""

    def __init__(self, path: Path) -> None:
        self._kept = ChatNotes(path)
        self._marks: set[ChatKey] = set()

    def __contains__(self, key: object) -> bool:
        return key in self._marks

    def __iter__(self) -> Iterator[ChatKey]:
        return iter(self._marks)

    def __len__(self) -> int:
        return len(self._marks)

    def load(self) -> None:
        """Read the file (blocking); one that cannot be read holds no marks."""
        self._kept.load()
        read = (key.partition("/") for key in self._kept.noted())
        self._marks |= {(session_id, chat_id) for session_id, _, chat_id in read}

    def add(self, value: ChatKey, *, temporary: bool = False) -> None:
        """Mark a chat as unread."""
        self._marks.add(value)
        if not temporary:
            self._kept.put("/".join(value), "unread")

    def discard(self, value: ChatKey) -> None:
        """Mark a chat as read."""
        self._marks.discard(value)
        self._kept.put("/".join(value), "")

    def forget_session(self, session_id: str) -> None:
        """Forget the marks of a session that is gone for good."""
        for key in [key for key in self._marks if key[0] == session_id]:
            self.discard(key)

    def save(self) -> None:
        """Write what changed into the file (blocking); other windows' marks stay.

        Raises:
            OSError: the disk would not take it.
        """
        self._kept.save()

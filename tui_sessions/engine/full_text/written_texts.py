"""What was written last into the full-text index, so that it need not be compared again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from tui_sessions.index.base import ChatText, SessionText

_REMEMBERED, _REMEMBERED_MESSAGES = 8, 1_000
"""Sessions of which is remembered what was written last, and their messages in all."""


class WrittenTexts:
    """Remembers the messages of a few open sessions as they were written."""

    def __init__(self) -> None:
        self._written: OrderedDict[str, Sequence[ChatText]] = OrderedDict()

    @property
    def by_session(self) -> Mapping[str, Sequence[ChatText]]:
        """What is remembered, by the ids of the sessions."""
        return self._written

    def remember(self, texts: Sequence[SessionText]) -> None:
        """Remember what has just been written, of as many as are worth it."""
        for text in texts:
            if text.messages_as:
                continue  # what was written of its messages is what there is
            self._written.pop(text.session_id, None)
            if text.live:
                self._written[text.session_id] = text.chats
        messages = [sum(len(c.messages) for c in chats) for chats in self._written.values()]
        while len(messages) > _REMEMBERED or (
            len(messages) > 1 and sum(messages) > _REMEMBERED_MESSAGES
        ):
            self._written.popitem(last=False)
            messages.pop(0)

    def forget(self, session_id: str) -> None:
        """Have a session compared as a whole the next time."""
        self._written.pop(session_id, None)

    def clear(self) -> None:
        """Have all of them compared."""
        self._written.clear()

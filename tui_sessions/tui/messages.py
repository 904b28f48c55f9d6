"""Messages that many parts of the screen listen to."""

from __future__ import annotations

from textual.message import Message

from tui_sessions.model.events import Event


class EngineHappened(Message):
    """The engine told of something."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event

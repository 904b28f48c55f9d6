"""A reply as it arrives: what has come, and what of it is not on disk yet."""

from __future__ import annotations

import time
from typing import Any

from tui_sessions.errors import ProviderError
from tui_sessions.model.changes import Change, ExtendMessage, PutMessage
from tui_sessions.model.clock import now
from tui_sessions.model.codec import is_json, message_data, parts_data
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.message import Message, Part, TextPart, ThinkingPart, ToolCallPart
from tui_sessions.model.usage import Usage
from tui_sessions.providers.base import Finished, ReplyPart, TextDelta, ThinkingDelta, ToolCall


class ReplyBuilder:
    """Gathers the parts of one reply; text that follows text of its kind joins it."""

    def __init__(self, model: str | None) -> None:
        self.message_id = new_id()
        self._model = model
        self._created_at = now()
        self._started = time.monotonic()
        self._usage: Usage | None = None
        self._finish_reason: str | None = None
        self._parts: list[Part] = []
        self._open: list[str] = []
        self._open_kind: type[TextPart] | type[ThinkingPart] = TextPart
        self._unsaved: list[Part] = []
        self._on_disk = False
        self.finished = False
        self.length = 0
        """How many characters of text and thinking have arrived."""

    def add(self, part: ReplyPart) -> None:
        """Take what arrived.

        Raises:
            ProviderError: it is no part of a reply.
        """
        match part:
            case TextDelta(str() as text):
                self._grow(TextPart, text)
            case ThinkingDelta(str() as text):
                self._grow(ThinkingPart, text)
            case ToolCall(ToolCallPart() as call) if is_json(call):
                self._close_open()
                self._parts.append(call)
                self._unsaved.append(call)
            case Finished(usage=Usage() | None, model=str() | None, finish_reason=str() | None):
                self.finished = True
                self._usage = part.usage
                self._model = part.model or self._model
                self._finish_reason = part.finish_reason
            case _:
                raise ProviderError(f"The provider sent what is no part of a reply: {part!r:.80}.")

    def message(self, status: str, error: str | None = None) -> Message:
        """The reply as it stands."""
        return Message(
            id=self.message_id,
            role="assistant",
            content=self._content(),
            created_at=self._created_at,
            status=status,
            model=self._model,
            elapsed_s=round(time.monotonic() - self._started, 3),
            usage=self._usage,
            error=error,
            metadata=self._metadata(),
        )

    def unsaved_changes(self, chat_id: str) -> list[Change]:
        """What brings the disk up to what has arrived; nothing when it is."""
        if not self._unsaved:
            return []
        if not self._on_disk:
            self._on_disk = True
            self._unsaved.clear()
            return [PutMessage(chat=chat_id, value=message_data(self.message("partial")))]
        content: list[dict[str, Any]] = parts_data(self._unsaved)
        self._unsaved.clear()
        return [ExtendMessage(chat=chat_id, message=self.message_id, content=content)]

    def save_failed(self) -> None:
        """What was handed out last did not reach the disk: hand out the whole reply next."""
        self._on_disk = False
        self._unsaved = list(self._content())

    @property
    def empty(self) -> bool:
        """Nothing has arrived."""
        return not self._parts and not self._open

    def _metadata(self) -> dict[str, Any]:
        """Why the model ended, where it is not that it had said all."""
        if self._finish_reason in (None, "stop"):
            return {}
        return {"finish_reason": self._finish_reason}

    def _grow(self, kind: type[TextPart] | type[ThinkingPart], text: str) -> None:
        if not text:
            return
        if self._open and self._open_kind is not kind:
            self._close_open()
        self._open_kind = kind
        self._open.append(text)
        self.length += len(text)
        self._unsaved.append(kind(text))

    def _close_open(self) -> None:
        if self._open:
            self._parts.append(self._open_kind("".join(self._open)))
            self._open.clear()

    def _content(self) -> tuple[Part, ...]:
        growing = (self._open_kind("".join(self._open)),) if self._open else ()
        return (*self._parts, *growing)

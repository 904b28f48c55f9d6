"""A reply as it arrives: what has come, and what of it is not on disk yet."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec

from tui_sessions.errors import ProviderError
from tui_sessions.model.changes import Change, ExtendMessage, PutMessage
from tui_sessions.model.clock import now
from tui_sessions.model.codec import is_json, message_data, parts_data
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.message import (
    Message,
    Part,
    Signature,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from tui_sessions.model.nesting import nests_deeper
from tui_sessions.model.usage import Usage, known_usage, total_usage
from tui_sessions.providers.base import (
    Finished,
    ReplyPart,
    ReplyRequest,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    UsageSoFar,
)

MOST_LEVELS = 50
"""How deep a call's arguments nest; what goes deeper is text that no tool is run with."""
_GROWING = (TextPart, ThinkingPart)
_OF_THE_END = ("finish_reason", "error_kind")
"""What a reply's metadata says of its end; one that is gone on with gets another end."""


class ReplyBuilder:
    """Gathers the parts of one reply; text that follows text of its kind joins it.

    Where it continues a message, what arrives grows that one.
    """

    def __init__(self, continues: Message | None = None) -> None:
        self._before = continues or Message(id=new_id(), role="assistant", created_at=now())
        self.message_id = self._before.id
        self._model = self._before.model
        self._started = time.monotonic()
        self._usage: Usage | None = None
        self._finish_reason: str | None = None
        self._parts = list(self._before.content)
        self._open: list[str] = []
        self._open_kind: type[TextPart] | type[ThinkingPart] = TextPart
        self._unsaved: list[Part] = []
        self._on_disk = False
        self._taken: set[str] = set()
        self._reopen()
        self.calls: list[ToolCallPart] = []
        """The tool calls that have arrived."""
        self.empty = True
        """Nothing has arrived."""
        self.finished = False
        self.length = sum(len(p.text) for p in self._before.content if isinstance(p, _GROWING))
        """How many characters of text and thinking there are."""

    def begin(self, request: ReplyRequest) -> None:
        """The reply is asked for now: its time counts from here."""
        self._started = time.monotonic()
        self._model = request.agent.model or self._model
        self._taken = {
            part.id
            for message in request.messages
            for part in message.content
            if isinstance(part, ToolCallPart)
        }

    def add(self, part: ReplyPart) -> None:
        """Take what arrived.

        Raises:
            ProviderError: it is no part of a reply.
        """
        match part:
            case TextDelta(str() as text):
                self._grow(TextPart, text)
            case ThinkingDelta(str() as text, Signature() | None as signature):
                self._grow(ThinkingPart, text)
                if signature is not None:
                    self._sign(signature)
            case ToolCall(ToolCallPart() as call) if is_json(call):
                self._call(call)
            case UsageSoFar(Usage() as usage):
                self._usage = known_usage(usage) or self._usage
            case Finished(usage=Usage() | None, model=str() | None, finish_reason=str() | None):
                self.finished = True
                self._usage = known_usage(part.usage) or self._usage
                self._model = part.model or self._model
                self._finish_reason = part.finish_reason
            case _:
                raise ProviderError(f"The provider sent what is no part of a reply: {part!r:.80}.")

    def message(self, status: str, error: str | None = None) -> Message:
        """The reply as it stands."""
        before = self._before
        usages = [usage for usage in (before.usage, self._usage) if usage is not None]
        return msgspec.structs.replace(
            before,
            content=self._content(),
            status=status,
            model=self._model,
            elapsed_s=round((before.elapsed_s or 0) + time.monotonic() - self._started, 3),
            usage=total_usage(usages) if usages else None,
            error=error,
            metadata=self._metadata(),
        )

    def step(self) -> Message:
        """The reply as one that ends with tool calls, whatever its provider calls that."""
        self._finish_reason = "tool_call"
        return self.message("complete")

    def unsaved_changes(self, chat_id: str) -> list[Change]:
        """What brings the disk up to what has arrived; nothing when it is."""
        if not self._unsaved:
            return []
        if not self._on_disk:
            self._on_disk = True
            self._unsaved.clear()
            return [PutMessage(chat=chat_id, value=message_data(self.message("partial")))]
        content: list[dict[str, Any]] = parts_data(_joined(self._unsaved))
        self._unsaved.clear()
        return [ExtendMessage(chat=chat_id, message=self.message_id, content=content)]

    def save_failed(self) -> None:
        """What was handed out last did not reach the disk: hand out the whole reply next."""
        self._on_disk = False
        self._unsaved = list(self._content())

    def _metadata(self) -> dict[str, Any]:
        """Why the model ended, where it is not that it had said all."""
        kept = {k: v for k, v in self._before.metadata.items() if k not in _OF_THE_END}
        if self._finish_reason in (None, "stop"):
            return kept
        return kept | {"finish_reason": self._finish_reason}

    def _reopen(self) -> None:
        """Let text that follows the end of a continued message join it."""
        last = self._parts[-1] if self._parts else None
        if isinstance(last, TextPart) or (isinstance(last, ThinkingPart) and not last.signature):
            self._open, self._open_kind = [last.text], type(last)
            self._parts.pop()

    def _call(self, call: ToolCallPart) -> None:
        """Take a tool call; one whose id is missing or used already gets one of its own."""
        self._close_open()
        if not call.id or call.id in self._taken:
            call = msgspec.structs.replace(call, id=new_id())
        if nests_deeper(call.arguments, MOST_LEVELS):
            text = json.dumps(call.arguments, ensure_ascii=False, default=str)
            call = msgspec.structs.replace(call, arguments=text)
        self._taken.add(call.id)
        for calls in (self._parts, self._unsaved, self.calls):
            calls.append(call)
        self.empty = False

    def _grow(self, kind: type[TextPart] | type[ThinkingPart], text: str) -> None:
        if not text:
            return
        if self._open and self._open_kind is not kind:
            self._close_open()
        self._open_kind = kind
        self._open.append(text)
        self.length += len(text)
        self.empty = False
        self._unsaved.append(kind(text))

    def _sign(self, signature: Signature) -> None:
        """End a thought with what its provider wants back with it."""
        if self._open_kind is not ThinkingPart:
            self._close_open()
        self._parts.append(ThinkingPart("".join(self._open), signature))
        self._open.clear()
        self._unsaved.append(ThinkingPart("", signature))

    def _close_open(self) -> None:
        if self._open:
            self._parts.append(self._open_kind("".join(self._open)))
            self._open.clear()

    def _content(self) -> tuple[Part, ...]:
        growing = (self._open_kind("".join(self._open)),) if self._open else ()
        return (*self._parts, *growing)


def _joined(parts: Sequence[Part]) -> Iterator[Part]:
    """The same with one part for each run of text: a token by itself is small in the journal."""
    for kind, run in groupby(parts, _growing_kind):
        if kind is None:
            yield from run
        else:
            yield kind("".join([getattr(part, "text", "") for part in run]))


def _growing_kind(part: Part) -> type[TextPart] | type[ThinkingPart] | None:
    """What can be joined to more of its kind; a signed thought is at its end."""
    if isinstance(part, TextPart):
        return TextPart
    is_open = isinstance(part, ThinkingPart) and part.signature is None
    return ThinkingPart if is_open else None

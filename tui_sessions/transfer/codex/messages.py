"""From the records of one line of conversation to its messages."""

from __future__ import annotations

import ntpath
from collections.abc import Callable, Mapping, Sequence

from tui_sessions.model.message import (
    FilePart,
    Message,
    OpaquePart,
    Part,
    SummaryPart,
    TextPart,
)
from tui_sessions.model.usage import Usage
from tui_sessions.transfer.base import message_id_for, placed_message_id
from tui_sessions.transfer.codex.items import RESULTS, message_parts, parts_of_item, result_parts
from tui_sessions.transfer.codex.prompts import event_content
from tui_sessions.transfer.codex.records import Kind, Record
from tui_sessions.transfer.codex.user_text import (
    is_injected,
    is_interruption,
    typed_and_context,
    without_picture_tags,
)
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.message_drafts import MessageDraft, mark_stopped
from tui_sessions.transfer.pictures import picture_of_url

FORMAT = "codex"


Draft = MessageDraft[Record]


class MessageBuilder:
    """Takes records in their order and makes messages of them."""

    def __init__(self, prompts: set[int], usages: Mapping[int, Usage]) -> None:
        """Take which places hold prompts, and what was used by the places of the counts."""
        self._prompts = prompts
        self._usages = usages
        self._drafts: list[Draft] = []
        self._open: Draft | None = None
        """The message that more items may still go to."""
        self._turn: Draft | None = None
        """The first reply of the turn, which carries what the whole turn used."""
        self._unassigned: Usage | None = None
        self._model: str | None = None
        self._take_by_kind: dict[Kind, Callable[[Record], None]] = {
            Kind.ITEM: self._take_item,
            Kind.MODEL: self._take_model,
            Kind.SUMMARY: self._take_summary,
            Kind.STOPPED: lambda _: mark_stopped(self._drafts),
            Kind.OTHER: self._take_unknown,
        }

    def build(self, records: Sequence[Record], places: Sequence[int]) -> list[Message]:
        """The messages of those of the records that are at these places."""
        for place in places:
            record = records[place]
            if place in self._usages:
                self._count(self._usages[place])
            if place in self._prompts:
                self._take_prompt(record)
            elif record.kind in self._take_by_kind:
                self._take_by_kind[record.kind](record)
        return [_message(draft) for draft in self._drafts]

    @property
    def sources(self) -> list[Record]:
        """The first record of each message."""
        return [draft.record for draft in self._drafts]

    def _take_item(self, record: Record) -> None:
        if record.item_type in RESULTS:
            self._gather(record, "tool", result_parts(record.payload))
        elif record.item_type == "agent_message":
            parts = message_parts(record.payload.get("content"))
            self._add(record, "user", parts or [OpaquePart(record.payload)], hidden=True)
        elif record.item_type != "message" or record.payload.get("role") == "assistant":
            self._take_output(record)
        else:
            self._take_context(record)

    def _take_output(self, record: Record) -> None:
        """Gather what one model call wrote; it says at most one thing, at its end or before calls.

        What the model thinks after it has said something begins another message.
        """
        parts = parts_of_item(record.payload, record.line)
        starts = record.item_type in ("message", "reasoning")
        said = self._open is not None and any(isinstance(p, TextPart) for p in self._open.parts)
        if starts and said:
            self._open = None
        if parts:
            self._gather(record, "assistant", parts)

    def _gather(self, record: Record, role: str, parts: list[Part]) -> None:
        if self._open is not None and self._open.role == role:
            self._open.parts += parts
            return
        draft = Draft(record, role, parts)
        if role == "assistant":
            draft.model = self._model
            if self._turn is None:
                self._turn = draft
                draft.usage, self._unassigned = self._unassigned, None
                draft.metadata["usage_covers"] = "turn"
        self._drafts.append(draft)
        self._open = draft

    def _take_context(self, record: Record) -> None:
        role = "system" if record.payload.get("role") in ("developer", "system") else "user"
        parts = message_parts(record.payload.get("content"))
        if any(isinstance(part, TextPart) and is_interruption(part.text) for part in parts):
            mark_stopped(self._drafts)
        self._add(record, role, parts, hidden=True)

    def _take_prompt(self, record: Record) -> None:
        self._turn = None
        parts = _event_parts(record) if record.kind is Kind.PROMPT else _item_parts(record)
        typed: list[Part] = []
        context: list[Part] = []
        for part in parts:
            if not isinstance(part, TextPart):
                typed.append(part)
                continue
            is_typed = record.kind is Kind.PROMPT or not is_injected(part.text)
            text, above = typed_and_context(part.text) if is_typed else ("", part.text)
            context += [TextPart(above)] if above else []
            typed += [TextPart(text)] if text.strip() else []
        self._add(record, "user", context, ":context", hidden=True)
        self._add(record, "user", typed)

    def _take_summary(self, record: Record) -> None:
        text = text_or_none(record.payload.get("message"))
        if text:
            self._add(record, "system", [SummaryPart(text)])
        else:
            # The summary is sealed; what is sent in its place are the old prompts.
            self._add(record, "system", [OpaquePart(record.payload)], hidden=True)

    def _take_model(self, record: Record) -> None:
        self._model = text_or_none(record.payload.get("model")) or self._model

    def _take_unknown(self, record: Record) -> None:
        self._add(record, "system", [OpaquePart(record.payload)], hidden=True)

    def _add(
        self, record: Record, role: str, parts: list[Part], suffix: str = "", hidden: bool = False
    ) -> None:
        if parts:
            self._open = None
            self._drafts.append(Draft(record, role, parts, suffix, hidden))

    def _count(self, usage: Usage) -> None:
        """Counts come before or after the items that they count."""
        if self._turn is None:
            self._unassigned = usage if self._unassigned is None else self._unassigned + usage
        else:
            known = self._turn.usage
            self._turn.usage = usage if known is None else known + usage


def _message(draft: Draft) -> Message:
    """The finished message; its id comes from its first record."""
    record = draft.record
    if record.source_id:
        message_id = message_id_for(FORMAT, record.rollout, record.source_id + draft.suffix)
        return draft.message(message_id, {"source_id": record.source_id})
    role, said = draft.role + draft.suffix, repr(record.payload)
    message_id = placed_message_id(FORMAT, record.rollout, record.line, role, said)
    return draft.message(message_id, {"source_line": record.line})


def _item_parts(record: Record) -> list[Part]:
    parts: list[Part] = []
    for part in message_parts(record.payload.get("content")):
        if isinstance(part, TextPart):
            text = without_picture_tags(part.text)
            parts += [TextPart(text)] if text.strip() else []
        else:
            parts.append(part)
    return parts


def _event_parts(record: Record) -> list[Part]:
    text, others = event_content(record.payload)
    parts: list[Part] = [TextPart(text)] if text.strip() else []
    for other in others:
        url = other.get("image_url", other.get("url")) if isinstance(other, dict) else other
        path = other.get("path") if isinstance(other, dict) else other
        picture = picture_of_url(url) if isinstance(url, str) else None
        if picture is not None:
            parts.append(picture)
        elif isinstance(path, str) and path:
            parts.append(FilePart(ntpath.basename(path) or path, path=path))
        elif isinstance(other, dict):
            parts.append(OpaquePart(other))
    return parts

"""From the records of one branch to its messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui_sessions.model.message import Message, OpaquePart, Part, SummaryPart, TextPart
from tui_sessions.transfer.base import message_id_for, placed_message_id
from tui_sessions.transfer.blocks import CallIds, blocks_of, parts_of_block, usage_of
from tui_sessions.transfer.claude_code.records import Kind, Record, typed_blocks
from tui_sessions.transfer.claude_code.user_text import is_interruption
from tui_sessions.transfer.message_drafts import MessageDraft, mark_stopped

FORMAT = "claude-code"
_SYNTHETIC = "<synthetic>"


Draft = MessageDraft[Record]


class MessageBuilder:
    """Takes the records of a branch in the order of the file and makes messages of them."""

    def __init__(self) -> None:
        self._drafts: list[Draft] = []
        self._replies: dict[tuple[str, str], Draft] = {}
        self._replies_by_id: dict[str, Draft] = {}
        self._calls = CallIds()
        self.sources: list[Record] = []
        """The first record of each message that was built."""

    def build(self, records: Iterable[Record]) -> list[Message]:
        """The messages, each where its first record stands, of the records of one branch."""
        for record in records:
            self._take(record)
        self._replies.clear()
        self._replies_by_id.clear()
        self._drafts.reverse()
        messages: list[Message] = []
        while self._drafts:  # of a long branch there is no room for both
            draft = self._drafts.pop()
            self.sources.append(draft.record)
            messages.append(_message(draft, len(messages)))
        return messages

    def _take(self, record: Record) -> None:
        match record.kind:
            case Kind.ASSISTANT:
                self._take_reply(record)
            case Kind.PROMPT | Kind.USER:
                self._take_user(record)
            case Kind.QUEUED:
                self._add(record, "user", self._queued_parts(record))
            case Kind.SYSTEM:
                content = record.data.get("content")
                if isinstance(content, str):
                    self._add(record, "system", [TextPart(content)], hidden=True)
            case Kind.OTHER:
                self._add(record, "system", [OpaquePart(record.data)], hidden=True)
            case Kind.LINK:
                pass

    def _take_reply(self, record: Record) -> None:
        """Join the lines of one streamed reply; its usage stands on each line and counts once."""
        message = record.message
        parts = [part for block in record.blocks for part in parts_of_block(block, self._calls)]
        key = (_text(message.get("id")), _text(record.data.get("requestId")))
        draft = self._known_reply(*key) if key[0] else None
        if draft is None:
            draft = self._start_reply(record, key)
        draft.parts += parts
        usage = usage_of(message.get("usage"))
        if usage and (draft.usage is None or usage.output_tokens >= draft.usage.output_tokens):
            draft.usage = usage

    def _known_reply(self, reply_id: str, request: str) -> Draft | None:
        """The reply that a line belongs to; some versions name the request on no line, or on some.

        Another request with the same reply is another reply.
        """
        known = self._replies.get((reply_id, request)) or self._replies.get((reply_id, ""))
        if known is None and not request:
            known = self._replies_by_id.get(reply_id)
        if known is not None:
            self._replies.setdefault((reply_id, request), known)
        return known

    def _start_reply(self, record: Record, key: tuple[str, str]) -> Draft:
        model = _text(record.message.get("model"))
        synthetic = model == _SYNTHETIC or record.data.get("isApiErrorMessage") is True
        draft = Draft(record, "assistant", [], hidden=synthetic)
        draft.model = model if model and model != _SYNTHETIC else None
        if key[0]:
            draft.metadata["source_message_id"] = key[0]
            self._replies[key] = draft
            self._replies_by_id.setdefault(key[0], draft)
        if record.data.get("isAbortedMidStream") is True:
            draft.status = "stopped"
        self._drafts.append(draft)
        return draft

    def _take_user(self, record: Record) -> None:
        if record.is_summary:
            text = "\n\n".join(b["text"] for b in record.blocks if isinstance(b.get("text"), str))
            self._add(record, "system", [SummaryPart(text)])
            return
        results = [block for block in record.blocks if block.get("type") == "tool_result"]
        self._add(record, "tool", self._parts(results))
        typed, injected = typed_blocks(record, record.kind is Kind.PROMPT)
        if any(is_interruption(text) for text in injected):
            mark_stopped(self._drafts)
        # The same record may hold results, context and a prompt: three messages with ids of its own
        self._add(record, "user", [TextPart(text) for text in injected], ":context", hidden=True)
        suffix = ":typed" if results else ""
        self._add(record, "user", self._parts(typed), suffix, hidden=record.is_meta)

    def _queued_parts(self, record: Record) -> list[Part]:
        attachment = record.data["attachment"]
        return self._parts(blocks_of(attachment.get("prompt")))

    def _parts(self, blocks: Iterable[dict[str, Any]]) -> list[Part]:
        return [part for block in blocks for part in parts_of_block(block, self._calls)]

    def _add(
        self, record: Record, role: str, parts: list[Part], suffix: str = "", hidden: bool = False
    ) -> None:
        if parts:
            self._drafts.append(Draft(record, role, parts, suffix, hidden))


def _message(draft: Draft, place: int) -> Message:
    """The finished message; its id comes from its first record."""
    record = draft.record
    if record.uuid:
        message_id = message_id_for(FORMAT, "", record.uuid + draft.suffix)
        return draft.message(message_id, {"source_id": record.uuid})
    said = repr(record.blocks)
    message_id = placed_message_id(FORMAT, record.session_id, place, draft.role, said)
    return draft.message(message_id, {})


def last_model(messages: Iterable[Message]) -> str | None:
    """The model that answered last."""
    model = None
    for message in messages:
        model = message.model or model
    return model


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

"""The records of a session file, and what each of them is to the conversation."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.giving_way import give_way
from tui_sessions.transfer.blocks import blocks_of
from tui_sessions.transfer.claude_code.user_text import (
    command_of,
    is_command_output,
    is_injected,
    without_reminders,
)
from tui_sessions.transfer.hygiene import moment_of, text_or_none
from tui_sessions.transfer.lines import MAX_LINE, Problems, read_objects
from tui_sessions.transfer.packed_values import PackedValues

_CONVERSATION = ("user", "assistant")
_STRUCTURE = ("attachment", "progress", "system", *_CONVERSATION)
_NO_CONVERSATION = frozenset(
    {
        "progress", "queue-operation", "file-history-snapshot", "file-history-delta", "last-prompt",
        "mode", "permission-mode", "pr-link", "worktree-state", "bridge-session", "summary", "tag",
        "frame-link", "started", "result", "relocated", "saved_hook_context", "custom-title",
        "ai-title", "agent-name",
    }
)  # fmt: skip


_NEEDED = (
    "type", "message", "content", "attachment", "requestId", "isMeta", "isCompactSummary",
    "isVisibleInTranscriptOnly", "isApiErrorMessage", "isAbortedMidStream",
)  # fmt: skip
"""What is asked of a record later; its structured copies of tool results are larger than it."""
_NEEDED_OF_MESSAGE = ("id", "model", "content", "usage")


_CONTINUED = "This session is being continued from a previous conversation that ran out of context."


class Kind(Enum):
    """What a record is to the conversation."""

    PROMPT = auto()
    """A user record with text that a person typed."""
    USER = auto()
    """Any other user record: tool results, steering, injected context."""
    ASSISTANT = auto()
    QUEUED = auto()
    """What a person typed while tools ran, kept as an attachment."""
    SYSTEM = auto()
    LINK = auto()
    """Not conversation, but a knot in the chain of parents."""
    OTHER = auto()
    """Of a type that is not known yet."""


@dataclass(slots=True, eq=False)
class Record:
    """One line of a session file, without what the import has no use for."""

    line: int
    kind: Kind
    uuid: str
    parent: str | None
    logical_parent: str | None
    is_root: bool
    """It says itself that nothing is above it."""
    sidechain: bool
    session_id: str
    agent_id: str
    cwd: str | None
    created_at: datetime | None
    timestamp: str
    values: PackedValues
    number: int
    """Of what else it says, among the values of its file."""

    @property
    def data(self) -> dict[str, Any]:
        """What else it says."""
        return self.values.get(self.number)

    @property
    def message(self) -> dict[str, Any]:
        """The message that it carries."""
        message = self.data.get("message")
        return message if isinstance(message, dict) else {}

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The content blocks of its message."""
        return blocks_of(self.message.get("content"))

    @property
    def is_meta(self) -> bool:
        """Put there by the tool, by its own flag."""
        return any(
            self.data.get(flag) is True
            for flag in ("isMeta", "isCompactSummary", "isVisibleInTranscriptOnly")
        )

    @property
    def is_summary(self) -> bool:
        """What a compaction left of the conversation; early versions have no flag for it."""
        if self.data.get("isCompactSummary") is True:
            return True
        first = next(iter(self.blocks), {}) if self.kind is Kind.USER else {}
        text = first.get("text")
        return isinstance(text, str) and text.startswith(_CONTINUED)

    def fingerprint(self) -> tuple[str, str, bytes] | None:
        """Equal for a record and its replay after a compaction; None where there is no telling."""
        if not self.timestamp or self.data.get("type") not in _CONVERSATION:
            return None
        content = msgspec.json.encode(self.message.get("content"))
        digest = hashlib.blake2b(content, digest_size=12).digest()
        return str(self.data["type"]), self.timestamp, digest


@dataclass(slots=True)
class SessionFile:
    """What a session file says."""

    records: list[Record]
    aliases: dict[str, Record]
    """Replayed records, by their uuid, and the records that they repeat."""


def read_session_file(path: Path, problems: Problems, max_line: int = MAX_LINE) -> SessionFile:
    """Read one file; its large structured copies of tool results are dropped on the way."""
    records: list[Record] = []
    values = PackedValues(_size(path))
    for line, data in read_objects(path, problems, max_line):
        kind = str(data.get("type"))
        if kind in _STRUCTURE or (kind not in _NO_CONVERSATION and "type" in data):
            records.append(_record(line, data, values))
    answered = _answered_commands(records)
    for record in records:
        if record.kind is Kind.USER and _is_prompt(record, answered):
            record.kind = Kind.PROMPT
    kept, aliases = _without_replays(records)
    return SessionFile(kept, aliases)


def typed_blocks(record: Record, starts_turn: bool) -> tuple[list[dict[str, Any]], list[str]]:
    """A user record's blocks that a person put there, and the texts that the tool did."""
    typed: list[dict[str, Any]] = []
    injected: list[str] = []
    for block in record.blocks:
        text = block.get("text")
        if block.get("type") == "tool_result":
            continue
        if block.get("type") != "text" or not isinstance(text, str):
            typed.append(block)
            continue
        command = command_of(text) if starts_turn else None
        if command:
            typed.append({"type": "text", "text": command})
        elif record.is_meta or is_injected(text):
            injected.append(text)
        else:
            text, reminders = without_reminders(text)
            typed += [{"type": "text", "text": text}] if text.strip() else []
            injected += [reminders] if reminders else []
    return typed, injected


def _record(line: int, data: dict[str, Any], values: PackedValues) -> Record:
    timestamp = data.get("timestamp")
    kind, cwd = _kind(data), text_or_none(data.get("cwd"))
    return Record(
        line=line,
        kind=kind,
        uuid=_text(data.get("uuid")),
        parent=_text(data.get("parentUuid")) or None,
        logical_parent=_text(data.get("logicalParentUuid")) or None,
        is_root="parentUuid" in data and data["parentUuid"] is None,
        sidechain=data.get("isSidechain") is True,
        session_id=sys.intern(_text(data.get("sessionId"))),
        agent_id=sys.intern(_text(data.get("agentId"))),
        cwd=sys.intern(cwd) if cwd is not None else None,
        created_at=moment_of(timestamp),
        timestamp=str(timestamp) if isinstance(timestamp, (str, int)) else "",
        values=values,
        number=values.add(data if kind is Kind.OTHER else _needed(data)),
    )


def _needed(data: dict[str, Any]) -> dict[str, Any]:
    kept = {key: data[key] for key in _NEEDED if key in data}
    message = kept.get("message")
    if isinstance(message, dict):
        kept["message"] = known = {k: message[k] for k in _NEEDED_OF_MESSAGE if k in message}
        usage = known.get("usage")
        if isinstance(usage, dict):
            # How the counts came about is more than the counts.
            known["usage"] = {k: v for k, v in usage.items() if isinstance(v, (int, float))}
    return kept


def _kind(data: dict[str, Any]) -> Kind:
    match data:
        case {"type": "user", "message": dict()}:
            return Kind.USER
        case {"type": "assistant", "message": dict()}:
            return Kind.ASSISTANT
        case {"type": "system"}:
            return Kind.SYSTEM
        case {"type": "attachment", "attachment": {"type": "queued_command"} as queued}:
            is_typed = queued.get("commandMode") == "prompt" and queued.get("isMeta") is not True
            return Kind.QUEUED if is_typed else Kind.LINK
        case {"type": "attachment" | "progress" | "user" | "assistant"}:
            return Kind.LINK
        case _:
            return Kind.OTHER


def _is_prompt(record: Record, answered: set[str]) -> bool:
    blocks = record.blocks
    if record.is_meta or record.is_summary:
        return False
    if any(block.get("type") == "tool_result" for block in blocks):
        return False
    return bool(typed_blocks(record, record.uuid not in answered)[0])


def _answered_commands(records: Iterable[Record]) -> set[str]:
    """The records whose command only printed something, so that it started no turn."""
    return {
        record.parent
        for record in records
        if record.parent is not None and _prints_command_output(record)
    }


def _prints_command_output(record: Record) -> bool:
    if record.kind is Kind.SYSTEM:
        content = record.data.get("content")
        return isinstance(content, str) and is_command_output(content)
    return record.kind is Kind.USER and any(
        is_command_output(block["text"])
        for block in record.blocks
        if isinstance(block.get("text"), str)
    )


def _without_replays(records: Iterable[Record]) -> tuple[list[Record], dict[str, Record]]:
    """Drop what a compaction or a resume wrote once more."""
    first: dict[tuple[bool, str, str, bytes], Record] = {}
    aliases: dict[str, Record] = {}
    kept = []
    for record in records:
        give_way()
        mark = record.fingerprint()
        original = first.setdefault((record.sidechain, *mark), record) if mark else record
        if original is record:
            kept.append(record)
        elif record.uuid != original.uuid:
            aliases[record.uuid] = original
    return kept, aliases


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

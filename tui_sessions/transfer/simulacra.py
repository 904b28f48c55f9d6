"""simulacra's file store: a fork holds only its own messages and points into its parent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from tui_sessions.model.message import (
    Message,
    OpaquePart,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import (
    Skipped,
    message_id_for,
    placed_message_id,
    session_id_for,
)
from tui_sessions.transfer.blocks import CallIds, blocks_of, text_of_value
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft
from tui_sessions.transfer.file_sessions import FileSessions
from tui_sessions.transfer.hygiene import moment_of, text_or_none

_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
_ROLES = ("system", "user", "assistant", "tool")


class SimulacraImporter(FileSessions):
    """Reads the folder of a simulacra `FileSessionStore`, or one of its files."""

    name = "simulacra"
    title = "simulacra"

    def leaves_out(self, folder: str) -> bool:
        """The folders of forks hold the same files once more, as hard links."""
        return folder.endswith("-forks") or super().leaves_out(folder)

    def is_session(self, data: dict[str, Any]) -> bool:
        """A file with metadata and a list of messages."""
        return isinstance(data.get("metadata"), dict) and isinstance(data.get("messages"), list)

    def parent_of(self, data: dict[str, Any]) -> str | None:
        """The session that it forked from, or that started it."""
        metadata = data.get("metadata")
        return text_or_none(metadata.get("parent_id")) if isinstance(metadata, dict) else None

    def draft(
        self, path: Path, data: dict[str, Any], user_id: str
    ) -> tuple[SessionDraft, list[Skipped]]:
        """The session with the messages that it takes over from its parents."""
        metadata = data["metadata"]
        own = self._messages(path.stem, data)
        inherited, notes = self._inherited(path, data)
        link = self._link(data, inherited)
        title = text_or_none(metadata.get("label"))
        first = next((m.text for m in (*own, *inherited) if m.role == "user"), "")
        draft = SessionDraft(
            format_name=self.name,
            source_title=self.title,
            external_id=path.stem,
            path=path,
            messages=[*inherited, *own],
            user_id=user_id,
            title=title,
            named_by_user=title is not None and not _slug(first).startswith(title),
            model=text_or_none(metadata.get("model")),
            source_provider=text_or_none(metadata.get("provider")),
            parent=link,
            inherited=len(inherited),
            created_at=_time_without(own, metadata.get("created_at")),
            last_active_at=_time_without(own, metadata.get("updated_at")),
            metadata=_kept(metadata),
        )
        return draft, notes

    def _link(self, data: dict[str, Any], inherited: list[Message]) -> ParentLink | None:
        parent = self.parent_of(data)
        if parent is None:
            return None
        metadata = data["metadata"]
        detached = metadata.get("detached") is True
        kind = "checkpoint" if metadata.get("is_checkpoint") is True else "fork"
        return ParentLink(
            session_id=session_id_for(self.name, parent),
            chat_id=CHAT_ID,
            message_id=inherited[-1].id if inherited else None,
            kind="spawn" if detached and kind == "fork" else kind,
            detached=detached,
        )

    def _inherited(self, path: Path, data: dict[str, Any]) -> tuple[list[Message], list[Skipped]]:
        """What the line of parents hands down, each up to where the next one forked."""
        line = self.line_of(path, data)
        messages: list[Message] = []
        notes: list[Skipped] = []
        oldest = line[-1][1]
        if self.parent_of(oldest) and not _is_detached(oldest):
            reason = f"its parent {self.parent_of(oldest)!r:.80} is not there; it is without it"
            notes.append(Skipped(path=line[-1][0], reason=reason))
        for (file, above), (_, below) in zip(reversed(line[1:]), reversed(line[:-1]), strict=True):
            messages += self._messages(file.stem, above)
            point = below["metadata"].get("fork_message_id")
            if _is_detached(below):
                messages = []
            elif isinstance(point, str):
                messages, found = _up_to(messages, point)
                if not found:
                    reason = f"its fork point {point!r:.80} is not in its parent"
                    notes.append(Skipped(path=path, reason=reason))
        return messages, notes if not _is_detached(data) else []

    def _messages(self, scope: str, data: dict[str, Any]) -> list[Message]:
        calls = CallIds()
        messages: list[Message] = []
        for place, raw in enumerate(data["messages"]):
            if isinstance(raw, dict):
                messages += _messages_of(scope, place, raw, calls)
        return messages


def _messages_of(scope: str, place: int, raw: dict[str, Any], calls: CallIds) -> list[Message]:
    """A record as messages: what tools gave back is a message of its own."""
    role = raw.get("role") if raw.get("role") in _ROLES else "system"
    blocks = blocks_of(raw.get("content"))
    results = [block for block in blocks if block.get("type") == "tool_result"]
    others = [block for block in blocks if block.get("type") != "tool_result"]
    record = text_or_none(raw.get("id"))
    found = []
    for kind, chosen, suffix in (
        ("tool", results, ""),
        (role, others, ":typed" if results else ""),
    ):
        if not chosen:
            continue
        parts = tuple(_part(block, calls) for block in chosen)
        found.append(
            Message(
                id=message_id_for("simulacra", scope, record + suffix)
                if record
                else placed_message_id("simulacra", scope, place, str(kind), repr(chosen)),
                role=str(kind),
                content=parts,
                created_at=moment_of(raw.get("timestamp")),
                metadata={"source_id": record} if record else {},
            )
        )
    return found


def _part(block: dict[str, Any], calls: CallIds) -> Part:
    match block:
        case {"type": "text", "text": str(text)}:
            return TextPart(text)
        case {"type": "thinking", "thought": str(text)}:
            return ThinkingPart(text)
        case {"type": "tool", "tool": str(name)}:
            return ToolCallPart(calls.of_call(block, "tool_request_id"), name, block.get("params"))
        case {"type": "tool_result"}:
            result = block.get("result")
            failed = isinstance(result, dict) and result.get("result") is False
            call_id = calls.of_result(block, "tool_request_id")
            return ToolResultPart(call_id, text_of_value(result), failed)
        case _:
            return OpaquePart(block)


def _up_to(messages: list[Message], source_id: str) -> tuple[list[Message], bool]:
    places = [n for n, m in enumerate(messages) if m.metadata.get("source_id") == source_id]
    return (messages[: places[-1] + 1], True) if places else ([], False)


def _is_detached(data: dict[str, Any]) -> bool:
    return data["metadata"].get("detached") is True


def _kept(metadata: dict[str, Any]) -> dict[str, Any]:
    state = metadata.get("checkpoint_state")
    return {"checkpoint_state": state} if state is not None else {}


def _time_without(messages: Iterable[Message], value: object) -> datetime | None:
    """The store's own time, where no message tells one."""
    return None if any(m.created_at for m in messages) else moment_of(value)


def _slug(text: str) -> str:
    return _NOT_IN_A_SLUG.sub("-", text.lower()).strip("-")

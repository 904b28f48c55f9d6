"""formagent's file store: a fork is a full copy that names its parent but not where it forked."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from tui_sessions.model.message import Message, Part
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.base import (
    Skipped,
    message_id_for,
    placed_message_id,
    session_id_for,
)
from tui_sessions.transfer.blocks import CallIds, blocks_of, parts_of_block, usage_of
from tui_sessions.transfer.drafts import CHAT_ID, SessionDraft
from tui_sessions.transfer.file_sessions import FileSessions
from tui_sessions.transfer.hygiene import moment_of, text_or_none
from tui_sessions.transfer.session_usage import with_session_usage

_ROLES = ("system", "user", "assistant", "tool")


class FormagentImporter(FileSessions):
    """Reads the folder of a formagent file store, or one of its files."""

    name = "formagent"
    title = "formagent"

    def is_session(self, data: dict[str, Any]) -> bool:
        """A file with an id, a list of messages and the store's own dates."""
        dated = "createdAt" in data or "updatedAt" in data
        return isinstance(data.get("id"), str) and isinstance(data.get("messages"), list) and dated

    def parent_of(self, data: dict[str, Any]) -> str | None:
        """The session that it was copied from."""
        return text_or_none(data.get("parentId"))

    def draft(
        self, path: Path, data: dict[str, Any], user_id: str
    ) -> tuple[SessionDraft, list[Skipped]]:
        """The session; what it has in common with its parent counts as inherited."""
        line = [document for _, document in self.line_of(path, data)]
        parent = self.parent_of(data)
        notes = []
        if parent and len(line) == 1:
            reason = f"its parent {parent!r:.80} is not there, so its fork point is not known"
            notes.append(Skipped(path=path, reason=reason))
        inherited_raw = _common_length(line[0], line[1]) if len(line) > 1 else 0
        prompt, messages, inherited = _messages(line, inherited_raw)
        metadata = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
        title = text_or_none((metadata or {}).get("title"))
        models = [message.model for message in messages if message.model]
        draft = SessionDraft(
            format_name=self.name,
            source_title=self.title,
            external_id=data["id"] or path.stem,
            path=path,
            messages=with_session_usage(messages, usage_of(data.get("usage"))),
            user_id=user_id,
            title=title,
            named_by_user=title is not None,
            model=models[-1] if models else None,
            system_prompt=prompt,
            source_provider="anthropic",
            parent=self._link(parent, messages, inherited),
            inherited=inherited,
            created_at=moment_of(data.get("createdAt")),
            last_active_at=moment_of(data.get("updatedAt")),
        )
        return draft, notes

    def _link(
        self, parent: str | None, messages: list[Message], inherited: int
    ) -> ParentLink | None:
        if parent is None:
            return None
        return ParentLink(
            session_id=session_id_for(self.name, parent),
            chat_id=CHAT_ID,
            message_id=messages[inherited - 1].id if inherited else None,
        )


def _common_length(data: dict[str, Any], parent: dict[str, Any]) -> int:
    length = 0
    for one, other in zip(data["messages"], parent["messages"], strict=False):
        if one != other:
            break
        length += 1
    return length


def _messages(
    line: list[dict[str, Any]], inherited_raw: int
) -> tuple[str | None, list[Message], int]:
    """The system prompt, the messages, and how many of them came from the parent.

    A record that was copied from an ancestor has the same id here as there.
    """
    prompt: str | None = None
    messages: list[Message] = []
    inherited = 0
    calls = CallIds()
    lengths = [_common_length(a, b) for a, b in pairwise(line)]
    for place, raw in enumerate(line[0]["messages"]):
        if not isinstance(raw, dict):
            continue
        scope = line[_owner(place, lengths)]["id"]
        made = _messages_of(scope, place, raw, calls)
        if not messages and prompt is None and raw.get("role") == "system" and made:
            prompt = made[0].text
            continue
        messages += made
        inherited += len(made) if place < inherited_raw else 0
    return prompt, messages, inherited


def _owner(place: int, lengths: list[int]) -> int:
    """How many forks up a record was written."""
    for above, length in enumerate(lengths):
        if place >= length:
            return above
    return len(lengths)


def _messages_of(scope: str, place: int, raw: dict[str, Any], calls: CallIds) -> list[Message]:
    """A record as messages: what tools gave back is a message of its own."""
    role = str(raw["role"]) if raw.get("role") in _ROLES else "system"
    results: list[Part] = []
    others: list[Part] = []
    for block in blocks_of(raw.get("content")):
        target = results if block.get("type") == "tool_result" else others
        target += parts_of_block(block, calls)
    record = text_or_none(raw.get("id"))
    found = []
    for kind, parts, suffix in (("tool", results, ""), (role, others, ":typed" if results else "")):
        if parts:
            found.append(
                Message(
                    id=message_id_for("formagent", scope, record + suffix)
                    if record
                    else placed_message_id("formagent", scope, place, kind, repr(parts)),
                    role=kind,
                    content=tuple(parts),
                    model=text_or_none(raw.get("model")),
                    metadata={"source_id": record} if record else {},
                )
            )
    return found

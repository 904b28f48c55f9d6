"""From what an importer found out about a session to the document of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.giving_way import give_way
from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.clock import format_time
from tui_sessions.model.codec import message_data
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.format import new_document_data
from tui_sessions.model.label import label_from
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.message import Message
from tui_sessions.model.session import Origin, ParentLink, Session
from tui_sessions.transfer.base import ImportedSession, session_id_for, workspace_for

CHAT_ID = "c1"
"""The one chat of an imported session."""
IMPORTED_TO = "imported_to"
"""The key of a chat's metadata that holds the last message an import brought."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_TITLE = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionDraft:
    """A foreign session, understood."""

    format_name: str
    source_title: str
    external_id: str
    path: Path
    messages: Sequence[Message]
    given_away: list[Message] | None = None
    """The same list again where it may be emptied: of a long session there is no room for its
    messages beside its document."""
    user_id: str = ""
    title: str | None = None
    """The name it has in its source."""
    named_by_user: bool = False
    directory: str | None = None
    project: str | None = None
    """The name of the workspace where the source knows projects but no directories."""
    model: str | None = None
    system_prompt: str | None = None
    source_provider: str | None = None
    parent: ParentLink | None = None
    inherited: int = 0
    created_at: datetime | None = None
    last_active_at: datetime | None = None
    archived: bool = False
    tags: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


def imported_session(draft: SessionDraft) -> ImportedSession:
    """The document of a draft, and the workspace that it goes to."""
    workspace = workspace_for(draft.directory, draft.project or draft.source_title)
    created, active = _span(draft)
    messages = list(with_unique_ids(draft.messages))
    session = Session(
        id=session_id_for(draft.format_name, draft.external_id),
        workspace_id=workspace.id,
        created_at=created,
        updated_at=active,
        last_active_at=active,
        state_changed_at=active,
        user_id=draft.user_id,
        label=_label(draft),
        auto_label=not (draft.title and draft.named_by_user),
        state=SessionState.ARCHIVED if draft.archived else SessionState.SUSPENDED,
        tags=draft.tags,
        parent=draft.parent,
        metadata=draft.metadata,
        origin=Origin(format=draft.format_name, path=_printable(draft.path), id=draft.external_id),
        active_chat_id=CHAT_ID,
    )
    if draft.given_away is not None:
        draft.given_away.clear()
    data = new_document_data(session)
    data["chats"].append(_chat_data(draft, messages, created))
    return ImportedSession(document=SessionDocument(data), workspace=workspace, path=draft.path)


def with_unique_ids(messages: Iterable[Message]) -> Iterable[Message]:
    """The messages, those that repeat an earlier one's id under an id of their own."""
    times_seen: dict[str, int] = {}
    for message in messages:
        give_way()
        seen = times_seen.get(message.id, 0)
        times_seen[message.id] = seen + 1
        yield msgspec.structs.replace(message, id=f"{message.id}-{seen + 1}") if seen else message


def shared_length(first: Sequence[str], second: Sequence[str]) -> int:
    """How many ids two chats have in common from their beginning."""
    length = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        length += 1
    return length


def _chat_data(draft: SessionDraft, messages: list[Message], created: datetime) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if draft.source_provider:
        metadata["source_provider"] = draft.source_provider
    if messages:
        metadata[IMPORTED_TO] = messages[-1].id
    agent = AgentConfig(provider="offline", model=draft.model, system_prompt=draft.system_prompt)
    return {
        "id": CHAT_ID,
        "name": draft.source_title,
        "created_at": format_time(created),
        "tags": [],
        "metadata": metadata,
        "max_messages": None,
        "inherited": draft.inherited,
        "agent": {**msgspec.to_builtins(agent), "tools": list(agent.tools)},
        "messages": list(_data_of_all(messages)),
    }


def _data_of_all(messages: list[Message]) -> Iterator[dict[str, Any]]:
    """The JSON of each message, which is let go of then."""
    messages.reverse()
    while messages:
        give_way()
        yield message_data(messages.pop())


def _span(draft: SessionDraft) -> tuple[datetime, datetime]:
    """When it began and when it was last used; a fork begins with its own first message."""
    own = draft.messages[draft.inherited :] or draft.messages
    times = _times(own) or sorted(_times(draft.messages))[-1:]
    first = draft.created_at or min(times, default=None) or _modified(draft.path)
    last = draft.last_active_at or max(times, default=first)
    return first, max(first, last)


def _times(messages: Sequence[Message]) -> list[datetime]:
    return [message.created_at for message in messages if message.created_at is not None]


def _label(draft: SessionDraft) -> str:
    title = " ".join((draft.title or "").split())
    if title:
        return title[:_MAX_TITLE].rstrip()
    if draft.parent is not None and draft.parent.kind == "checkpoint":
        return ""
    own = draft.messages[draft.inherited :]
    prompts = (m for m in (*own, *draft.messages) if m.role == "user" and not m.hidden)
    return next((label for label in (label_from(m.text) for m in prompts) if label), "")


def _modified(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return _EPOCH


def _printable(path: Path) -> str:
    return str(path).encode("utf-8", "replace").decode()

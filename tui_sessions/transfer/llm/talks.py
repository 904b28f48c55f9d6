"""A conversation of llm, whichever tables it was in, and the session that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tui_sessions.model.message import Message
from tui_sessions.model.session import ParentLink
from tui_sessions.transfer.drafts import SessionDraft
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.llm.pieces import FORMAT


@dataclass(slots=True)
class Talk:
    """A conversation, understood."""

    id: str
    name: str | None = None
    model: str | None = None
    system_prompt: str | None = None
    messages: list[Message] = field(default_factory=list)
    parent: ParentLink | None = None
    inherited: int = 0
    logged_at: datetime | None = None
    """When it was last written to."""


def draft_of(talk: Talk, path: Path, user_id: str) -> SessionDraft:
    """The session; the workspace is the tool's, which keeps no directories."""
    title = text_or_none(talk.name)
    first = next((m.text for m in talk.messages if m.role == "user"), "")
    own = talk.messages[talk.inherited :]
    timeless = not any(message.created_at for message in talk.messages)
    return SessionDraft(
        format_name=FORMAT,
        source_title="llm",
        external_id=talk.id,
        path=path,
        messages=talk.messages,
        user_id=user_id,
        title=title,
        named_by_user=title is not None and not is_beginning(title, first),
        model=talk.model,
        system_prompt=talk.system_prompt,
        parent=talk.parent,
        inherited=talk.inherited,
        created_at=talk.logged_at if timeless or not own else None,
    )


def is_beginning(title: str, prompt: str) -> bool:
    """Whether the tool made the title, which it does of the first prompt."""
    return " ".join(prompt.split()).startswith(" ".join(title.rstrip("…").split()))

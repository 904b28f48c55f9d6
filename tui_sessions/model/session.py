"""Sessions, their chats and their workspaces, as frozen snapshots."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.lifecycle import SessionState

UNTITLED = "Untitled"
"""What stands for a label that is missing."""


class ParentLink(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where a child session comes from."""

    session_id: str
    chat_id: str | None = None
    message_id: str | None = None
    """The fork point: the last message that was carried over."""
    kind: str = "fork"
    """`fork`, `checkpoint` or `spawn`."""
    detached: bool = False
    """Linked to its parent, but started without its messages."""


class Origin(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The foreign history that a session was imported from."""

    format: str
    path: str | None = None
    id: str | None = None


class Chat(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One conversation with one agent inside a session; its messages are read with `history`."""

    id: str
    name: str = "Chat"
    created_at: datetime | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    metadata: dict[str, Any] = {}
    max_messages: int | None = None
    """How many messages are sent at most; system messages and the newest others. None: all."""
    inherited: int = 0
    """How many of the first messages came with a fork."""
    agent: AgentConfig = AgentConfig()
    message_count: int = 0
    preview: str = ""
    """The beginning of the last visible message."""


class Session(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What is listed, persisted, forked, renamed and deleted; a frozen snapshot."""

    id: str
    workspace_id: str
    created_at: datetime
    updated_at: datetime
    last_active_at: datetime
    state_changed_at: datetime
    user_id: str = ""
    label: str = ""
    auto_label: bool = False
    """The label was made from the first message, and nobody has chosen one since."""
    state: SessionState = SessionState.CREATED
    ttl_s: float | None = None
    """Seconds of idleness after which a sweep suspends it; None: the default of the settings."""
    expires_at: datetime | None = None
    parent: ParentLink | None = None
    surfaces: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: dict[str, Any] = {}
    preferences: dict[str, Any] = {}
    origin: Origin | None = None
    active_chat_id: str | None = None
    chats: tuple[Chat, ...] = ()
    temporary: bool = False
    """Kept in memory only, and gone at the end."""
    read_only: bool = False
    """Of a newer format than this version writes."""

    @property
    def active_chat(self) -> Chat | None:
        """The chat that has the person's attention."""
        return self.chat(self.active_chat_id) if self.active_chat_id else None

    def chat(self, chat_id: str) -> Chat | None:
        """The chat with that id, if the session has it."""
        return next((chat for chat in self.chats if chat.id == chat_id), None)

    @property
    def title(self) -> str:
        """What it is called on a screen: its label, or what it is where it has none."""
        summary = self.parent is not None and self.parent.kind == "checkpoint"
        return self.label.strip() or ("Summary" if summary else UNTITLED)

    @property
    def message_count(self) -> int:
        """The messages of all chats together."""
        return sum(chat.message_count for chat in self.chats)

    @property
    def is_child(self) -> bool:
        """A checkpoint or a sub-agent's session, not one that a person would resume."""
        return self.parent is not None and self.parent.kind != "fork"


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """A named place, often a project directory, that isolates the sessions in it."""

    id: str
    name: str = ""
    directory: str | None = None
    created_at: datetime | None = None
    defaults: dict[str, Any] = {}
    """Such as `template`, the agent template of new chats."""
    metadata: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    """What other programs keep in its file, under keys of their own."""

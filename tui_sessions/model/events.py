"""What happens in the engine, as frozen values on one bus."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from tui_sessions.errors import SessionsError
from tui_sessions.model.message import Message, ToolCallPart
from tui_sessions.model.session import Session


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a session."""

    name: ClassVar[str] = "event"
    session_id: str
    workspace_id: str = ""


class SessionEvent(Event, frozen=True, kw_only=True):
    """Something that happened to a session as a whole, with its snapshot afterwards."""

    session: Session


class Loaded(SessionEvent, frozen=True, kw_only=True):
    """A session was loaded to be used."""

    name: ClassVar[str] = "loaded"


class Saved(SessionEvent, frozen=True, kw_only=True):
    """A change of a session is on disk."""

    name: ClassVar[str] = "saved"


class Created(SessionEvent, frozen=True, kw_only=True):
    """A session was created."""

    name: ClassVar[str] = "created"


class Renamed(SessionEvent, frozen=True, kw_only=True):
    """A session got another label, or one of its chats another name."""

    name: ClassVar[str] = "renamed"
    chat_id: str | None = None


class Forked(SessionEvent, frozen=True, kw_only=True):
    """A session was forked: `session` is the child."""

    name: ClassVar[str] = "forked"
    parent_id: str


class ChildCreated(SessionEvent, frozen=True, kw_only=True):
    """A fork, checkpoint or sub-agent's session was made: `session` is the child."""

    name: ClassVar[str] = "child_created"
    parent_id: str


class StateChanged(SessionEvent, frozen=True, kw_only=True):
    """A session passed from one state into another."""

    name: ClassVar[str] = "state_changed"
    before: str
    after: str


class ChatSwitched(SessionEvent, frozen=True, kw_only=True):
    """Another chat of a session became the active one."""

    name: ClassVar[str] = "chat_switched"
    chat_id: str | None


class Deleted(Event, frozen=True, kw_only=True):
    """A session is in the trash, or purged for good."""

    name: ClassVar[str] = "deleted"
    purged: bool = False


class Disposed(Event, frozen=True, kw_only=True):
    """The engine let go of a session: it was closed, or everything was shut down."""

    name: ClassVar[str] = "disposed"


class LifecycleError(Event, frozen=True, kw_only=True):
    """Something failed in the background; what was there before is still there."""

    name: ClassVar[str] = "lifecycle_error"
    error: Exception
    operation: str
    context: dict[str, str] = {}


class ReplyEvent(Event, frozen=True, kw_only=True):
    """A sign of a reply that is on its way in a chat."""

    chat_id: str
    message_id: str
    """The agent's message that it is about; where tools are used, the one that calls them."""


class ReplyStarted(ReplyEvent, frozen=True, kw_only=True):
    """A turn has begun: the question is on disk and the provider is being asked."""

    name: ClassVar[str] = "reply_started"
    prompt: Message | None = None
    """The question; None when a reply is made again."""


class ReplyDelta(ReplyEvent, frozen=True, kw_only=True):
    """More of a reply arrived."""

    name: ClassVar[str] = "reply_delta"
    text: str
    kind: str = "text"
    """`text` or `thinking`."""
    offset: int = 0
    """How many characters of this message, of either kind, came before."""


class ReplyWaiting(ReplyEvent, frozen=True, kw_only=True):
    """The provider takes no request right now; it is asked again by itself after a wait."""

    name: ClassVar[str] = "reply_waiting"
    seconds: float
    """How long the wait is."""
    until: datetime
    """When it is over."""
    reason: str
    """Why, as a sentence of the provider's error."""
    attempt: int
    """The number of the try that follows; the first request of a step is number 1."""


class ReplyStep(ReplyEvent, frozen=True, kw_only=True):
    """A message that ends with tool calls is complete and on disk; its tools run next."""

    name: ClassVar[str] = "reply_step"
    message: Message


class ToolAsked(ReplyEvent, frozen=True, kw_only=True):
    """The turn waits until a person allows or refuses a tool call."""

    name: ClassVar[str] = "tool_asked"
    call: ToolCallPart
    tool: str
    """The tool's name, as the agent's configuration and allowances have it."""
    description: str = ""
    """What the tool says of itself; text from outside where it comes from a server."""


class ToolStarted(ReplyEvent, frozen=True, kw_only=True):
    """A tool call is allowed and runs."""

    name: ClassVar[str] = "tool_started"
    call: ToolCallPart


class ToolDone(ReplyEvent, frozen=True, kw_only=True):
    """What a tool gave back, or why it did not run, is on disk as a message of its own."""

    name: ClassVar[str] = "tool_done"
    message: Message
    """Of the role `tool`, with one `ToolResultPart`."""


class ReplyEnd(ReplyEvent, frozen=True, kw_only=True):
    """A reply is complete as far as it goes, and on disk."""

    message: Message


class ReplyDone(ReplyEnd, frozen=True, kw_only=True):
    """The reply came to its end."""

    name: ClassVar[str] = "reply_done"


class ReplyStopped(ReplyEnd, frozen=True, kw_only=True):
    """The reply was stopped; what had come is kept."""

    name: ClassVar[str] = "reply_stopped"


class ReplyFailed(ReplyEnd, frozen=True, kw_only=True):
    """The provider failed; the question and what had come are kept."""

    name: ClassVar[str] = "reply_failed"
    error: SessionsError


EVENT_NAMES = tuple(
    event.name
    for event in (
        Loaded,
        Saved,
        Created,
        Renamed,
        Forked,
        Deleted,
        StateChanged,
        ChatSwitched,
        ReplyStarted,
        ReplyDelta,
        ReplyWaiting,
        ReplyStep,
        ToolAsked,
        ToolStarted,
        ToolDone,
        ReplyDone,
        ReplyStopped,
        ReplyFailed,
        ChildCreated,
        LifecycleError,
        Disposed,
    )
)

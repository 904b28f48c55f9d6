"""What a turn needs of the engine around it, and what it is handed to work on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from tui_sessions.engine.turn.approvals import Answer
from tui_sessions.model.changes import Change
from tui_sessions.model.events import ReplyEvent
from tui_sessions.model.message import Message, ToolCallPart
from tui_sessions.providers.base import Provider, ReplyRequest
from tui_sessions.settings import Settings
from tui_sessions.tools.base import Tool


class Step(NamedTuple):
    """One request of a turn: what is asked, who answers, and the tools that may be called."""

    request: ReplyRequest
    provider: Provider
    tools: Mapping[str, Tool]
    """By the name that goes over the wire."""


class Unfinished(NamedTuple):
    """A message on disk that ends with tool calls, and those of them that have no result."""

    message: Message
    calls: Sequence[ToolCallPart]


class TurnHost(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The engine as one turn meets it."""

    settings: Settings
    make_room: Callable[[], Coroutine[Any, Any, None]]
    """Shortens what is about to be sent, before the first request; raises nothing."""
    prepare: Callable[[int], Coroutine[Any, Any, Step]]
    """Makes a request of the chat as it is now, given how often it was too long so far."""
    save: Callable[[Sequence[Change]], Awaitable[object]]
    keep: Callable[[Sequence[Change]], Awaitable[None]]
    """Keeps in memory what could not be saved, until it can be; raises nothing."""
    claim: Callable[[int], Awaitable[None]]
    """Sees that the chat has room for more messages, and keeps it for them."""
    ask: Callable[[ToolCallPart, Tool, Callable[[], None]], Awaitable[Answer]]
    """Asks whether a call may run; the last argument is called where a person has to say it."""
    tell: Callable[[ReplyEvent], None]
    release: Callable[[], object]
    """Lets the next turn begin."""
    report: Callable[[Exception], None]
    """Tells of a failure that the turn outlives."""

"""How far a tool call has come."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from tui_sessions.model.message import Message, ToolResultPart

REFUSED = "refused"
"""The key in a message's metadata that tells a refused call from one that failed."""


class CallState(Enum):
    """What is known of a tool call."""

    QUEUED = "queued"
    """Nothing has happened to it yet."""
    ASKED = "asked"
    """It waits until a person allows or refuses it."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    LOST = "lost"
    """The turn ended before there was a result."""


CallStates = Mapping[str, CallState]
"""By the id of the call."""


def result_state(message: Message, result: ToolResultPart) -> CallState:
    """What became of a call, by its result and the message that holds it."""
    if message.metadata.get(REFUSED):
        return CallState.REFUSED
    return CallState.FAILED if result.is_error else CallState.DONE

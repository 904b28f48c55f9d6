"""Token counts that a source keeps for a whole session only."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tui_sessions.model.message import Message
from tui_sessions.model.usage import Usage

COVERS = "usage_covers"
"""The key of a message's metadata that says its usage is that of the `session`."""


def with_session_usage(messages: Sequence[Message], total: Usage | None) -> list[Message]:
    """Put the session's total on its first reply.

    The first reply is one that forks inherit, so their copies of the total add nothing, and it
    stays the first when the source grows.
    """
    first = next((n for n, message in enumerate(messages) if message.role == "assistant"), None)
    if total is None or first is None:
        return list(messages)
    metadata = {**messages[first].metadata, COVERS: "session"}
    counted = msgspec.structs.replace(messages[first], usage=total, metadata=metadata)
    return [*messages[:first], counted, *messages[first + 1 :]]

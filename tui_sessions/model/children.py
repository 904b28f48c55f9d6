"""Sub-agents: what they are given, and how far they have come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.message import Message, Part, ToolCallPart

CONTEXTS = ("none", "chat")
"""What a sub-agent may be given of the chat it comes from: nothing, or the chat so far."""
CUT_OFF = "The reply was cut off: the program ended before it was complete."


class ChildTask(msgspec.Struct, frozen=True, kw_only=True):
    """What one of several sub-agents is asked; the fields are those of `spawn_child`."""

    prompt: str | Sequence[Part] | None = None
    template: str | None = None
    agent: AgentConfig | None = None
    overrides: Mapping[str, Any] | None = None
    context: str = "none"
    chat_id: str | None = None
    at: str | None = None
    label: str | None = None


class ChildStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far a sub-agent has come."""

    session_id: str
    """The child's; empty where none could be made."""
    state: str
    """`idle` (not asked anything yet), `running`, `completed`, `cancelled` or `failed`."""
    reply: Message | None = None
    """The last message of its answer, as far as that has come."""
    error: str | None = None
    """Why it failed, as a sentence."""

    @property
    def text(self) -> str:
        """What it answered."""
        return self.reply.text if self.reply else ""


def child_status(session_id: str, messages: Sequence[Message], *, running: bool) -> ChildStatus:
    """The status that a child's own messages tell, so that it is the same after a restart.

    Args:
        session_id: the child's.
        messages: its own, without those that it was given.
        running: whether it is answering.
    """
    asked = [p for p, m in enumerate(messages) if m.role == "user" and not m.hidden]
    after = messages[asked[-1] + 1 :] if asked else ()
    replies = [message for message in after if message.role == "assistant"]
    reply = replies[-1] if replies else None
    state, error = _ended(after, reply)
    if running:
        state, error = "running", None
    elif not asked:
        state, error = "idle", None
    return ChildStatus(session_id=session_id, state=state, reply=reply, error=error)


def _ended(after: Sequence[Message], reply: Message | None) -> tuple[str, str | None]:
    """How an answer ended, and why where it failed."""
    if reply is None or reply.status == "partial":
        return "failed", CUT_OFF
    if reply.status == "failed":
        return "failed", reply.error or "The reply failed."
    if reply.status == "stopped":
        return "cancelled", None
    calls = any(isinstance(part, ToolCallPart) for part in reply.content)
    results_last = any(message.role == "tool" for message in after[after.index(reply) :])
    # Nothing came after the results of its tools, or not even those.
    if results_last or (calls and reply.metadata.get("finish_reason") == "tool_call"):
        return "failed", CUT_OFF
    return "completed", None

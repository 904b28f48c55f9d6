"""Replies that did not come to their end, and what can be done about them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tui_sessions.model.message import Message
from tui_sessions.tui.widgets.transcript.tool_pairs import reply_above

_SAID = {"partial": "cut off", "stopped": "stopped", "failed": "failed"}
AT_LIMIT = "at its length limit"


class NextKeys(msgspec.Struct, frozen=True):
    """The keys that are named below a reply that is cut off, as a person reads them."""

    go_on: str = "C"
    again: str = "r"
    agent: str = "ctrl+l"
    summary: str = "s"


def hit_limit(message: Message) -> bool:
    """Whether a reply ended because the model may write no more at once."""
    return message.role == "assistant" and message.metadata.get("finish_reason") == "length"


def is_too_long(message: Message) -> bool:
    """Whether a reply failed because the chat is longer than its model can read."""
    too_long = message.metadata.get("error_kind") == "context_too_long"
    return too_long and message.status == "failed"


def next_steps(messages: Sequence[Message], keys: NextKeys) -> str:
    """What can be done about a chat whose last reply did not come to its end; else nothing."""
    reply = messages[reply_above(messages, len(messages) - 1)]
    if reply.role == "user" and not reply.hidden:
        return f"no reply came · {keys.again} asks for one"
    if reply.role != "assistant" or reply.hidden:
        return ""
    said = _said(reply)
    if said is None:
        return ""
    steps = [] if reply.status == "failed" else [said]
    if reply.content:
        steps.append(f"{keys.go_on} goes on")
    steps.append(f"{keys.again} asks again")
    if is_too_long(reply):
        steps.insert(0, f"{keys.summary} makes a checkpoint")
        steps.append(f"{keys.agent} a model that reads more")
    elif reply.status == "failed":
        steps.append(f"{keys.agent} another model")
    return " · ".join(steps)


def _said(reply: Message) -> str | None:
    """How a reply broke off; None where it is whole."""
    if reply.status in _SAID:
        return _SAID[reply.status]
    # A turn does not end with tool calls: what follows them never came.
    broken = hit_limit(reply) or reply.metadata.get("finish_reason") == "tool_call"
    return "cut off" if broken else None

"""How much of a model's context window a chat fills: measured where that is known, else estimated.

A token is taken for four bytes of text, which is about right for most languages and models.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.message import (
    FilePart,
    ImagePart,
    Message,
    OpaquePart,
    Part,
    SummaryPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.selection import last_summary, messages_to_send
from tui_sessions.model.tool import ToolSpec

BYTES_A_TOKEN = 4
MESSAGE_TOKENS = 4
"""What a message costs besides what it says."""
PICTURE_TOKENS = 1000
_ENOUGH = 100
"""Estimated tokens from which on a measurement says how far estimates are off."""
_LEAST_SCALE, _MOST_SCALE = 0.25, 8.0


class ContextUse(msgspec.Struct, frozen=True, kw_only=True):
    """How full a model's context window is."""

    tokens: int
    """What the next request sends, without its question."""
    estimated: bool
    """Some of it was not counted by the provider, but reckoned from the length of the text."""
    window: int | None = None
    """How many tokens fit into a request and its reply; None where nobody says, or not yet."""

    @property
    def share(self) -> float | None:
        """How much of the window is full, 1 being all of it; None where that is not known."""
        return self.tokens / self.window if self.window else None


def context_use(
    agent: AgentConfig,
    messages: Sequence[Message],
    *,
    tools: Sequence[ToolSpec] = (),
    max_messages: int | None = None,
    window: int | None = None,
) -> ContextUse:
    """How much of the window a chat fills.

    Args:
        agent: who is asked.
        messages: the chat's, also those that are not sent.
        tools: what the agent may call.
        max_messages: how many are sent at most.
        window: what fits, where it is known.
    """
    place = _newest_measured(messages, last_summary(messages) + 1)
    if place is not None:
        measured = _total(messages[place])
        after = sum(map(message_tokens, messages_to_send(messages[place + 1 :], None)))
        return ContextUse(tokens=measured + after, estimated=after > 0, window=window)
    sent = messages_to_send(messages, max_messages)
    if not sent:
        return ContextUse(tokens=0, estimated=False, window=window)
    scale = estimate_scale(agent, messages, tools=tools, max_messages=max_messages)
    tokens = round(scale * (agent_tokens(agent, tools) + sum(map(message_tokens, sent))))
    return ContextUse(tokens=tokens, estimated=True, window=window)


def estimate_scale(
    agent: AgentConfig,
    messages: Sequence[Message],
    *,
    tools: Sequence[ToolSpec] = (),
    max_messages: int | None = None,
) -> float:
    """How many tokens the chat's model really takes for one that is estimated."""
    place = _newest_measured(messages, 0)
    usage = None if place is None else messages[place].usage
    if usage is None:
        return 1.0
    sent = messages_to_send(messages[:place], max_messages)
    estimated = agent_tokens(agent, tools) + sum(map(message_tokens, sent))
    if estimated < _ENOUGH:
        return 1.0
    measured = usage.total_tokens - usage.output_tokens
    return min(max(measured / estimated, _LEAST_SCALE), _MOST_SCALE)


def agent_tokens(agent: AgentConfig, tools: Sequence[ToolSpec] = ()) -> int:
    """About how many tokens an agent's system prompt and tools take."""
    described = sum(text_tokens(msgspec.json.encode(tool).decode()) for tool in tools)
    return text_tokens(agent.system_prompt or "") + described


def message_tokens(message: Message) -> int:
    """About how many tokens a message takes; what the model thought is not sent again."""
    return MESSAGE_TOKENS + sum(map(_part_tokens, message.content))


def text_tokens(text: str) -> int:
    """About how many tokens a text takes."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    return -(-size // BYTES_A_TOKEN)


def _part_tokens(part: Part) -> int:
    match part:
        case TextPart(text) | SummaryPart(text) | ToolResultPart(text=text):
            return text_tokens(text)
        case ToolCallPart(name=name, arguments=arguments):
            import json  # here, as the app's start does without it

            return text_tokens(name) + text_tokens(json.dumps(arguments))
        case ImagePart():
            return PICTURE_TOKENS
        case FilePart(name=name):
            return text_tokens(name)
        case OpaquePart():
            return 0
    return 0


def _newest_measured(messages: Sequence[Message], start: int) -> int | None:
    """Where the newest complete reply stands that the provider counted."""
    for place in range(len(messages) - 1, start - 1, -1):
        message = messages[place]
        if message.role == "assistant" and message.status == "complete" and _total(message):
            return place
    return None


def _total(message: Message) -> int:
    return message.usage.total_tokens if message.usage else 0

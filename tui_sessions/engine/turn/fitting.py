"""A request in the midst of a turn: what its tools gave back has to fit into the context window."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tui_sessions.engine.turn.requests import after_last_prompt
from tui_sessions.errors import ProviderError
from tui_sessions.model.context import agent_tokens, estimate_scale, message_tokens
from tui_sessions.model.message import Message, ToolResultPart
from tui_sessions.model.selection import is_summary
from tui_sessions.model.sendable import cut_result
from tui_sessions.providers.base import ReplyRequest

READABLE = 4_000
"""Characters of a tool's result that are worth more than what was said long ago."""
LEAST = 500
"""Characters of a result below which it tells too little."""
MOST_CUTS = 4
"""How often a request that its provider finds too long is made anew with half of the room."""
_REPLY_TOKENS = 1024
"""What a reply may take, where the agent does not say."""


def uses_tools(request: ReplyRequest) -> bool:
    """Whether a request tells its model what tools gave back in this turn."""
    return any(_has_results(message) for message in _turn(request))


def fitted(request: ReplyRequest, window: int, least: int) -> ReplyRequest | None:
    """The request with the longest results of its turn cut, as far as it has to be.

    Args:
        request: what is about to be sent.
        window: how many tokens fit into it and its reply.
        least: characters that each result keeps.

    Returns:
        None where it does not fit all the same.
    """
    room = (window - _reply_tokens(request, window)) / _scale(request)
    return next((one for one in _shorter(request, least) if _tokens(one) <= room), None)


def room_for(request: ReplyRequest, window: int | None, too_long: int) -> int | None:
    """How many tokens a request may be taken for; None where nothing is known of that.

    Args:
        request: what is about to be sent.
        window: the model's, where that is known.
        too_long: how often the provider found it longer than that: estimates may be far off.
    """
    if too_long:
        return (window or _tokens(request)) >> too_long
    return window


def too_long(request: ReplyRequest) -> ProviderError:
    """The error of a request that cannot be made to fit."""
    model = request.agent.model or request.agent.provider
    return ProviderError(
        f"What the tools gave back in this turn is longer than {model!r:.140} can read: choose a "
        "model with a larger context window and continue the reply, or ask for less at once.",
        "context_too_long",
    )


def _shorter(request: ReplyRequest, least: int) -> Iterator[ReplyRequest]:
    """The request, and then what is left of it as its results are cut more and more."""
    yield request
    results = [part for message in _turn(request) for part in message.content]
    longest = max((len(p.text) for p in results if isinstance(p, ToolResultPart)), default=0)
    while longest > least:
        longest = max(longest * 3 // 4, least)
        yield msgspec.structs.replace(request, messages=_cut(request, longest))


def _cut(request: ReplyRequest, longest: int) -> list[Message]:
    turn = _turn(request)
    before = request.messages[: len(request.messages) - len(turn)]
    return [*before, *(_with_short_results(message, longest) for message in turn)]


def _with_short_results(message: Message, longest: int) -> Message:
    if not _has_results(message):
        return message
    content = tuple(
        cut_result(part, longest) if isinstance(part, ToolResultPart) else part
        for part in message.content
    )
    return msgspec.structs.replace(message, content=content)


def _turn(request: ReplyRequest) -> list[Message]:
    return list(request.messages[after_last_prompt(request.messages) :])


def _has_results(message: Message) -> bool:
    return any(isinstance(part, ToolResultPart) for part in message.content)


def _scale(request: ReplyRequest) -> float:
    """How many tokens the model takes for one that is estimated, by what it counted last.

    Before the turn's first result, that is: later counts are of results that were cut. A count from
    before a summary is of what is no longer sent.
    """
    counted = list(request.messages)
    while counted and uses_tools(msgspec.structs.replace(request, messages=counted)):
        counted.pop()
    summary = next((message for message in counted if is_summary(message)), None)
    if summary is not None and _time(summary) > _time(counted[-1]):
        return 1.0
    return estimate_scale(request.agent, counted, tools=request.tools)


def _time(message: Message) -> float:
    return message.created_at.timestamp() if message.created_at else 0.0


def _tokens(request: ReplyRequest) -> int:
    return agent_tokens(request.agent, request.tools) + sum(map(message_tokens, request.messages))


def _reply_tokens(request: ReplyRequest, window: int) -> int:
    wished = request.agent.parameters.get("max_tokens")
    tokens = wished if isinstance(wished, int) else _REPLY_TOKENS
    return min(tokens, window // 8)

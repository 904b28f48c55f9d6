"""The order of sides that strict endpoints ask for: a question first, then in turns."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    UserPromptPart,
)

_BEGINNING = "(The conversation was begun elsewhere.)"


def in_turns(messages: Iterable[ModelMessage]) -> list[ModelMessage]:
    """The messages with neighbours of one side made one, and a question before the first reply."""
    turns: list[ModelMessage] = []
    for message in messages:
        last = turns[-1] if turns else None
        if isinstance(last, ModelRequest) and isinstance(message, ModelRequest):
            turns[-1] = ModelRequest(parts=[*last.parts, *message.parts])
        elif isinstance(last, ModelResponse) and isinstance(message, ModelResponse):
            turns[-1] = ModelResponse(parts=[*last.parts, *message.parts])
        else:
            turns.append(message)
    return turns if not turns or _asks(turns[0]) else _begun(turns)


def _asks(message: ModelMessage) -> bool:
    if isinstance(message, ModelResponse):
        return False
    return not all(isinstance(part, SystemPromptPart) for part in message.parts)


def _begun(turns: list[ModelMessage]) -> list[ModelMessage]:
    """A conversation of whose beginning only the reply is known."""
    first = turns[0]
    beginning = UserPromptPart(_BEGINNING)
    if isinstance(first, ModelRequest):
        if len(turns) == 1:
            return turns
        return [ModelRequest(parts=[*first.parts, beginning]), *turns[1:]]
    return [ModelRequest(parts=[beginning]), *turns]

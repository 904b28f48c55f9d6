"""Replies of endpoints that speak nearly as OpenAI does: their other words and tool calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from openai.types.chat import chat_completion_chunk
from pydantic_ai.messages import FinishReason, ModelResponseStreamEvent
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIStreamedResponse

_OTHER_REASONS: Mapping[str, FinishReason] = {
    "max_tokens": "length",
    "max_length": "length",
    "model_length": "length",
    "safety": "content_filter",
    "abort": "error",
    "cancelled": "error",
    "error": "error",
    "insufficient_system_resource": "error",
}
"""What endpoints say where OpenAI says something else; any other word is an end like `stop`."""


class _Begun(NamedTuple):
    """The call that was begun last under an index."""

    id: str
    name: str
    number: int
    """What the call is told apart by."""


@dataclass
class CompatibleReply(OpenAIStreamedResponse):
    """Reads a stream whose end or whose tool calls are not told exactly as OpenAI tells them."""

    _begun: dict[int, _Begun] = field(default_factory=dict, init=False)
    _renumbered: int = field(default=0, init=False)

    def _map_finish_reason(
        self, key: Literal["stop", "length", "tool_calls", "content_filter", "function_call"]
    ) -> FinishReason | None:
        return super()._map_finish_reason(key) or _OTHER_REASONS.get(key.lower(), "stop")

    def _map_tool_call_delta(
        self, choice: chat_completion_chunk.Choice
    ) -> Iterable[ModelResponseStreamEvent]:
        for piece in choice.delta.tool_calls or []:
            index: int | None = piece.index  # some leave it out
            if index is not None:
                piece.index = self._number(index, piece)
        return super()._map_tool_call_delta(choice)

    def _number(self, index: int, piece: chat_completion_chunk.ChoiceDeltaToolCall) -> int:
        """Tell calls apart that come under one index, and leave out a name that is repeated."""
        name = (piece.function.name if piece.function else None) or ""
        begun = self._begun.get(index)
        if begun is None:
            begun = _Begun(piece.id or "", name, index)
        elif name and piece.id and piece.id != begun.id:
            self._renumbered -= 1
            begun = _Begun(piece.id, name, self._renumbered)
        elif name and piece.function and (piece.id, name) == (begun.id, begun.name):
            piece.function.name = None
        self._begun[index] = begun
        return begun.number


class CompatibleModel(OpenAIChatModel):
    """A model whose replies are read that way."""

    @property
    def _streamed_response_cls(self) -> type[OpenAIStreamedResponse]:
        return CompatibleReply

"""The library's events as parts of a reply."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from pydantic_ai.messages import (
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)

from tui_sessions.model import message as own
from tui_sessions.model.surrogates import JoinedHalves
from tui_sessions.providers.base import ReplyPart, ThinkingDelta, ToolCall
from tui_sessions.providers.library.conversation import REDACTED, Thinker
from tui_sessions.providers.library.thinking_tags import ThinkingTags

_WHOLE = ("stop", "tool_call")
"""Reasons to end that a reply has which came to its end."""


class ReplyEvents:
    """Reads one stream: text and thinking as they come, a tool call once it is complete.

    Endpoints may send several calls at the same time, a piece of each in turn: none is complete
    before something else begins or the stream ends. The signature of a thought comes at its end, or
    with the call that it led to.
    """

    def __init__(self, thinker: Thinker) -> None:
        self._thinker = thinker
        self._calls: dict[int, ToolCallPart] = {}
        self._tags = ThinkingTags()
        self._halves, self._thought_halves = JoinedHalves(), JoinedHalves()

    def parts(self, event: ModelResponseStreamEvent) -> Iterator[ReplyPart]:
        """What an event adds to the reply."""
        match event:
            case PartStartEvent(part=TextPart(content=text)) if text:
                yield from self._complete_calls()
                yield from self._text(text)
            case PartStartEvent(part=ThinkingPart() as thought):
                yield from self._text_at_end()
                yield from self._complete_calls()
                signature = None if thought.provider_details else thought.signature
                yield from self._thought(
                    thought.content, signature, redacted=thought.id == REDACTED
                )
            case PartStartEvent(index=index, part=ToolCallPart() as call):
                yield from self._text_at_end()
                self._calls[index] = call
            case PartDeltaEvent(delta=TextPartDelta(content_delta=text)) if text:
                yield from self._text(text)
            case PartDeltaEvent(delta=ThinkingPartDelta() as more):
                signature = None if more.provider_details else more.signature_delta
                yield from self._thought(more.content_delta, signature)
            case PartEndEvent(part=ThinkingPart(provider_details=dict() as details) as thought):
                kept = details | ({"id": thought.id} if thought.id else {})
                yield from self._sign(thought.signature or "", kept)
            case PartEndEvent(part=TextPart(provider_details={"thought_signature": str() as data})):
                yield from self._text_at_end()
                yield from self._sign(data, {"of": "text"})
            case PartDeltaEvent(index=index, delta=ToolCallPartDelta() as more):
                if (begun := self._calls.get(index)) is not None:
                    grown = more.apply(begun)
                    self._calls[index] = grown if isinstance(grown, ToolCallPart) else begun

    @property
    def calling(self) -> bool:
        """A tool call has begun and may still grow."""
        return bool(self._calls)

    def rest(self, reason: str | None) -> Iterator[ReplyPart]:
        """What waited for more, now that no more comes.

        A call that may be cut off must never run as if it were whole: what is missing might be the
        very arguments that make it harmless.

        Args:
            reason: why the reply ended. Where it broke off, its calls are left out; where it ran
                into its limit, arguments that are not there are none instead of empty ones.
        """
        yield from self._text_at_end()
        if reason in _WHOLE:
            yield from self._complete_calls()
        elif reason == "length":
            yield from self._complete_calls(cut=True)

    def _text(self, text: str) -> Iterator[ReplyPart]:
        if whole := self._halves.join(text):
            yield from self._tags.read(whole)

    def _text_at_end(self) -> Iterator[ReplyPart]:
        if alone := self._halves.rest():
            yield from self._tags.read(alone)
        yield from self._tags.rest()

    def _thought(
        self, text: str | None, signature: str | None, *, redacted: bool = False
    ) -> Iterator[ReplyPart]:
        if signature:
            signed = own.Signature(
                provider=self._thinker.endpoint,
                model=self._thinker.model,
                data=signature,
                redacted=redacted,
            )
            yield ThinkingDelta(text or "", signed)
        elif text and (whole := self._thought_halves.join(text)):
            yield ThinkingDelta(whole)

    def _sign(self, data: str, details: dict[str, object]) -> Iterator[ReplyPart]:
        """End what came before with all that its provider wants back."""
        thinker = self._thinker
        yield ThinkingDelta(
            "",
            own.Signature(
                provider=thinker.endpoint, model=thinker.model, data=data, details=details
            ),
        )

    def _complete_calls(self, *, cut: bool = False) -> Iterator[ReplyPart]:
        calls, self._calls = self._calls, {}
        for call in calls.values():
            yield from self._thought(None, (call.provider_details or {}).get("thought_signature"))
            begun = call.args or isinstance(call.args, dict)
            arguments = _arguments(call.args) if begun or not cut else ""
            yield ToolCall(own.ToolCallPart(call.tool_call_id, call.tool_name, arguments))


def _arguments(given: object) -> object:
    """The arguments of a call; as the text that came where it is not JSON."""
    if not isinstance(given, str):
        return given or {}
    try:
        return _JSON.decode(given) if given.strip() else {}
    except (ValueError, RecursionError):
        return given


def _number(text: str) -> float:
    """A number that JSON can hold: Python's reader would take others too, and no endpoint does.

    Raises:
        ValueError: it is none.
    """
    if not math.isfinite(value := float(text)):
        raise ValueError(text)
    return value


_JSON = json.JSONDecoder(parse_float=_number, parse_constant=_number)

"""A chat in the library's messages: what of ours is sent, as what, and in which order."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    ModelResponsePart,
    SystemPromptPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserContent,
    UserPromptPart,
)

from tui_sessions.model import message as own
from tui_sessions.providers.base import ReplyRequest
from tui_sessions.providers.library.pictures import picture
from tui_sessions.providers.library.turn_order import in_turns

_WIRE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Names of tools that endpoints take; a file from elsewhere may hold others."""
REDACTED = "redacted_thinking"
"""How the library names a thought that its provider keeps to itself."""
_UNSEEN = "(A picture stood here, which you cannot look at.)"


@dataclass(frozen=True)
class Thinker:
    """Who is asked, as far as thinking that goes back is concerned."""

    endpoint: str
    model: str
    """The model that is asked for."""
    system: str
    """How the library names the interface; it sends signatures to no other."""
    field: str | None = None
    """Where thinking that is not signed goes back; None: it does not."""

    def signed(self, signature: own.Signature) -> bool:
        """Whether a signature is this one's own."""
        return (signature.provider, signature.model) == (self.endpoint, self.model)


class Conversation:
    """Turns one request's messages into the library's.

    Messages of one side that follow each other become one. A tool call is sent as a call only where
    its result follows, tools are offered, and its name is one that endpoints take: they refuse any
    other; it is told as text then.
    Thinking goes back only to the model it came from and only while that is using tools: no other
    model can make use of it. Where a provider signs thoughts, it takes none without its signature.
    """

    def __init__(self, request: ReplyRequest, thinker: Thinker, *, sees: bool = True) -> None:
        """Look through a request.

        Args:
            request: what is about to be sent.
            thinker: who is asked.
            sees: whether that one takes pictures; where not, those before the question leave marks.
        """
        self._request = request
        self._thinker = thinker
        self._sees = sees
        self._prompt = _prompt_of(request)
        self._groups = [
            list(group)
            for _, group in itertools.groupby(
                request.messages, key=lambda message: message.role == "assistant"
            )
        ]
        self._paired = self._paired_calls()

    def messages(self) -> list[ModelMessage]:
        """All of them, the system prompt first."""
        system = self._request.agent.system_prompt
        opening: list[ModelRequestPart] = [SystemPromptPart(system)] if system else []
        sent: list[ModelMessage] = []
        for place, group in enumerate(self._groups):
            if group[0].role == "assistant":
                if answer := _signing_texts(self._answer(group, self._in_tool_loop(place))):
                    if opening:
                        sent.append(ModelRequest(parts=opening))
                    sent.append(ModelResponse(parts=answer))
                    opening = []
            else:
                opening = [*opening, *self._question(group)]
                if opening:
                    sent.append(ModelRequest(parts=opening))
                opening = []
        return in_turns([*sent, ModelRequest(parts=opening)] if opening else sent)

    def _answer(self, group: Sequence[own.Message], thinks: bool) -> Iterator[ModelResponsePart]:
        for message in group:
            own_model = self._request.agent.model in (None, message.model)
            for part in message.content:
                match part:
                    case own.TextPart(text) if text.strip():
                        yield TextPart(text)
                    case own.SummaryPart(text):
                        yield TextPart(_summary(text))
                    case own.ThinkingPart(signature=own.Signature() as signature):
                        if thinks and self._thinker.signed(signature):
                            yield self._signed(part.text, signature)
                    case own.ThinkingPart(text) if text and thinks and own_model:
                        if self._thinker.field is not None:
                            yield ThinkingPart(
                                text, id=self._thinker.field, provider_name=self._thinker.system
                            )
                    case own.ToolCallPart(id=call_id, name=name, arguments=arguments):
                        yield self._call(call_id, name, arguments)
                    case own.ImagePart():
                        yield TextPart("(I gave a picture here.)")
                    case own.FilePart():
                        yield TextPart(f"(I gave a file here: {_told(part)}.)")

    def _signed(self, text: str, signature: own.Signature) -> TextPart | ThinkingPart:
        system, details = self._thinker.system, dict(signature.details)
        if details == {"of": "text"}:
            signed = {"thought_signature": signature.data}
            return TextPart("", provider_name=system, provider_details=signed)
        return ThinkingPart(
            "" if signature.redacted else text,
            id=REDACTED if signature.redacted else details.pop("id", None),
            signature=signature.data or None,
            provider_name=system,
            provider_details=details or None,
        )

    def _call(self, call_id: str, name: str, arguments: object) -> ModelResponsePart:
        if call_id in self._paired:
            args = arguments if isinstance(arguments, dict) else json.dumps(arguments or {})
            return ToolCallPart(name, args, tool_call_id=call_id)
        return TextPart(f"(I called the tool {name} with {json.dumps(arguments)}.)")

    def _question(self, group: Sequence[own.Message]) -> Iterator[ModelRequestPart]:
        """The results first: they have to follow the calls that they answer."""
        parts = [(message, part) for message in group for part in message.content]
        for _, part in parts:
            if isinstance(part, own.ToolResultPart) and part.call_id in self._paired:
                yield self._result(part)
        for message in group:
            asked = message is self._prompt
            content = [
                text for part in message.content if (text := self._content(part, asked)) is not None
            ]
            if not content:
                continue
            if message.role == "system":
                texts = (one for one in content if isinstance(one, str))
                yield SystemPromptPart("\n\n".join(texts))
            else:
                alone = content[0] if len(content) == 1 else None
                yield UserPromptPart(alone if isinstance(alone, str) else content)

    def _content(self, part: own.Part, asked: bool) -> UserContent | None:
        match part:
            case own.TextPart(text):
                return text if text.strip() else None
            case own.SummaryPart(text):
                return _summary(text)
            case own.ImagePart():
                return picture(part, required=asked) if asked or self._sees else _UNSEEN
            case own.FilePart():
                return f"(A file goes with this message: {_told(part)}.)"
            case own.ToolResultPart(call_id=call_id, text=text) if call_id not in self._paired:
                return f"(A tool gave back: {text})"
        return None

    def _result(self, part: own.ToolResultPart) -> ToolReturnPart:
        name = self._paired[part.call_id]
        return ToolReturnPart(
            name,
            part.text,
            tool_call_id=part.call_id,
            outcome="failed" if part.is_error else "success",
        )

    def _paired_calls(self) -> dict[str, str]:
        """The names of the calls that are sent as calls, by id."""
        paired: dict[str, str] = {}
        if not self._request.tools:
            return paired
        for asked, answered in itertools.pairwise(self._groups):
            results = {
                part.call_id
                for message in answered
                for part in message.content
                if isinstance(part, own.ToolResultPart)
            }
            paired |= {
                part.id: part.name
                for message in asked
                for part in message.content
                if isinstance(part, own.ToolCallPart)
                and part.id in results
                and _WIRE_NAME.fullmatch(part.name)
            }
        return paired

    def _in_tool_loop(self, place: int) -> bool:
        """Whether a reply belongs to the turn that is still going on."""
        after = itertools.chain.from_iterable(self._groups[place:])
        return not any(message.role == "user" and not message.hidden for message in after)


def has_earlier_pictures(request: ReplyRequest) -> bool:
    """Whether there are pictures to be sent, none of them in the question itself."""
    prompt = _prompt_of(request)
    pictured = [
        message
        for message in request.messages
        if message.role != "assistant"
        and any(isinstance(part, own.ImagePart) for part in message.content)
    ]
    return bool(pictured) and all(message is not prompt for message in pictured)


def _prompt_of(request: ReplyRequest) -> own.Message | None:
    """The question that a reply is to answer; None where there is none."""
    asked = (m for m in reversed(request.messages) if m.role == "user" and not m.hidden)
    return next(asked, None)


def _signing_texts(parts: Iterable[ModelResponsePart]) -> list[ModelResponsePart]:
    """The parts, each signature of a text in the text that it follows."""
    made: list[ModelResponsePart] = []
    for part in parts:
        last = made.pop() if made else None
        if isinstance(last, TextPart) and isinstance(part, TextPart) and not part.content:
            made.append(replace(part, content=last.content))
        else:
            made += [part] if last is None else [last, part]
    return made


def _told(file: own.FilePart) -> str:
    """What is said of a file in its place."""
    size = f"{-(-file.size // 1000):,} kB" if file.size else None
    return ", ".join(told for told in (file.name, file.media_type, size) if told)


def _summary(text: str) -> str:
    return f"Summary of the conversation so far:\n\n{text}"

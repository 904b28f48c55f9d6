"""A provider that plays what it is told: for tests, demonstrations and pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from tui_sessions.errors import ProviderError
from tui_sessions.model.identifiers import new_id
from tui_sessions.model.message import ToolCallPart
from tui_sessions.model.usage import Usage
from tui_sessions.providers.base import (
    Finished,
    Provider,
    ReplyPart,
    ReplyRequest,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    UsageSoFar,
)

MODEL = "scripted-1"
Step = str | Mapping[str, Any]


class ScriptedProvider:
    """Plays one reply a turn, the last one again when there are no more.

    A reply is a list of steps: a string or `{"text": …}` is sent as it is, `{"thinking": …}` as
    thinking, `{"tool_call": {"name": …, "arguments": …}}` as a tool call; `{"delay_s": …}` waits,
    `{"gate": name}` waits until `open(name)`, `{"cut_off": true}` ends without an end, `{"used":
    {…}}` is counted so far, `{"usage": {…}}` and `{"finish_reason": …}` are reported at the end.
    `{"error": sentence, "kind": …, "retry_after": …}` fails, with `"times": n` only the first `n`
    requests. After `{"next": true}` comes what the next request of the same turn gets: after the
    results of tools, or where the reply is continued; the last part again when there are no more.
    Replies come from the constructor, or from the agent's `parameters.script`.

    ```python
    ScriptedProvider([["Hel", "lo"], [{"error": "No such model.", "kind": "not_found"}]])
    ```
    """

    name = "scripted"

    def __init__(self, replies: Sequence[Sequence[Step]] | None = None) -> None:
        self._replies = replies
        self._gates: dict[str, asyncio.Event] = {}
        self.requests: list[ReplyRequest] = []
        """Every request that came, in order."""

    def open(self, gate: str) -> None:
        """Let the replies that wait at this gate, and later ones, go on."""
        self._gate(gate).set()

    def stream(self, request: ReplyRequest) -> AsyncIterator[ReplyPart]:
        """Play the reply whose turn it is."""
        self.requests.append(request)
        replies = self._replies or request.agent.parameters.get("script") or [["Scripted."]]
        turns, requests = _position(request)
        parts = _parts(replies[min(max(turns - 1, 0), len(replies) - 1)])
        return self._play(parts[min(requests, len(parts) - 1)], self._tries(request))

    async def models(self) -> list[str]:
        """The one it has."""
        return [MODEL]

    def _tries(self, request: ReplyRequest) -> int:
        """How often the same was asked, this time included."""
        asked = [message.id for message in request.messages if not message.hidden]
        return sum(
            asked == [message.id for message in one.messages if not message.hidden]
            for one in self.requests
        )

    async def _play(self, steps: Sequence[Step], tries: int) -> AsyncIterator[ReplyPart]:
        end = Finished(model=MODEL)
        for step in steps:
            match step:
                case (str() as text) | {"text": str() as text}:
                    yield TextDelta(text)
                case {"thinking": str() as text}:
                    yield ThinkingDelta(text)
                case {"tool_call": {"name": str() as name} as call}:
                    call_id = str(call.get("id", new_id()))
                    yield ToolCall(ToolCallPart(call_id, name, call.get("arguments")))
                case {"delay_s": seconds}:
                    await asyncio.sleep(seconds)
                case {"gate": gate}:
                    await self._gate(gate).wait()
                case {"usage": dict() as fields}:
                    end = msgspec.structs.replace(end, usage=Usage(**fields))
                case {"used": dict() as fields}:
                    yield UsageSoFar(Usage(**fields))
                case {"finish_reason": str() as reason}:
                    end = msgspec.structs.replace(end, finish_reason=reason)
                case {"error": _}:
                    _fail(step, tries)
                case {"cut_off": True}:
                    return
                case _:
                    raise ProviderError(f"The script has an unknown step: {step!r:.80}.")
            await asyncio.sleep(0)
        yield end

    def _gate(self, name: str) -> asyncio.Event:
        return self._gates.setdefault(name, asyncio.Event())


def _fail(step: Mapping[str, Any], tries: int) -> None:
    if tries <= step.get("times", tries):
        kind, wait = str(step.get("kind", "other")), step.get("retry_after")
        raise ProviderError(str(step["error"]), kind, wait)


def _position(request: ReplyRequest) -> tuple[int, int]:
    """How many turns there were, and how many replies the present one has already."""
    turns = replies = 0
    for message in request.messages:
        if message.role == "user" and not message.hidden:
            turns, replies = turns + 1, 0
        elif message.role == "assistant":
            replies += 1
    return turns, replies


def _parts(steps: Sequence[Step]) -> list[list[Step]]:
    """A reply, request by request."""
    parts: list[list[Step]] = [[]]
    for step in steps:
        if isinstance(step, Mapping) and step.get("next") is True:
            parts.append([])
        else:
            parts[-1].append(step)
    return parts


_: type[Provider] = ScriptedProvider

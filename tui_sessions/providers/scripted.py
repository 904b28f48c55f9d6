"""A provider that plays what it is told: for tests, demonstrations and pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

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
)

MODEL = "scripted-1"
Step = str | Mapping[str, Any]


class ScriptedProvider:
    """Plays one reply a turn, the last one again when there are no more.

    A reply is a list of steps: a string or `{"text": …}` is sent as it is, `{"thinking": …}` as
    thinking, `{"tool_call": {"name": …, "arguments": …}}` as a tool call; `{"delay_s": …}` waits,
    `{"gate": name}` waits until `open(name)`, `{"error": sentence, "kind": …}` fails,
    `{"cut_off": true}` ends without an end, `{"usage": {…}}` is reported at the end. Replies come
    from the constructor, or from the agent's `parameters.script`.

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
        turn = sum(m.role == "user" and not m.hidden for m in request.messages) - 1
        return self._play(replies[min(max(turn, 0), len(replies) - 1)])

    async def models(self) -> list[str]:
        """The one it has."""
        return [MODEL]

    async def _play(self, steps: Sequence[Step]) -> AsyncIterator[ReplyPart]:
        usage: Usage | None = None
        for step in steps:
            match step:
                case str() as text:
                    yield TextDelta(text)
                case {"text": str() as text}:
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
                    usage = Usage(**fields)
                case {"error": sentence}:
                    raise ProviderError(str(sentence), str(step.get("kind", "other")))
                case {"cut_off": True}:
                    return
                case _:
                    raise ProviderError(f"The script has an unknown step: {step!r:.80}.")
            await asyncio.sleep(0)
        yield Finished(usage=usage, model=MODEL)

    def _gate(self, name: str) -> asyncio.Event:
        return self._gates.setdefault(name, asyncio.Event())


_: type[Provider] = ScriptedProvider

"""A model for tests that answers, summarises, counts tokens and has a window of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from engine_driving import ask, conversation

from tui_sessions import (
    Finished,
    Message,
    ProviderError,
    ProviderRegistry,
    ReplyPart,
    ReplyRequest,
    SessionManager,
    TextDelta,
    Usage,
)
from tui_sessions.model.context import agent_tokens, message_tokens


def tokens_of(request: ReplyRequest) -> int:
    """What a request takes, as the model counts."""
    return agent_tokens(request.agent, request.tools) + sum(map(message_tokens, request.messages))


LONG = "word " * 60
"""75 tokens and a bit."""


def roles(messages: list[Message]) -> list[str]:
    """Whose turn each message was."""
    return [message.role for message in messages]


class SummarisingModel:
    """Answers `answer to …`; asked to summarise, says which summary it is and of what.

    A request that does not fit into the window is refused, as servers do.
    """

    name = "offline"

    def __init__(self, window: int | None = None, *, tells: bool = True) -> None:
        self.window = window
        self.tells = tells
        """Whether it tells its window."""
        self.requests: list[ReplyRequest] = []
        self.summary: str | None = None
        """What it says for a summary, instead of its own."""
        self.summary_error: Exception | None = None
        self.hold: asyncio.Event | None = None
        """A summary waits for it."""
        self.cost: float | None = None

    @property
    def summaries(self) -> list[ReplyRequest]:
        """The requests for a summary."""
        return [r for r in self.requests if _asks_for_summary(r)]

    @property
    def questions(self) -> list[ReplyRequest]:
        """All other requests."""
        return [r for r in self.requests if not _asks_for_summary(r)]

    async def stream(self, request: ReplyRequest) -> AsyncIterator[ReplyPart]:
        self.requests.append(request)
        tokens = tokens_of(request)
        if self.window is not None and tokens > self.window:
            raise ProviderError("The context is too long.", "context_too_long")
        if _asks_for_summary(request):
            reply = await self._summarise()
        else:
            reply = f"answer to {request.messages[-1].text}"
        yield TextDelta(reply)
        usage = Usage(input_tokens=tokens, output_tokens=len(reply) // 4 + 1, cost_usd=self.cost)
        yield Finished(usage=usage, model="m-1")

    async def models(self) -> list[str]:
        return ["m-1"]

    async def context_window(self, model: str | None) -> int | None:
        return self.window if self.tells else None

    async def _summarise(self) -> str:
        if self.hold is not None:
            await self.hold.wait()
        if self.summary_error is not None:
            raise self.summary_error
        return f"summary {len(self.summaries)}" if self.summary is None else self.summary

    def registry(self) -> ProviderRegistry:
        """Providers whose default is this model."""
        registry = ProviderRegistry()
        registry.register("offline", lambda: self)
        return registry


async def conversation_near_the_end(manager: SessionManager, model: SummarisingModel) -> str:
    """A session whose next question goes beyond 80 % of the window of 2,000 tokens."""
    model.window = 2000
    session_id = await conversation(manager)
    while ((await manager.context(session_id)).share or 0) < 0.8:
        await ask(manager, session_id, f"next {LONG}")
    assert model.summaries == []
    return session_id


def _asks_for_summary(request: ReplyRequest) -> bool:
    return request.messages[-1].text.startswith("Summarise the conversation above")

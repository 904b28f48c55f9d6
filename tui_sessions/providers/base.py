"""The protocol of a provider: one request in, a stream of reply parts out.

A provider raises `ProviderError` for what goes wrong on its side. Being stopped is the cancellation
of the task that reads the stream: the provider lets `asyncio.CancelledError` through and closes its
connection on the way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from tui_sessions.model.agent import AgentConfig
from tui_sessions.model.message import Message, Signature, ToolCallPart
from tui_sessions.model.tool import ToolSpec
from tui_sessions.model.usage import Usage


class ReplyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is asked: its own chat, and nothing else of the session or the workspace."""

    agent: AgentConfig
    messages: Sequence[Message]
    """Oldest first, the question last."""
    tools: Sequence[ToolSpec] = ()
    """What the model may call."""


class TextDelta(msgspec.Struct, frozen=True):
    """More text of the answer."""

    text: str


class ThinkingDelta(msgspec.Struct, frozen=True):
    """More of what the model thinks."""

    text: str
    signature: Signature | None = None
    """Comes with the end of a thought; what follows is another one."""


class ToolCall(msgspec.Struct, frozen=True):
    """A complete wish to have a tool run."""

    call: ToolCallPart


class UsageSoFar(msgspec.Struct, frozen=True):
    """What the provider counted up to here; all that is known where the reply breaks off."""

    usage: Usage


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """The reply is at its end; a stream that closes without it was cut off."""

    usage: Usage | None = None
    """None where the provider does not say."""
    model: str | None = None
    """The model that really answered."""
    finish_reason: str | None = None
    """`stop`, `length` (the model ran into its limit), `tool_call` or `content_filter`."""


ReplyPart = TextDelta | ThinkingDelta | ToolCall | UsageSoFar | Finished


class Provider(Protocol):
    """Who answers."""

    name: str
    """How agents name it."""

    def stream(self, request: ReplyRequest) -> AsyncIterator[ReplyPart]:
        """Answer.

        Raises:
            ProviderError: the provider's side failed; what was yielded before counts.
        """

    async def models(self) -> list[str]:
        """The models that can be asked for, the default first."""


@runtime_checkable
class SizedProvider(Protocol):
    """A provider that can tell how much its models read at once."""

    async def context_window(self, model: str | None) -> int | None:
        """How many tokens fit into one request and its reply; None where nobody says."""


@runtime_checkable
class ClosableProvider(Protocol):
    """A provider that holds connections."""

    async def close(self) -> None:
        """Let go of them; the next request opens new ones."""


class Providers(Protocol):
    """The providers that agents may name."""

    def names(self) -> tuple[str, ...]:
        """Their names, the default first."""

    def get(self, name: str) -> Provider:
        """The provider of that name.

        Raises:
            UnknownProvider: there is none.
        """

    async def warm_up(self, name: str) -> None:
        """Load what the first request to a provider would wait for, out of the way.

        Raises:
            UnknownProvider: there is none of that name.
        """

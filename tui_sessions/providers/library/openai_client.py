"""OpenAI's SDK, without what it does to each message of a chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from openai import AsyncOpenAI
from openai.resources.chat import AsyncChat, AsyncCompletions


class PlainClient(AsyncOpenAI):
    """Sends messages as they are.

    The SDK looks through every field of them for values that are written otherwise on the wire.
    There are none: ten thousand messages take it almost two seconds, what is in `extra_body` none.
    """

    @cached_property
    def chat(self) -> AsyncChat:
        """The Chat Completions interface."""
        return _PlainChat(self)


class _PlainChat(AsyncChat):
    @cached_property
    def completions(self) -> AsyncCompletions:
        return _PlainCompletions(self._client)


class _PlainCompletions(AsyncCompletions):
    # The SDK's overloads tell what comes back by `stream`; who calls this knows them by its base.
    async def create(  # type: ignore[override]
        self,
        *,
        messages: Iterable[Mapping[str, Any]],
        extra_body: Mapping[str, Any] | None = None,
        **others: Any,
    ) -> Any:
        body = {**(extra_body or {}), "messages": [*messages]}
        return await super().create(messages=[], extra_body=body, **others)

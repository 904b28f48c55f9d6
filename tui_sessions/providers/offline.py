"""The agent that is always there: no key, no network, no model, and it says so."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

from tui_sessions.errors import ProviderError
from tui_sessions.model.usage import Usage
from tui_sessions.providers.base import Finished, Provider, ReplyPart, ReplyRequest, TextDelta

MODEL = "offline-1"
_CHUNK = re.compile(r"\s*\S+\s*")
_QUOTE_LENGTH = 72


class OfflineProvider:
    """Answers every message with the same Markdown for the same input.

    `parameters.delay_s` is the time between two words in seconds (default 0). What it reports as
    tokens are words.
    """

    name = "offline"

    def stream(self, request: ReplyRequest) -> AsyncIterator[ReplyPart]:
        """Answer at once, or word by word where a delay is asked for."""
        return _stream(request, _delay(request.agent.parameters.get("delay_s", 0)))

    async def models(self) -> list[str]:
        """The one it has."""
        return [MODEL]


def offline_reply(request: ReplyRequest) -> str:
    """What it says: that it is no model, and what it was given."""
    prompts = [m for m in request.messages if m.role == "user" and not m.hidden]
    question = prompts[-1].text if prompts else ""
    first_line = next((line.strip() for line in question.splitlines() if line.strip()), "")
    quote = first_line[:_QUOTE_LENGTH] + ("…" if len(first_line) > _QUOTE_LENGTH else "")
    words = len(question.split())
    instructed = "with a system prompt" if request.agent.system_prompt else "no system prompt"
    template = request.agent.template or "none"
    return (
        "I am the **offline agent**: no language model, no network. I answer the same way every "
        "time, so that everything around a conversation can be used and tried.\n\n"
        "You wrote:\n\n"
        f"> {quote.replace('`', chr(39)) or '(nothing)'}\n\n"
        "What I was given:\n\n"
        f"- {_count(words, 'word')}, {_count(len(question), 'character')}\n"
        f"- {_count(len(prompts), 'question')} in this chat so far\n"
        f"- template `{template}`, {instructed}\n\n"
        "```python\n"
        f"question = {first_line[:_QUOTE_LENGTH]!r}\n"
        f"assert len(question.split()) == {len(first_line[:_QUOTE_LENGTH].split())}\n"
        "```\n\n"
        "For real answers, give this chat another model."
    )


async def _stream(request: ReplyRequest, delay_s: float) -> AsyncIterator[ReplyPart]:
    reply = offline_reply(request)
    for chunk in _CHUNK.findall(reply):
        await asyncio.sleep(delay_s)
        yield TextDelta(chunk)
    sent = sum(len(message.text.split()) for message in request.messages)
    usage = Usage(input_tokens=sent, output_tokens=len(reply.split()), cost_usd=0.0)
    yield Finished(usage=usage, model=MODEL)


def _delay(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 60:
        return value
    raise ProviderError(f"delay_s is {value!r:.40}; valid: 0 to 60 seconds.", "bad_request")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


_: type[Provider] = OfflineProvider

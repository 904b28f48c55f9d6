"""What a reply used, as far as the endpoint says and a price is known."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic_ai.usage import RequestUsage

from tui_sessions.model.usage import Usage
from tui_sessions.providers.base import UsageSoFar
from tui_sessions.providers.library.prices import known_cost


class UsageWatch:
    """Notices when an endpoint counts in the middle of a reply."""

    def __init__(self) -> None:
        self._seen: RequestUsage | None = None

    def parts(self, usage: RequestUsage) -> Iterator[UsageSoFar]:
        """What was counted since the last look; what it costs is known at the end only."""
        if usage is not self._seen:
            self._seen = usage
            told = _tokens(usage)
            if any(told.values()):
                yield UsageSoFar(Usage(**told))


def reported_usage(usage: RequestUsage, model: str, address: str) -> Usage | None:
    """The usage of a reply; None where the endpoint did not say.

    Tokens that were read from or written to a cache are counted apart, as they are paid apart.
    """
    if usage.unmeasured_requests or not (usage.input_tokens or usage.output_tokens):
        return None
    return Usage(**_tokens(usage), cost_usd=known_cost(usage, model, address))


def _tokens(usage: RequestUsage) -> dict[str, int]:
    cached = usage.cache_read_tokens + usage.cache_write_tokens
    return {
        "input_tokens": max(usage.input_tokens - cached, 0),
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
    }

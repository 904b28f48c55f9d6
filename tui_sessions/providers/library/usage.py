"""What a reply used, as far as the endpoint says and a price is known."""

from __future__ import annotations

from pydantic_ai.usage import RequestUsage

from tui_sessions.model.usage import Usage
from tui_sessions.providers.library.prices import known_cost


def reported_usage(usage: RequestUsage, model: str, address: str) -> Usage | None:
    """The usage of a reply; None where the endpoint did not say.

    Tokens that were read from or written to a cache are counted apart, as they are paid apart.
    """
    if usage.unmeasured_requests or not (usage.input_tokens or usage.output_tokens):
        return None
    cached = usage.cache_read_tokens + usage.cache_write_tokens
    return Usage(
        input_tokens=max(usage.input_tokens - cached, 0),
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        cost_usd=known_cost(usage, model, address),
    )

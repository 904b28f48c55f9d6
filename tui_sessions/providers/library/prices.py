"""What the library's price data knows: costs and context windows, never guessed."""

from __future__ import annotations

import re

import genai_prices
from genai_prices.data_snapshot import get_snapshot
from pydantic_ai.usage import RequestUsage


def known_cost(usage: RequestUsage, model: str, address: str) -> float | None:
    """US dollars at this very address: the same model costs something else elsewhere."""
    if usage.cost is not None:
        return float(usage.cost)
    if not _is_known(address):
        return None
    try:
        price = genai_prices.calc_price(usage, model, provider_api_url=address)
    except (LookupError, ValueError):
        return None
    return float(price.total_price)


def known_context(model: str, address: str) -> int | None:
    """How many tokens a model reads at once, at this very address."""
    if not _is_known(address):
        return None
    try:
        _, found = get_snapshot().find_provider_model(
            model, provider=None, provider_id=None, provider_api_url=address
        )
    except LookupError:
        return None
    return found.context_window


def _is_known(address: str) -> bool:
    """Whether an address is a provider's own; the data looks at no more than how it begins."""
    try:
        provider = get_snapshot().find_provider(None, None, address)
    except LookupError:
        return False
    begun = re.match(provider.api_pattern, address)
    return begun is not None and (
        begun[0][-1:] in ("/", ".") or address[begun.end() :][:1] in ("", "/", ":")
    )

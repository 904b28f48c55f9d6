"""What a reply used: tokens and cost, and how they add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

Tokens = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Dollars = Annotated[float, msgspec.Meta(ge=0, le=1e12)]


class Usage(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Tokens and cost of one reply, or of many together.

    ```python
    Usage(input_tokens=9) + Usage(input_tokens=1, output_tokens=12)
    ```
    """

    input_tokens: Tokens = 0
    """Tokens sent, those read from a cache not counted."""
    output_tokens: Tokens = 0
    """Tokens received, thinking included."""
    cache_read_tokens: Tokens = 0
    cache_write_tokens: Tokens = 0
    cost_usd: Dollars | None = None
    """US dollars; None where it is not known, which is not the same as nothing."""

    def __add__(self, other: Usage) -> Usage:
        costs = [cost for cost in (self.cost_usd, other.cost_usd) if cost is not None]
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cache_read_tokens=self.cache_read_tokens + other.cache_read_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            cost_usd=sum(costs) if costs else None,
        )

    @property
    def total_tokens(self) -> int:
        """All tokens, sent and received, cached ones included."""
        return (
            self.input_tokens
            + self.output_tokens
            + self.cache_read_tokens
            + self.cache_write_tokens
        )


def known_usage(told: object) -> Usage | None:
    """What somebody told of a reply's use, as far as it can be true; None where it cannot.

    A provider may tell negative tokens, or a cost that is no number: that cannot be added up.
    """
    if told is None:
        return None
    fields = {
        name: getattr(told, name)
        for name in (Usage.__struct_fields__ if isinstance(told, Usage) else ())
    }
    values = told if isinstance(told, Mapping) else fields
    if not values:
        return None
    try:
        return msgspec.convert(values, Usage)
    except msgspec.ValidationError:
        pass
    try:
        return msgspec.convert({**values, "cost_usd": None}, Usage)
    except msgspec.ValidationError:
        return None


def total_usage(usages: Iterable[Usage | None]) -> Usage:
    """The sum of what is known."""
    total = Usage()
    for usage in usages:
        if usage is not None:
            total += usage
    return total

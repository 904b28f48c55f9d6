"""How much a score is worth by the age of what it was given for."""

from __future__ import annotations

from datetime import UTC, datetime

_HALF_LIFE_S = 2 * 365 * 86_400.0
"""A text must fit twice as well as one that is so much newer to come before it."""
_START = datetime(2022, 1, 1, tzinfo=UTC).timestamp()
"""Texts that are older than this are as good as each other."""
_MOST = 100.0
"""Enough until 2035; what tantivy makes of more would not fit into its numbers."""


def lift_of(time: float) -> float:
    """What a score is multiplied with: newer texts come before older ones that fit as well.

    Args:
        time: when the text was written, in seconds since 1970.
    """
    half_lives = min(max((time - _START) / _HALF_LIFE_S, 0.0), 20.0)
    return min(float(2.0**half_lives), _MOST)


def weight_of(time: float) -> float:
    """The weight by which tantivy lifts a score like that: it multiplies with log2(2 + weight)."""
    return float(2.0 ** lift_of(time)) - 2.0

"""Tokens and cost as a person reads them; what is not known is called unknown."""

from __future__ import annotations

from tui_sessions.model.tally import Tally

UNKNOWN = "unknown"


def money(cost: float) -> str:
    """US dollars: `$0.0042`, `$12.30`."""
    return f"${cost:.4f}" if 0 < cost < 1 else f"${cost:,.2f}"


def cost_text(tally: Tally) -> str:
    """What the replies cost: `$0.0042`, `unknown`, or `$0.0042 + 3 unknown`."""
    if tally.usage.cost_usd is None:
        return UNKNOWN if tally.replies else money(0)
    return _with_unknown(money(tally.usage.cost_usd), tally.unpriced)


def tokens_text(number: int, tally: Tally) -> str:
    """A count of the replies' tokens: `1,234`, `unknown`, or `1,234 + 3 unknown`."""
    if tally.replies and tally.unmeasured == tally.replies:
        return UNKNOWN
    return _with_unknown(f"{number:,}", tally.unmeasured)


def _with_unknown(text: str, unknown: int) -> str:
    return f"{text} + {unknown:,} {UNKNOWN}" if unknown else text

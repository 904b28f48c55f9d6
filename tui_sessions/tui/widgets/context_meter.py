"""How full an agent's context window is, in a few cells."""

from __future__ import annotations

import msgspec
from textual.content import Content

_BAR_CELLS = 6
_NEARLY_FULL = 0.95


class ContextInfo(msgspec.Struct, frozen=True):
    """How much the next question takes along."""

    tokens: int
    window: int | None = None
    """How many tokens the model reads at once; None where nobody says."""
    estimated: bool = False
    """The tokens are guessed, not told by the provider."""
    warning_share: float = 0.8
    """From here on there is little room left."""

    @property
    def share(self) -> float | None:
        """How full it is, 1 for full; None where the window is not known."""
        return self.tokens / self.window if self.window else None


def short_number(number: int) -> str:
    """A count in at most five cells: `950`, `1.2k`, `34k`, `1.2M`."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")):
        if number >= size * 0.9995:
            value = number / size
            return f"{value:.1f}{unit}" if value < 9.95 else f"{value:.0f}{unit}"
    return str(number)


def draw_meter(context: ContextInfo, *, bar: bool) -> Content:
    """The meter: `~12k/128k 9%`, with a bar behind it where there is room."""
    share = context.share
    tokens = f"{'~' if context.estimated else ''}{short_number(context.tokens)}"
    if share is None or context.window is None:
        return Content(f"{tokens} tokens")
    style = _style(share, context.warning_share)
    percent = f"{min(share, 9.99):.0%}"
    said = Content.assemble(f"{tokens}/{short_number(context.window)} ", (percent, style))
    return Content.assemble(said, " ", _bar(share, style)) if bar else said


def _bar(share: float, style: str) -> Content:
    """The share as a line of half cells; anything at all shows."""
    halves = max(min(round(share * _BAR_CELLS * 2), _BAR_CELLS * 2), 1 if share > 0 else 0)
    whole, half = divmod(halves, 2)
    rest = _BAR_CELLS - whole - half
    return Content.assemble(("━" * whole + "╸" * half, style), ("─" * rest, "$foreground 30%"))


def _style(share: float, warning_share: float) -> str:
    if share >= _NEARLY_FULL:
        return "$text-error"
    return "$text-warning" if share >= warning_share else "$text-success"

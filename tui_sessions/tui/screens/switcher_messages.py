"""The messages that fit what is typed: searched while the index grows, and what stands above."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

from tui_sessions.tui.drawing import draw_line
from tui_sessions.tui.widgets.switcher_results import FoundTexts, TextHit

TextSearch = Callable[[str, int], Awaitable[FoundTexts]]
"""Searches all texts: what was typed, and how many of the best are left out."""
_AGAIN_S = 1.0
"""How long until they are searched again while the index is being built."""
ALL = 100
"""The percent of everything that an index which is built has searched."""


async def searched(search: TextSearch, text: str) -> AsyncIterator[FoundTexts]:
    """What is found, again and again while the index is being built."""
    while True:
        found = await search(text, 0)
        yield found
        if found.percent >= ALL:
            return
        await asyncio.sleep(_AGAIN_S)


async def searched_further(
    search: TextSearch, text: str, before: Sequence[TextHit]
) -> AsyncIterator[FoundTexts]:
    """What was found before with the next after it, and with what the index still brings."""
    found = await search(text, len(before))
    hits = list(dict.fromkeys([*before, *found.hits]))
    yield replace(found, hits=hits, total=found.total if found.hits else len(hits))
    while found.percent < ALL:
        await asyncio.sleep(_AGAIN_S)
        found = await search(text, 0)
        hits = list(dict.fromkeys([*hits, *found.hits]))
        yield replace(found, hits=hits, total=max(found.total, len(hits)))


def heading_of(found: FoundTexts) -> str:
    """What stands above the messages."""
    parts = ["in messages"]
    if found.hits:
        number = f"{found.total:,}" if found.total > len(found.hits) else f"{len(found.hits):,}"
        parts.append(f"{number} found")
    elif found.percent >= ALL:
        parts.append("nothing found")
    if found.similar:
        parts.append("spelt nearly so")
    if found.percent < ALL:
        parts.append(_still_to_come(found))
    if found.notice:
        parts.append(draw_line(found.notice).plain)
    return " · ".join(parts)


def _still_to_come(found: FoundTexts) -> str:
    """Why more may be found later."""
    if not found.to_go:
        return "looking for what is new…"
    sessions = "session" if found.to_go == 1 else "sessions"
    return f"the index is being built, {found.percent} %: {found.to_go:,} {sessions} to go"

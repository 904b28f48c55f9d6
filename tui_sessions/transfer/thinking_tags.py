"""Thinking that a tool left in the text of a reply, between tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_sessions.model.message import Part, TextPart, ThinkingPart

_THINKING = re.compile(r"<(think|thinking|thought)>(.*?)</\1>\s*", re.DOTALL)


def parts_of_text(text: str) -> list[Part]:
    """A reply's text as parts, what stands between thinking tags apart."""
    return list(_parts(text)) if "<th" in text else [TextPart(text)] if text else []


def _parts(text: str) -> Iterator[Part]:
    start = 0
    for found in _THINKING.finditer(text):
        if text[start : found.start()].strip():
            yield TextPart(text[start : found.start()])
        if found[2].strip():
            yield ThinkingPart(found[2].strip())
        start = found.end()
    if text[start:].strip():
        yield TextPart(text[start:])

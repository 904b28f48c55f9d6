"""The piece of a text that is shown of a hit, and the marks in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tui_sessions.model.matching import Matcher, Span, similar_spans
from tui_sessions.model.query import SearchQuery
from tui_sessions.model.search import Snippet

LENGTH = 160
"""Characters of a snippet, about."""
_LEAD = 40
"""So many of them stand before the first mark."""
_LOOK_BACK = 20
"""So far back a word's beginning is looked for."""
_SPACE = re.compile(r"\s+")


class Snippets:
    """Cuts snippets for one query."""

    def __init__(self, query: SearchQuery, *, similar: bool = False) -> None:
        self._query = query
        self._similar = similar
        self._matcher = Matcher(query)
        self._inside = Matcher(query, inside=True)

    def cut(self, text: str) -> Snippet:
        """The piece with the most marks at the earliest place, in one line."""
        text = text.strip()
        spans = self._spans(text)
        start = _start_of(text, _best(spans))
        end = min(len(text), start + LENGTH)
        pieces: list[str] = ["…" if start else ""]
        marks: list[Span] = []
        at, length = start, len(pieces[0])
        for first, last in spans:
            if first < at or last > end:
                continue
            between, marked = _in_line(text[at:first]), _in_line(text[first:last])
            pieces += [between, marked]
            length += len(between)
            marks.append((length, length + len(marked)))
            length += len(marked)
            at = last
        pieces += [_in_line(text[at:end]), "…" if end < len(text) else ""]
        return Snippet("".join(pieces), tuple(marks))

    def _spans(self, text: str) -> Sequence[Span]:
        spans: Sequence[Span] = self._matcher.spans(text)
        if self._similar and not self._matcher.fits([text]):
            spans = _apart([*spans, *similar_spans(text, self._query)])
        # A part of a name such as `parseQuery` is found without being a word of its own.
        return spans or self._inside.spans(text)


def _apart(spans: Sequence[Span]) -> list[Span]:
    """The spans in order, without those that begin within another; the first ones come first."""
    apart: list[Span] = []
    for start, end in sorted(spans, key=lambda span: span[0]):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart


def _best(spans: Sequence[Span]) -> Span | None:
    """The mark after which the most others follow closely."""
    best, most = None, 0
    for place, span in enumerate(spans[:200]):
        following = sum(
            1 for other in spans[place : place + 8] if other[1] < span[0] + LENGTH - _LEAD
        )
        if following > most:
            best, most = span, following
    return best or (spans[0] if spans else None)


def _start_of(text: str, span: Span | None) -> int:
    """Where the piece begins: at a word's beginning, some way before the mark."""
    if span is None or span[0] <= _LEAD:
        return 0
    start = span[0] - _LEAD
    space = text.rfind(" ", max(start - _LOOK_BACK, 0), start)
    return start if space < 0 else space + 1


def _in_line(text: str) -> str:
    return _SPACE.sub(" ", text)

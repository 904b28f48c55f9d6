"""Finding words in all messages, a step of the work at a time.

A query is understood as in the search of everything, without its filters: several words, "phrases",
-words and beginnings*, whatever their case and accents.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain

from tui_sessions.model.matching import Matcher
from tui_sessions.model.message import (
    FilePart,
    Part,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.query import parse_query
from tui_sessions.model.visible import visible
from tui_sessions.tui.widgets.transcript.drawn_chat import DrawnChat
from tui_sessions.tui.widgets.transcript.line import Line
from tui_sessions.tui.widgets.transcript.tool_lines import digest, left_out

_Spans = dict[int, list[tuple[int, int]]]


class Finder:
    """What was searched for, and where it was found."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.total = 0
        """How many matches there are in what was looked at so far."""
        self.nearest: int | None = None
        """The message in which the first match was found."""
        self.current = -1
        self._counts: dict[int, int] = {}
        """How many matches there are in each message that has any."""
        self._with_matches: list[int] = []
        """Where those messages are; known at the end of the search."""
        self._totals: list[int] = []
        """How many matches there are up to the end of each of them."""
        self._steps = 0
        """By how many matches the person has gone on before all were counted."""
        self._matcher = Matcher(parse_query(visible(query), filters=False), on_page=True)
        self._drawn: dict[int, tuple[Sequence[Line], _Spans, list[tuple[int, int]]]] = {}

    def search(self, chat: DrawnChat, start: int) -> Iterator[None]:
        """Count the matches of one message after the other, from one of them on and around.

        Of a long message a step takes in a part.
        """
        size = len(chat.messages)
        for index in chain(range(start, size), range(min(start, size))):
            error = chat.messages[index].error
            texts = chain(_searched_texts(chat.parts(index)), [error] if error else ())
            count = yield from self._matcher.count(texts)
            if count:
                self._counts[index] = count
                self.total += count
                if self.nearest is None:
                    self.nearest = index
            yield
        self._with_matches = sorted(self._counts)
        self._totals = [*accumulate(self._counts[index] for index in self._with_matches)]
        self._start_at(start)

    def _start_at(self, index: int) -> None:
        """Make the first match at or after a message the current one."""
        before = self._before(bisect_left(self._with_matches, index))
        self.current = (before + self._steps) % self.total if self.total else -1

    def step(self, by: int) -> bool:
        """Go on by matches, around the ends; False where it is not known yet what comes next."""
        if not self._totals:
            self._steps += by
            return False
        self.current = (self.current + by) % self.total
        return True

    @property
    def has_gone_on(self) -> bool:
        """Whether the person has gone on before all matches were counted."""
        return self._steps != 0

    def place(self) -> tuple[int, int] | None:
        """The message of the current match, and which of its matches it is."""
        if not self._totals:
            return None if self.nearest is None else (self.nearest, 0)
        number = bisect_right(self._totals, self.current)
        return self._with_matches[number], self.current - self._before(number)

    def _before(self, number: int) -> int:
        """How many matches come before the first of a message."""
        return self._totals[number - 1] if number else 0

    def spans(self, index: int, lines: Sequence[Line]) -> _Spans:
        """The matches in drawn lines: for each line its character spans."""
        if index not in self._counts:
            return {}
        known = self._drawn.get(index)
        if known is not None and known[0] is lines:
            return known[1]
        if len(self._drawn) > 500:
            self._drawn.clear()
        found: dict[int, list[tuple[int, int]]] = {}
        starts: list[tuple[int, int]] = []
        for match in self._drawn_matches(lines):
            pieces = list(match)
            starts += [(place, start) for place, start, _ in pieces[:1]]
            for place, start, end in pieces:
                found.setdefault(place, []).append((start, end))
        self._drawn[index] = (lines, found, starts)
        return found

    def starts(self, index: int, lines: Sequence[Line]) -> list[tuple[int, int]]:
        """The line and character at which each drawn match begins."""
        self.spans(index, lines)
        return self._drawn[index][2] if index in self._drawn else []

    def current_span(self, index: int, lines: Sequence[Line]) -> tuple[int, int] | None:
        """Where the current match begins, if it is in these lines."""
        where = self.place()
        if where is None or where[0] != index:
            return None
        starts = self.starts(index, lines)
        return starts[min(where[1], len(starts) - 1)] if starts else None

    def _drawn_matches(self, lines: Sequence[Line]) -> Iterator[Iterator[tuple[int, int, int]]]:
        """Matches may run on over soft-wrapped lines."""
        for group in _joined(lines):
            text = "".join(
                lines[place].content.plain[lines[place].lead :] + lines[place].joint
                for place in group
            )
            for start, end in self._matcher.spans(text):
                yield _split_match(lines, group, start, end)


def _searched_texts(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, (TextPart, ThinkingPart, SummaryPart, ToolResultPart)):
            yield part.text
        elif isinstance(part, ToolCallPart):
            yield f"{part.name}  {digest(part.arguments)}"
            yield from left_out(part.arguments)
        elif isinstance(part, FilePart):
            yield part.name


def _joined(lines: Sequence[Line]) -> Iterator[range]:
    start = 0
    for place, line in enumerate(lines):
        if "\n" in line.joint:
            yield range(start, place + 1)
            start = place + 1


def _split_match(
    lines: Sequence[Line], group: range, start: int, end: int
) -> Iterator[tuple[int, int, int]]:
    at = 0
    for place in group:
        line = lines[place]
        size = len(line.content) - line.lead
        first, last = max(start - at, 0), min(end - at, size)
        if first < last:
            yield place, line.lead + first, line.lead + last
        at += size + len(line.joint)
        if at >= end:
            return

"""What a person types to find something: words, phrases, prefixes, `-word` and filters."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import msgspec

from tui_sessions.errors import InvalidValue
from tui_sessions.model.clock import now
from tui_sessions.model.folding import tokens_of
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.message import ROLES
from tui_sessions.model.query_dates import VALID_DATES, moment_of

FEATURES = ("code", "tool", "image", "file", "thinking")
"""What `has:` asks for."""
FILTERS = ("workspace", "role", "model", "tag", "state", "before", "after", "has")
"""The names of the filters."""
_CHOICES = {
    "role": ROLES,
    "state": tuple(state.value for state in SessionState),
    "has": FEATURES,
}
_MOST_WORDS = 40
"""What comes after so many words is left out; nobody typed them one by one."""
_LONGEST = 4000
_PART = re.compile(
    r"""(?P<minus>-)?(?:(?P<field>[A-Za-z]+):)?"""
    r"""(?:"(?P<phrase>[^"]*)"?|(?P<bare>[^\s"]+)|(?P<none>(?<=:)(?=\s|$)))"""
)


class Word(msgspec.Struct, frozen=True):
    """Something that is looked for: a word, or several that stand side by side."""

    text: str
    """As it was typed, without quotes and star."""
    phrase: bool = False
    """It was quoted."""
    prefix: bool = False
    """It may go on."""


class Filter(msgspec.Struct, frozen=True):
    """A condition on the message or its session."""

    field: str
    value: str
    negated: bool = False


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query, taken apart."""

    words: tuple[Word, ...] = ()
    """All of them must be there."""
    without: tuple[Word, ...] = ()
    """None of them may be there."""
    filters: tuple[Filter, ...] = ()
    """Those but the times."""
    before: datetime | None = None
    after: datetime | None = None

    def __bool__(self) -> bool:
        return self != SearchQuery()

    @property
    def has_filters(self) -> bool:
        """Whether it asks for more than words."""
        return bool(self.filters or self.before or self.after)

    def values(self, field: str, *, negated: bool = False) -> list[str]:
        """What the filters of a field ask for."""
        return [f.value for f in self.filters if f.field == field and f.negated is negated]


def parse_query(
    text: str,
    *,
    as_typed: bool = False,
    filters: bool = True,
    clock: Callable[[], datetime] = now,
) -> SearchQuery:
    """Take a query apart; any text is one.

    ```python
    parse_query('parser "off by one" -lexer role:user after:7d')
    ```

    Args:
        text: what was typed.
        as_typed: more may be typed: the last word may be the beginning of one.
        filters: whether there are filters; otherwise `role:user` is just a word.
        clock: what relative times count from.

    Raises:
        InvalidValue: a filter has a value that it cannot have.
    """
    text = text[:_LONGEST]
    collected = _Collected(clock)
    for part in list(_PART.finditer(text))[:_MOST_WORDS]:
        field = (part["field"] or "").lower()
        if filters and field in FILTERS:
            collected.add_filter(field, part)
        else:
            collected.add_words(part)
    open_end = as_typed and bool(text) and not text[-1].isspace() and text[-1] != '"'
    return collected.query(open_end=open_end)


class _Collected:
    """The parts of a query that were met so far."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._words: list[Word] = []
        self._without: list[Word] = []
        self._filters: list[Filter] = []
        self._before: datetime | None = None
        self._after: datetime | None = None
        self._last: Word | None = None

    def add_filter(self, field: str, part: re.Match[str]) -> None:
        self._last = None
        value = (part["phrase"] or part["bare"] or "").strip()
        negated = part["minus"] is not None
        if field in ("before", "after"):
            self._add_moment(field, value, negated)
            return
        choices = _CHOICES.get(field)
        if choices is not None:
            value = value.lower()
        if not value or (choices is not None and value not in choices):
            raise InvalidValue(field, value, choices or f"as in {field}:name")
        self._filters.append(Filter(field, value, negated))

    def add_words(self, part: re.Match[str]) -> None:
        minus, bare = part["minus"], part["bare"]
        negated = minus is not None
        if part["phrase"] is not None:
            if part["field"]:
                self._add(Word(part["field"]), negated=negated)
            self._add(Word(part["phrase"].strip(), phrase=True), negated=negated)
            return
        typed = (f"{part['field']}:" if part["field"] else "") + (bare or "")
        if negated and not tokens_of(typed[:1]):  # as in "->" and "--verbose"
            typed, negated = f"-{typed}", False
        stem = typed.rstrip("*")
        word = Word(stem, prefix=True) if stem and stem != typed else Word(typed)
        self._add(word, negated=negated)

    def query(self, *, open_end: bool) -> SearchQuery:
        if open_end and self._last is not None:
            last = self._words.index(self._last)
            self._words[last] = msgspec.structs.replace(self._last, prefix=True)
        return SearchQuery(
            words=tuple(self._words),
            without=tuple(self._without),
            filters=tuple(self._filters),
            before=self._before,
            after=self._after,
        )

    def _add(self, word: Word, *, negated: bool) -> None:
        self._last = None
        if not word.text:
            return
        if negated:
            self._without.append(word)
            return
        if word not in self._words:
            self._words.append(word)
        self._last = None if word.phrase else word

    def _add_moment(self, field: str, value: str, negated: bool) -> None:
        moment = moment_of(value, self._clock())
        if moment is None:
            raise InvalidValue(field, value, VALID_DATES)
        if (field == "before") is not negated:
            self._before = min(self._before or moment, moment)
        else:
            self._after = max(self._after or moment, moment)

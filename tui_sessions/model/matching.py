"""Finding the words of a query in a text, for highlights, find-in-chat and the plain scan."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain

from tui_sessions.model.folding import (
    LETTERS,
    SIGNS,
    Folded,
    fold,
    is_single,
    parts_of_names,
    spaced,
    tokens_of,
)
from tui_sessions.model.query import SearchQuery, Word

Span = tuple[int, int]
"""A start and an end in a text."""
_PIECE = 25_000
"""Characters that are looked through in one step, of which none takes 10 ms."""
_AT_BEGINNING = rf"(?<![^\W_\u2e80-\ud7ff])(?<![{SIGNS}])"
"""No letter before, but for one of the scripts that put no spaces between words."""
_NO_LETTER_BEFORE, _NO_LETTER_AFTER = rf"(?<![^\W_])(?<![{SIGNS}])", rf"(?![^\W_]|[{SIGNS}])"
_NO_LETTER = rf"(?:(?![{SIGNS}])[\W_])"
SPACE_ON_PAGE = r"[*_~`]*\s+[*_~`]*"
"""A space on a page, where Markdown may make one of the words beside it stand out."""
_BETWEEN = r"[\W_]*"
"""Between characters that are words of their own, where none of `SIGNS` stands: a query may have
thousands of them, and those signs take long to compile."""


class Matcher:
    """Says where the words of a query stand, whatever their case and accents.

    The filters of the query are not looked at.
    """

    def __init__(self, query: SearchQuery, *, on_page: bool = False, inside: bool = False) -> None:
        """Prepare to look for the words of a query.

        Args:
            query: what is looked for.
            on_page: as one looks for something on a page: with the punctuation that was typed, and
                several words where words begin, one word anywhere. Otherwise words count that are
                whole, as in the index.
            inside: anywhere, also in the middle of words.
        """
        form = _as_tokens
        if on_page or inside:
            form = _anywhere if len(query.words) == 1 else _at_beginnings
        if inside:
            form = _within
        self._words = _compiled(form, query.words)
        self._without = _compiled(_at_beginnings if on_page else form, query.without)
        self._in_words = form is _as_tokens
        self._any = _any_of([pattern.pattern for pattern in self._words], on_page or inside)

    def fits(self, texts: Iterable[str]) -> bool:
        """Whether all words are somewhere in the texts, and none of those that may not be."""
        missing = list(self._words)
        for text in texts:
            folded = self._folded(text)
            if any(pattern.search(folded) for pattern in self._without):
                return False
            if missing:
                missing = [pattern for pattern in missing if not pattern.search(folded)]
        return not missing

    def count(self, texts: Iterable[str]) -> Generator[None, None, int]:
        """How often the words stand in texts that fit, a step of the work at a time; else 0.

        Example: `total = yield from matcher.count(texts)`
        """
        if self._any is None:
            return 0
        total, missing = 0, list(self._words)
        for piece in chain.from_iterable(map(_pieces, texts)):
            folded = fold(piece)
            if any(pattern.search(folded) for pattern in self._without):
                return 0
            total += len(self._any.findall(folded))
            missing = [pattern for pattern in missing if not pattern.search(folded)]
            yield
        return 0 if missing else total

    def spans(self, text: str) -> list[Span]:
        """Where the words stand in a text, in order; words side by side are one place."""
        if self._any is None:
            return []
        folded = Folded(text, in_words=self._in_words)
        return [folded.span(*found.span()) for found in self._any.finditer(folded.text)]

    def _folded(self, text: str) -> str:
        folded = fold(text)
        if not self._in_words:
            return folded
        return "\n".join((spaced(folded), *map(fold, parts_of_names(text))))


def similar_spans(text: str, query: SearchQuery) -> Iterator[Span]:
    """Where words stand that are spelt nearly as those of a query."""
    wanted = [token for word in query.words for token in tokens_of(word.text)]
    folded = Folded(text)
    for found in re.finditer(LETTERS, folded.text):
        if any(_is_near(found[0], token) for token in wanted):
            yield folded.span(*found.span())


def slips(token: str) -> int:
    """How many typing errors are forgiven in a word."""
    if len(token) < 4 or is_single(token):
        return 0
    return 1 if len(token) < 8 else 2


def _is_near(word: str, token: str) -> bool:
    allowed = slips(token)
    return abs(len(word) - len(token)) <= allowed and _distance(word, token) <= allowed


def _distance(one: str, other: str) -> int:
    """How many letters are wrong, missing, too many or swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last_but_one, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last_but_one[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces that end with a line or at least with a word, as far as there are any."""
    start, size = 0, len(text)
    while size - start > 2 * _PIECE:
        reach = start + _PIECE, start + 2 * _PIECE
        cut = max(text.rfind("\n", *reach), 0) or max(text.rfind(" ", *reach), 0)
        cut = cut + 1 if cut else reach[1]
        yield text[start:cut]
        start = cut
    yield text[start:]


def _any_of(patterns: list[str], on_page: bool) -> re.Pattern[str] | None:
    """Any of the words; all of them side by side, as they were typed, come first."""
    if not patterns:
        return None
    side_by_side = (SPACE_ON_PAGE if on_page else f"{_NO_LETTER}+").join(patterns)
    longest_first = sorted(dict.fromkeys(patterns), key=len, reverse=True)
    return re.compile("|".join(dict.fromkeys([side_by_side, *longest_first])))


def _compiled(form: Callable[[Word], str], words: Iterable[Word]) -> list[re.Pattern[str]]:
    return [re.compile(pattern) for pattern in map(form, words) if pattern]


def _anywhere(word: Word) -> str:
    return SPACE_ON_PAGE.join(map(re.escape, fold(word.text).split()))


def _within(word: Word) -> str:
    """As `_anywhere`, and `foo_bar` in `fooBar`."""
    tokens = map(re.escape, tokens_of(word.text))
    ways = dict.fromkeys(filter(None, (_anywhere(word), _BETWEEN.join(tokens))))
    return f"(?:{'|'.join(ways)})" if ways else ""


def _at_beginnings(word: Word) -> str:
    pattern, first = _anywhere(word), fold(word.text)[:1]
    return _AT_BEGINNING + pattern if first.isalnum() and not is_single(first) else pattern


def _between(token: str, following: str) -> str:
    """A pattern of what may stand between two tokens."""
    singles = is_single(token) + is_single(following)
    if singles == 2:
        return _BETWEEN
    return f"{_NO_LETTER}*" if singles else f"{_NO_LETTER}+"


def _as_tokens(word: Word) -> str:
    """A pattern of the word's tokens, which may have any punctuation between them."""
    tokens = tokens_of(word.text)
    pattern = ""
    for place, token in enumerate(tokens):
        if place:
            pattern += _between(tokens[place - 1], token)
        elif not is_single(token):
            pattern += _NO_LETTER_BEFORE
        pattern += re.escape(token)
    if tokens and not word.prefix and not is_single(tokens[-1]):
        pattern += _NO_LETTER_AFTER
    return pattern

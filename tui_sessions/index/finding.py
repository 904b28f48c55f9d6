"""Asking a tantivy index: the hits of a query, ranked, a page of them at a time."""

from __future__ import annotations

from typing import NamedTuple

import tantivy

from tui_sessions.index.base import Scope
from tui_sessions.index.inherited import Forks, Home, found_in_forks
from tui_sessions.index.query_building import QueryBuilder
from tui_sessions.index.ranking import lift_of
from tui_sessions.index.schema import LIFT, TIME
from tui_sessions.model.query import SearchQuery

_MOST_LENT = 50_000
"""Of so many messages, the best ones of what fits the words, it is found out where they are."""


class Hit(NamedTuple):
    """Something that was found."""

    score: float
    place: tantivy.DocAddress
    home: Home | None = None
    """The fork that it is found in, where it is not the session that had it first."""


class Finding:
    """One query, asked of the index as it is now."""

    def __init__(
        self,
        searcher: tantivy.Searcher,
        builder: QueryBuilder,
        query: SearchQuery,
        *,
        similar: bool,
    ) -> None:
        """Prepare to ask.

        Args:
            searcher: of the index.
            builder: makes tantivy's query.
            query: what is looked for.
            similar: forgive typing errors.
        """
        self._searcher = searcher
        self._builder = builder
        self._query = query
        self._similar = similar

    def page(self, scope: Scope, limit: int, offset: int) -> tuple[list[Hit], int]:
        """The hits from one place on, the best first, and how many there are in all."""
        lent, more = self._in_forks(scope, offset + limit)
        if not more:
            hits, total = self._hits(scope, limit, offset)
            return [self._hit(*hit) for hit in hits], total
        hits, total = self._hits(scope, offset + limit, 0)
        found = [*(Hit(*hit) for hit in hits), *lent]
        found.sort(key=lambda hit: hit.score, reverse=True)
        page = [self._hit(*hit) for hit in found[offset : offset + limit]]
        return page, total + more

    def _in_forks(self, scope: Scope, most: int) -> tuple[list[Hit], int]:
        """What sessions inherited that are in the scope from some that are not.

        The best of it, at most so many, and how much there is in all.
        """
        if scope.sessions is None and not scope.not_sessions:
            return [], 0
        builder = self._builder
        forks = Forks(self._searcher, builder.forks(), builder.fits(scope))
        if not forks.lenders:
            return [], 0
        hits, _ = self._hits(scope, _MOST_LENT, 0, forks.lenders)
        found, total = found_in_forks(forks, self._searcher, hits, most)
        return [Hit(*hit) for hit in found], total

    def _hits(
        self, scope: Scope, limit: int, offset: int, lenders: set[int] | None = None
    ) -> tuple[list[tuple[float, tantivy.DocAddress]], int]:
        built = self._builder.build(self._query, scope, similar=self._similar, lenders=lenders)
        if built is None:
            return [], 0
        # Room for as many as are asked for is made at once, however few there are.
        there = max(self._searcher.num_docs, 1)
        # Where all fit as well as each other, the newest come first, however close in time.
        words = bool(self._query.words)
        result = self._searcher.search(
            built,
            limit=min(max(limit, 1), there),
            offset=min(offset, there),
            weight_by_field=LIFT if words else None,
            order_by_field=None if words else TIME,
        )
        total: int = result.count  # type: ignore[attr-defined]  # missing in the type stubs
        return [(float(score), at) for score, at in result.hits[:limit]], total

    def _hit(self, score: float, place: tantivy.DocAddress, home: Home | None = None) -> Hit:
        return Hit(score if self._query.words else lift_of(score), place, home)

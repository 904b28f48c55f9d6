"""From a person's query to tantivy's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

import tantivy
from tantivy import Occur, Query

from tui_sessions.index.base import Scope
from tui_sessions.index.common_pairs import pairs_of
from tui_sessions.index.schema import (
    BODY,
    FACET,
    FORK,
    MESSAGE,
    MODEL,
    OWNER,
    PAIRS,
    SESSION,
    TIME,
    WORKSPACE,
    key_of,
    make_analyzer,
)
from tui_sessions.model.folding import fold, is_single, spaced
from tui_sessions.model.matching import slips
from tui_sessions.model.query import SearchQuery, Word

_EXACT_BOOST, _SIMILAR_SCORE = 3.0, 0.5
_FIRST_MOMENT, _LAST_MOMENT = -(2**62), 2**62


class QueryBuilder:
    """Builds queries for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema
        self._analyzer = make_analyzer()
        self._words_of_any_length = make_analyzer(longest=None)
        self._owners: tuple[object, Query, frozenset[int]] = (
            None,
            Query.empty_query(),
            frozenset(),
        )

    def build(
        self,
        query: SearchQuery,
        scope: Scope,
        *,
        similar: bool = False,
        lenders: Collection[int] | None = None,
    ) -> Query | None:
        """The query, or None where nothing can fit it.

        Args:
            query: what is looked for.
            scope: where.
            similar: forgive typing errors.
            lenders: find the messages of the sessions that these numbers stand for, whatever the
                scope says of sessions.
        """
        wanted = [self._word(word, similar=similar) for word in query.words]
        clauses = [(Occur.Must, clause) for clause in wanted if clause is not None]
        if not clauses:
            if query.words or not query:
                return None  # nothing but punctuation
            clauses.append((Occur.Must, Query.const_score_query(Query.all_query(), 1.0)))
        unwanted = [self._word(word) for word in query.without]
        clauses += [(Occur.MustNot, clause) for clause in unwanted if clause is not None]
        clauses += self._filters(query)
        clauses += self._scope(scope) if lenders is None else self._lent(scope, lenders)
        return Query.boolean_query(clauses)

    def forks(self) -> Query:
        """What finds the sessions of which something is found with their parents."""
        return Query.const_score_query(self._facet(FORK), 1.0)

    def fits(self, scope: Scope) -> Callable[[int], bool]:
        """Says of the numbers of sessions whether these are in a scope that asks for sessions."""
        chosen = None if scope.sessions is None else self._keys(scope.sessions)[1]
        others = self._keys(scope.not_sessions)[1] if scope.not_sessions else ()
        return lambda key: (chosen is None or key in chosen) and key not in others

    def sessions_of(self, workspace_id: str) -> Query:
        """What finds the sessions of a workspace, each once."""
        workspace = Query.term_query(self._schema, WORKSPACE, workspace_id, index_option="basic")
        return self._sessions((Occur.Must, workspace))

    def sessions_of_others(self, workspace_ids: Collection[str]) -> Query:
        """What finds the sessions of all workspaces but these."""
        known = Query.term_set_query(self._schema, WORKSPACE, sorted(workspace_ids))
        return self._sessions(*([(Occur.MustNot, known)] if workspace_ids else []))

    def _sessions(self, *clauses: tuple[Occur, Query]) -> Query:
        found = Query.boolean_query([(Occur.Must, self._facet(SESSION)), *clauses])
        return Query.const_score_query(found, 1.0)

    def can_forgive(self, query: SearchQuery) -> bool:
        """Whether a word is long enough for typing errors in it to be forgiven."""
        return any(
            len(tokens) == 1 and slips(tokens[0]) for tokens in map(self._tokens, query.words)
        )

    def _tokens(self, word: Word) -> list[str]:
        return self._analyzer.analyze(spaced(fold(word.text)))

    def _word(self, word: Word, *, similar: bool = False) -> Query | None:
        tokens = self._tokens(word)
        if len(tokens) < len(self._words_of_any_length.analyze(spaced(fold(word.text)))):
            return Query.empty_query()  # the index has no words that are so long
        if not tokens:
            return None
        open_end = word.prefix and not is_single(tokens[-1])
        if len(tokens) > 1:
            return self._phrase_in_text(tokens, open_end=open_end)
        token = tokens[0]
        exact = Query.term_query(self._schema, BODY, token)
        ways = [exact]
        if open_end:
            ways.append(self._near(token, 0, prefix=True))
        if similar and not word.phrase and (allowed := slips(token)):
            ways[0] = Query.boost_query(exact, _EXACT_BOOST)
            near = self._near(token, allowed, prefix=open_end)
            ways.append(Query.const_score_query(near, _SIMILAR_SCORE))
        return _either(ways)

    def _near(self, token: str, distance: int, *, prefix: bool) -> Query:
        return Query.fuzzy_term_query(self._schema, BODY, token, distance=distance, prefix=prefix)

    def _phrase_in_text(self, tokens: Sequence[str], *, open_end: bool) -> Query:
        """A phrase; where very common words follow each other, their pairs say where to look."""
        pairs = dict.fromkeys(pairs_of(tokens[:-1] if open_end else tokens))
        found = [Query.term_query(self._schema, PAIRS, pair, index_option="freq") for pair in pairs]
        if len(tokens) == 2 and found:
            return found[0]
        phrase = self._phrase(BODY, tokens, open_end=open_end)
        if not found:
            return phrase
        return Query.boolean_query(
            [(Occur.Must, phrase), *((Occur.Must, _silent(pair)) for pair in found)]
        )

    def _phrase(self, field: str, tokens: Sequence[str], *, open_end: bool) -> Query:
        words: list[str | tuple[int, str]] = list(tokens)
        if open_end:
            return Query.phrase_prefix_query(self._schema, field, words)
        return Query.phrase_query(self._schema, field, words)

    def _filters(self, query: SearchQuery) -> Iterable[tuple[Occur, Query]]:
        for negated in (False, True):
            occur = Occur.MustNot if negated else Occur.Must
            roles = [self._facet(f"role:{role}") for role in query.values("role", negated=negated)]
            models = [self._model(model) for model in query.values("model", negated=negated)]
            for either in (roles, models):
                if either:
                    yield occur, _silent(_either(either))
            for feature in query.values("has", negated=negated):
                yield occur, _silent(self._facet(f"has:{feature}"))
        if query.before is not None or query.after is not None:
            yield Occur.Must, _silent(self._between(query.after, query.before))

    def _lent(self, scope: Scope, lenders: Collection[int]) -> Iterable[tuple[Occur, Query]]:
        yield from self._workspaces(scope)
        yield Occur.Must, _silent(Query.term_set_query(self._schema, OWNER, sorted(lenders)))
        yield Occur.Must, _silent(self._facet(MESSAGE))

    def _workspaces(self, scope: Scope) -> Iterable[tuple[Occur, Query]]:
        for occur, ids in ((Occur.Must, scope.workspaces), (Occur.MustNot, scope.not_workspaces)):
            if ids is not None and (ids or occur is Occur.Must):
                yield occur, _silent(Query.term_set_query(self._schema, WORKSPACE, sorted(ids)))

    def _scope(self, scope: Scope) -> Iterable[tuple[Occur, Query]]:
        yield from self._workspaces(scope)
        for occur, ids in ((Occur.Must, scope.sessions), (Occur.MustNot, scope.not_sessions)):
            if ids is not None and (ids or occur is Occur.Must):
                yield occur, _silent(self._keys(ids)[0])
        if scope.messages_only:
            yield Occur.Must, _silent(self._facet(MESSAGE))

    def _keys(self, session_ids: frozenset[str]) -> tuple[Query, frozenset[int]]:
        """What is of these sessions, and their numbers; the same ids often come again."""
        ids, query, keys = self._owners
        if ids is not session_ids:
            keys = frozenset(map(key_of, session_ids))
            query = Query.term_set_query(self._schema, OWNER, sorted(keys))
            self._owners = (session_ids, query, keys)
        return query, keys

    def _facet(self, value: str) -> Query:
        return Query.term_query(self._schema, FACET, value, index_option="basic")

    def _model(self, name: str) -> Query:
        tokens = self._analyzer.analyze(spaced(fold(name)))
        return self._phrase(MODEL, tokens, open_end=True) if tokens else Query.empty_query()

    def _between(self, after: datetime | None, before: datetime | None) -> Query:
        return Query.range_query(
            self._schema,
            TIME,
            tantivy.FieldType.Integer,
            _FIRST_MOMENT if after is None else int(after.timestamp()),
            _LAST_MOMENT if before is None else int(before.timestamp()),
            include_upper=False,
        )


def _either(ways: list[Query]) -> Query:
    if len(ways) == 1:
        return ways[0]
    return Query.boolean_query([(Occur.Should, way) for way in ways])


def _silent(query: Query) -> Query:
    """A condition that says nothing of how well something fits."""
    return Query.const_score_query(query, 0.0)

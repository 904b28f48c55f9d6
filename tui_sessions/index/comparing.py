"""What a tantivy index holds of sessions, to be compared with what it is to hold."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import tantivy

from tui_sessions.index.schema import DIGEST, KEY, key_of


class Seen(NamedTuple):
    """A document as the index holds it."""

    digest: int
    place: tantivy.DocAddress


def digests_of(
    searcher: tantivy.Searcher, schema: tantivy.Schema, field: str, value: int
) -> dict[int, int]:
    """The digests by key of all documents with that value."""
    most = searcher.doc_freq(field, value)
    if not most:
        return {}
    query = tantivy.Query.term_query(schema, field, value, index_option="basic")
    places = _places(searcher, tantivy.Query.const_score_query(query, 1.0), most)
    return {key: seen.digest for key, seen in _seen(searcher, places).items()}


def is_among(
    searcher: tantivy.Searcher, schema: tantivy.Schema, session_id: str, stamps: Collection[str]
) -> bool:
    """Whether a session is in with one of some stamps."""
    owner = key_of(session_id)
    there = digests_of(searcher, schema, KEY, owner).get(owner)
    return there in {key_of(stamp) for stamp in stamps}


def sessions_in(searcher: tantivy.Searcher, query: tantivy.Query) -> dict[int, Seen]:
    """What a query for sessions finds, by key."""
    return _seen(searcher, all_places(searcher, query))


def all_places(searcher: tantivy.Searcher, query: tantivy.Query) -> list[tantivy.DocAddress]:
    """The places of everything that a query finds."""
    # Room for as many as are asked for is made at once, however few there are.
    most: int = searcher.search(query, limit=1).count  # type: ignore[attr-defined]  # in no stub
    return _places(searcher, query, most) if most else []


def _places(
    searcher: tantivy.Searcher, query: tantivy.Query, most: int
) -> list[tantivy.DocAddress]:
    return [place for _, place in searcher.search(query, limit=most, count=False).hits]


def _seen(searcher: tantivy.Searcher, places: list[tantivy.DocAddress]) -> dict[int, Seen]:
    if not places:
        return {}
    keys = searcher.fast_field_values(KEY, places)
    digests = searcher.fast_field_values(DIGEST, places)
    return {
        int(key or 0): Seen(int(digest or 0), place)
        for key, digest, place in zip(keys, digests, places, strict=True)
    }

"""How passages lie in a tantivy index.

This module and those that import it load tantivy: nothing that runs at a start does so.
"""

from __future__ import annotations

from typing import NamedTuple

import tantivy

from tui_sessions.index.base import Passage
from tui_sessions.index.common_pairs import pairs_in
from tui_sessions.index.ranking import weight_of
from tui_sessions.model.folding import fold, parts_of_names, spaced

# `hashlib` brings OpenSSL's digests along, which take half a megabyte and are not used.
try:
    from _blake2 import blake2b
except ImportError:  # a Python built without its own digests
    from hashlib import blake2b

BODY, PAIRS, MODEL, WORKSPACE, FACET = "body", "pairs", "model", "workspace", "facet"
OWNER, KEY, DIGEST, TIME, LIFT, STORED = "owner", "key", "digest", "time", "lift", "stored"
ID, LENDER = "id", "lender"
SESSION, MESSAGE, FORK = "is:session", "is:message", "is:fork"
"""Facets that tell the two kinds of passages apart, and the sessions that share with a parent."""
_LONGEST_TOKEN = 256
"""Bytes of a word: checksums and long names are words that are looked for."""
_LONGEST_STORED = 50_000
"""Characters of a text that snippets are cut from."""


def make_schema() -> tantivy.Schema:
    """The fields; only `stored` is kept as it came."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(BODY, tokenizer_name="folded", index_option="position")
    builder.add_text_field(PAIRS, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field(MODEL, tokenizer_name="folded", index_option="position")
    builder.add_text_field(WORKSPACE, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(FACET, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field(OWNER, indexed=True, fast=True)
    builder.add_integer_field(KEY, indexed=True, fast=True)
    builder.add_integer_field(DIGEST, fast=True)
    builder.add_integer_field(ID, fast=True)
    builder.add_integer_field(LENDER, fast=True)
    builder.add_integer_field(TIME, fast=True)
    builder.add_float_field(LIFT, fast=True)
    builder.add_bytes_field(STORED, stored=True)
    return builder.build()


def make_analyzer(longest: int | None = _LONGEST_TOKEN) -> tantivy.TextAnalyzer:
    """Cuts folded texts into words; those of more bytes than `longest` are left out."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    if longest is not None:
        builder = builder.filter(tantivy.Filter.remove_long(longest))
    return builder.filter(tantivy.Filter.lowercase()).build()


def key_of(*parts: str | None) -> int:
    """A number that stands for a session, a message or a content."""
    return hash_of("\x1f".join(part or "" for part in parts).encode("utf-8", "replace"))


def hash_of(data: bytes) -> int:
    """A number that stands for some data."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


class Marks(NamedTuple):
    """The numbers by which a passage is found again."""

    owner: int
    """Stands for its session."""
    key: int
    """Stands for the message, or for the session itself."""
    digest: int
    """Stands for the content."""
    lender: int | None = None
    """Stands for the parent with which something of this fork is found."""


def document_of(
    schema: tantivy.Schema, passage: Passage, marks: Marks, encoded: bytes
) -> tantivy.Document:
    """A passage as tantivy takes it; `encoded` is the passage as it is to be given back."""
    facets = [SESSION] if passage.message_id is None else [MESSAGE, f"role:{passage.role}"]
    if marks.lender is not None:
        facets.append(FORK)
    body = _body(passage.text)
    values: dict[str, object] = {
        BODY: body,
        PAIRS: pairs_in(body),
        WORKSPACE: passage.workspace_id,
        FACET: [*facets, *(f"has:{feature}" for feature in passage.features)],
        OWNER: marks.owner,
        KEY: marks.key,
        DIGEST: marks.digest,
        TIME: int(passage.time),
        LIFT: weight_of(passage.time),
        STORED: encoded,
    }
    if passage.message_id is not None:
        values[ID] = key_of(passage.message_id)
    if marks.lender is not None:
        values[LENDER] = marks.lender
    if passage.model:
        values[MODEL] = spaced(fold(passage.model))
    return tantivy.Document.from_dict(values, schema)


def shortened(text: str) -> str:
    """As much of a text as is kept for snippets."""
    return text[:_LONGEST_STORED]


def _body(text: str) -> str:
    names = parts_of_names(text)
    body = spaced(fold(text))
    return "\n".join((body, *names)) if names else body

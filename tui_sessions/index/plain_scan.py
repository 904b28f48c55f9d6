"""Searching without an index: slower, and right."""

from __future__ import annotations

from collections.abc import Iterable

from tui_sessions.index.base import Found, Passage, Scope
from tui_sessions.index.ranking import lift_of
from tui_sessions.model.clock import now
from tui_sessions.model.folding import tokens_of
from tui_sessions.model.matching import Matcher
from tui_sessions.model.query import SearchQuery


def scan(passages: Iterable[Passage], query: SearchQuery, scope: Scope) -> Found:
    """Find what fits among some passages, the best first; typing errors are not forgiven."""
    if not query or (query.words and not any(tokens_of(word.text) for word in query.words)):
        return Found()
    matcher = Matcher(query)
    present = lift_of(now().timestamp())
    hits = []
    for passage in passages:
        if _in_scope(passage, scope) and _passes(passage, query) and matcher.fits([passage.text]):
            density = len(matcher.spans(passage.text)) / (20 + len(passage.text) / 50)
            hits.append(((1 + density) * lift_of(passage.time) / present, passage))
    hits.sort(key=lambda hit: hit[0], reverse=True)
    return Found(passages=hits, total=len(hits))


def _in_scope(passage: Passage, scope: Scope) -> bool:
    return (
        (scope.workspaces is None or passage.workspace_id in scope.workspaces)
        and passage.workspace_id not in scope.not_workspaces
        and (scope.sessions is None or passage.session_id in scope.sessions)
        and passage.session_id not in scope.not_sessions
        and not (scope.messages_only and passage.message_id is None)
    )


def _passes(passage: Passage, query: SearchQuery) -> bool:
    roles, models = query.values("role"), query.values("model")
    return (
        (not roles or passage.role in roles)
        and (not models or any(_is_model(passage, model) for model in models))
        and all(feature in passage.features for feature in query.values("has"))
        and passage.role not in query.values("role", negated=True)
        and not any(_is_model(passage, model) for model in query.values("model", negated=True))
        and not set(passage.features).intersection(query.values("has", negated=True))
        and (query.before is None or passage.time < query.before.timestamp())
        and (query.after is None or passage.time >= query.after.timestamp())
    )


def _is_model(passage: Passage, name: str) -> bool:
    """Whether the words of a model's name begin like this somewhere."""
    wanted, there = tokens_of(name), tokens_of(passage.model)
    last = len(wanted) - 1
    return last >= 0 and any(
        there[at : at + last] == wanted[:last] and there[at + last].startswith(wanted[last])
        for at in range(len(there) - last)
    )

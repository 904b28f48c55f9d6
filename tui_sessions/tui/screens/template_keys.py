"""Keys of a template's text that mean nothing: most likely they are misspelt."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from difflib import get_close_matches

from tui_sessions.model.agent import AgentConfig, AgentTemplate


def unknown_keys(text: str, before: str) -> list[str]:
    """What is wrong with keys that were not in the text before, a sentence each."""
    old = {key for key, _ in _unknown(before)}
    return [
        f"{key!r} means nothing here; did you mean {close}?"
        for key, close in _unknown(text)
        if key not in old
    ]


def _unknown(text: str) -> Iterator[tuple[str, str]]:
    """The keys that no template has, each with those that it may stand for."""
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    agent = values.get("agent")
    for prefix, table, known in (
        ("", values, AgentTemplate.__struct_fields__),
        ("agent.", agent if isinstance(agent, dict) else {}, AgentConfig.__struct_fields__),
    ):
        for key in table.keys() - set(known):
            yield prefix + key, " or ".join(get_close_matches(key, known, 2, 0.5) or known)

"""Keys of a template that mean nothing: most likely they are misspelt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from tui_sessions.model.agent import AgentConfig, AgentTemplate


def unknown_keys(text: str, before: str) -> list[str]:
    """What is wrong with keys that were not in the text before, a sentence each."""
    old = set(unknown_fields(_values(before)))
    return [sentence for sentence in unknown_fields(_values(text)) if sentence not in old]


def unknown_fields(values: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the keys of a template that was read, a sentence each."""
    agent = values.get("agent")
    for prefix, table, known in (
        ("", values, AgentTemplate.__struct_fields__),
        ("agent.", agent if isinstance(agent, dict) else {}, AgentConfig.__struct_fields__),
    ):
        for key in table:
            if key not in known:
                close = " or ".join(get_close_matches(key, known, 2, 0.5) or known)
                yield f"{prefix + key!r} means nothing here; did you mean {close}?"


def _values(text: str) -> Mapping[str, Any]:
    import tomllib  # here, as an app without settings in a file does without it

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}

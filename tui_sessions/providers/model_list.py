"""What an endpoint's list says about its models: their names, and how much they read at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

_CONTEXT_FIELDS = ("max_model_len", "context_length", "max_input_tokens", "max_context_length")


class ListedModel(msgspec.Struct, frozen=True):
    """One model of an endpoint."""

    name: str
    context_window: int | None = None
    """None where the endpoint does not say."""


def listed_models(answer: object) -> list[ListedModel]:
    """The models in an endpoint's answer; what is none is left out."""
    entries = answer.get("data") if isinstance(answer, dict) else None
    return [
        ListedModel(entry["id"], _context_window(entry))
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("id"), str) and entry["id"].strip()
    ]


def _context_window(entry: Mapping[str, Any]) -> int | None:
    meta = entry.get("meta")
    given = [entry.get(name) for name in _CONTEXT_FIELDS]
    given.append(meta.get("n_ctx") if isinstance(meta, dict) else None)
    return next((window for one in given if (window := _whole(one)) is not None), None)


def _whole(value: object) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if fits and isinstance(value, int) else None

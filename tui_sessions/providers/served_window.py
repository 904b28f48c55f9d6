"""How much of a chat a server of one's own reads: what it has a model loaded with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.json_get import NoAnswerError
from tui_sessions.providers.listing import ask
from tui_sessions.providers.model_list import context_window

_NUM_CTX = re.compile(r"^\s*num_ctx\s+(\d+)\s*$", re.MULTILINE)


async def served_window(endpoint: Endpoint, model: str) -> int | None:
    """What Ollama or LM Studio say beside the list that all servers have; None where neither does.

    What a model could read is not what Ollama gives it: longer chats are cut without a word. So
    only what it is loaded with counts, or what its Modelfile asks for.
    """
    root = endpoint.base_url.removesuffix("/v1")
    loaded = await _answer(endpoint, f"{root}/api/ps")
    if isinstance(loaded, dict) and isinstance(loaded.get("models"), list):
        if (window := _window_of(model, loaded["models"])) is not None:
            return window
        shown = await _answer(endpoint, f"{root}/api/show", {"model": model})
        return _asked_for(shown)
    listed = await _answer(endpoint, f"{root}/api/v0/models")
    if isinstance(listed, dict) and isinstance(listed.get("data"), list):
        return _window_of(model, listed["data"])
    return None


async def _answer(endpoint: Endpoint, url: str, body: Mapping[str, Any] | None = None) -> Any:
    try:
        return await ask(endpoint, url, None, body)
    except NoAnswerError:
        return None


def _window_of(model: str, entries: list[Any]) -> int | None:
    return next((context_window(entry) for entry in entries if model in set(_names(entry))), None)


def _names(entry: object) -> Iterator[str]:
    """What a model may be called by; Ollama adds `:latest` where no tag is named."""
    if isinstance(entry, dict):
        for field in ("id", "name", "model"):
            if isinstance(name := entry.get(field), str):
                yield name
                yield name.removesuffix(":latest")


def _asked_for(shown: object) -> int | None:
    parameters = shown.get("parameters") if isinstance(shown, dict) else None
    found = _NUM_CTX.search(parameters) if isinstance(parameters, str) else None
    return int(found[1]) or None if found else None

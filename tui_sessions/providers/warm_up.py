"""Loads the provider library before it is needed, and without the screen standing still."""

from __future__ import annotations

import asyncio
import importlib
import threading
from typing import TYPE_CHECKING, cast

from tui_sessions.model.collecting import collector_paused, keep_for_good

if TYPE_CHECKING:
    from tui_sessions.providers.library.model_call import MakeCall

_ENTRIES = {
    "openai": "openai_models",
    "openai-compatible": "openai_models",
    "anthropic": "anthropic_models",
    "google": "google_models",
    "mistral": "mistral_models",
}
_loaded: dict[str, MakeCall] = {}
_loading = threading.Lock()


async def load_calls(kind: str) -> MakeCall:
    """What makes requests to one kind of provider; loaded in a thread where it is not yet."""
    if (entry := _ENTRIES[kind]) not in _loaded:
        await asyncio.to_thread(warm_up, kind)
    return _loaded[entry]


def warm_up(kind: str) -> None:
    """Load what one kind of provider needs, here and now; meant for a thread."""
    entry = _ENTRIES[kind]
    with _loading:
        if entry in _loaded:
            return
        with collector_paused():
            importlib.import_module("tui_sessions.providers.library.reply")
            module = importlib.import_module(f"tui_sessions.providers.library.{entry}")
            _loaded[entry] = cast("MakeCall", module.make_call)
            keep_for_good()

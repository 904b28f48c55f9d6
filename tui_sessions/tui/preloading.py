"""Loads what the first paint does without, before a person needs it."""

from __future__ import annotations

import gc
import importlib
import threading
import time
from pathlib import Path

from tui_sessions.model.collecting import collector_paused, keep_for_good

_WIDGETS = ("tick_list", "pick_list", "transcript.code_theme", "transcript.finder")
_LIBRARIES = ("markdown_it", "pygments.lexers")
_PAUSE_S = 0.002
"""Seconds between two modules in which the screen has the processor to itself."""
_loaded: list[str] = []
_loading = threading.Lock()
"""Held while all that is loaded: who finds it half done waits for the rest."""


def preload() -> None:
    """Load every dialog and the libraries behind the transcript; meant for a thread.

    The app starts with the collector off; it is on from here on.
    """
    try:
        with _loading:
            _load()
    finally:
        gc.enable()


def _load() -> None:
    if _loaded:
        return
    with collector_paused():
        for name in _names():
            importlib.import_module(name)
            _loaded.append(name)
            time.sleep(_PAUSE_S)
        keep_for_good()


def stay_small() -> None:
    """Give memory back as it is freed; meant for a thread, and before there are many of them."""
    from tui_sessions.engine import freed_memory

    freed_memory.stay_small()


def _names() -> list[str]:
    screens = importlib.import_module("tui_sessions.tui.screens")
    files = sorted(Path(*screens.__path__).glob("*.py"))
    dialogs = [f"{screens.__name__}.{file.stem}" for file in files if file.stem != "__init__"]
    widgets = [f"tui_sessions.tui.widgets.{name}" for name in _WIDGETS]
    return [*_LIBRARIES, "tui_sessions.tui.commands", *widgets, *dialogs]

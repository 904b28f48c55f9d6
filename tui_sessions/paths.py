"""Where the program's files live on each operating system."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from tui_sessions.sha256 import hex_digest

APP_NAME = "sessions-tui"


def data_dir() -> Path:
    """The folder that holds `workspaces/`: the person's conversations."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def config_dir() -> Path:
    """The folder of `settings.toml` and of the person's own templates."""
    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))


def cache_dir() -> Path:
    """The folder of what can be made again from the data: the index."""
    return Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))


def catalog_path(directory: Path) -> Path:
    """Where the catalog of the sessions below a folder is kept."""
    return cache_dir() / "catalogs" / f"{_place(directory)}.sqlite"


def index_path(directory: Path) -> Path:
    """Where the full-text index of the sessions below a folder is kept."""
    return cache_dir() / "search" / _place(directory)


def tree_path(directory: Path) -> Path:
    """Where the app keeps what its tree showed of the sessions below a folder."""
    return cache_dir() / "trees" / f"{_place(directory)}.json"


def import_memory_path(directory: Path) -> Path:
    """Where it is kept what was imported into the sessions below a folder."""
    return cache_dir() / "imports" / f"{_place(directory)}.json"


def unsaved_path(directory: Path) -> Path:
    """Where what the disk did not take of the sessions below a folder is kept until it does."""
    return state_dir() / "unsaved" / _place(directory)


def log_file() -> Path:
    """Where unexpected errors are written down."""
    return Path(platformdirs.user_log_dir(APP_NAME, appauthor=False)) / f"{APP_NAME}.log"


def project_dir(start: Path) -> Path:
    """The project that a folder belongs to: the nearest git root above it, else the folder."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    return start


def state_dir() -> Path:
    """The folder of what the app remembers of itself: drafts, and the log."""
    return Path(platformdirs.user_state_dir(APP_NAME, appauthor=False))


def _place(directory: Path) -> str:
    """What stands for a folder in the names of files elsewhere."""
    return hex_digest(str(os.path.realpath(directory)))[:16]

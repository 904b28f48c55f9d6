"""Where programs keep their data on this machine, as most of them find it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path


def data_home() -> Path:
    """`XDG_DATA_HOME`, which many programs also use on macOS."""
    return configured_path("XDG_DATA_HOME") or Path.home() / ".local" / "share"


def config_home() -> Path:
    """`XDG_CONFIG_HOME`."""
    return configured_path("XDG_CONFIG_HOME") or Path.home() / ".config"


def application_support() -> Path | None:
    """The folder of programs that keep to the manner of macOS; None elsewhere."""
    return Path.home() / "Library" / "Application Support" if sys.platform == "darwin" else None


def folders_above(start: Path | None = None) -> list[Path]:
    """The current folder and those above it, up to the root of its repository."""
    folder = (start or Path.cwd()).absolute()
    found = []
    for place in (folder, *folder.parents):
        found.append(place)
        if (place / ".git").exists():
            return found
    return found[:1]


def configured_path(variable: str) -> Path | None:
    """The path that an environment variable names."""
    value = os.environ.get(variable)
    return Path(value).expanduser() if value else None


def existing(paths: Iterable[Path | None]) -> list[Path]:
    """Those that are there, each once."""
    return list(dict.fromkeys(path for path in paths if path is not None and path.exists()))

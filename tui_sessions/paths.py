"""Where the program's files live on each operating system."""

from __future__ import annotations

from pathlib import Path

APP_NAME = "sessions-tui"


def data_dir() -> Path:
    """The folder that holds `workspaces/`: the person's conversations."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def config_dir() -> Path:
    """The folder of `settings.toml` and of the person's own templates."""
    import platformdirs

    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))


def cache_dir() -> Path:
    """The folder of what can be made again from the data: the index."""
    import platformdirs

    return Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))


def log_file() -> Path:
    """Where unexpected errors are written down."""
    import platformdirs

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
    import platformdirs

    return Path(platformdirs.user_state_dir(APP_NAME, appauthor=False))

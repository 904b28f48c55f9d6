"""Starting the app; where nothing else is asked for, without the library that reads command lines.

To load that takes longer than all that the app's few options need.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_OPTIONS = {
    "--data-dir": "data_dir",
    "--store": "store",
    "--workspace": "workspace",
    "--user": "user",
}


class AppOptions(NamedTuple):
    """What the app can be started with."""

    data_dir: str | None = None
    store: str | None = None
    workspace: str | None = None
    user: str | None = None


def app_options(arguments: Sequence[str]) -> AppOptions | None:
    """The options of a command line that starts the app; None where it has to be looked at closely.

    So it has to where it names a command, asks for help, or is wrong in any way.
    """
    found: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        name, given, value = argument.partition("=")
        value = value if given else next(rest, "")
        if name not in _OPTIONS or not _is_plain(value):
            return None
        found[_OPTIONS[name]] = value
    options = AppOptions(**found)
    wrong = options.data_dir and (options.store or os.path.isfile(options.data_dir))
    return None if wrong or not has_terminal() else options


def has_terminal() -> bool:
    """Whether the app can draw and be typed into."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def start_app(options: AppOptions, session_id: str | None = None) -> int:
    """Run the app; gives the exit code."""
    gc.disable()  # The app switches the collector on as soon as the person sees it.
    from tui_sessions.tui.launching import run_app

    directory = options.data_dir
    return run_app(
        data_dir=None if directory is None else Path(directory).expanduser().absolute(),
        store=options.store,
        workspace=options.workspace,
        user_id=options.user,
        session=session_id,
    )


def _is_plain(value: str) -> bool:
    return value.isprintable() and bool(value.strip()) and not value.startswith("-")

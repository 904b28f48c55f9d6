"""The place where the app runs, as sessions know it."""

from __future__ import annotations

import os
from collections.abc import Mapping

_PANES = ("TMUX_PANE", "ZELLIJ_PANE_ID", "WEZTERM_PANE", "KITTY_WINDOW_ID", "STY", "WINDOWID")


def terminal_surface(environment: Mapping[str, str] = os.environ) -> str:
    """`tty:` and the multiplexer's pane, else the terminal device."""
    for variable in _PANES:
        if pane := environment.get(variable):
            return f"tty:{pane}"
    try:
        return f"tty:{os.ttyname(0)}"
    except OSError:
        return "tty:none"

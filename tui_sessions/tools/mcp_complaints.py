"""The file of what MCP servers complain of, which must not be written over the screen."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from tui_sessions.paths import log_file

LONGEST_LOG = 1_000_000
"""Bytes; what is older goes at the next start of a server."""


def complaints() -> Path:
    """Where servers' own error output goes."""
    path = log_file().with_name("mcp.log")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def trimmed(path: Path) -> Path:
    """The file, without its older half where it has grown too long.

    It is shortened in place: servers that run go on writing at its end.
    """
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
        if file.seek(0, os.SEEK_END) > LONGEST_LOG:
            file.seek(-LONGEST_LOG // 2, os.SEEK_END)
            newest = file.read()
            file.seek(0)
            file.write(newest[newest.find(b"\n") + 1 :])
            file.truncate()
    return path

"""What may stand where a file should be."""

from __future__ import annotations

import stat

_NO_FILES = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a named pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


def no_file(mode: int) -> str:
    """That something is no ordinary file, and what it is, by its mode."""
    kind = next((name for is_one, name in _NO_FILES.items() if is_one(mode)), None)
    return "it is not an ordinary file" if kind is None else f"it is {kind}, not an ordinary file"

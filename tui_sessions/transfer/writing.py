"""Writing an export: all of it or nothing, and over another file only when that is wanted."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from tui_sessions.errors import TransferError

TAKEN = "it is there already; choose another name, or replace it (`--force`)."
_STREAMS = frozenset(map(Path, ("/dev", "/dev/fd", "/proc/self/fd")))
"""Where what a process has open is named, as `/dev/stdout`."""


def write_export(path: Path, data: bytes | str, overwrite: bool = False) -> None:
    """Put an export in place at once; its folder is made when it is missing.

    A pipe, a device or an open stream is written into, and never replaced.

    Args:
        path: the file to write.
        data: what to write; text is written as UTF-8, with newlines as they are.
        overwrite: whether a file that is there already may be replaced.

    Raises:
        TransferError: there is such a file already, or it could not be written.
    """
    content = data.encode("utf-8", "replace") if isinstance(data, str) else data
    temporary: Path | None = None
    try:
        if path.is_dir():
            raise TransferError(path, "it is a folder; name a file in it.")
        if is_stream(path):
            with open(path, "ab") as stream:
                stream.write(content)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _write_beside(path, content)
        put_in_place(temporary, path, overwrite)
    except FileExistsError as error:
        raise TransferError(path, TAKEN) from error
    except OSError as error:
        raise TransferError(path, f"it could not be written: {error.strerror or error}.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def is_stream(path: Path) -> bool:
    """Whether something is there that takes what is written and is no file of its own."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    regular = stat.S_ISREG(mode) and path.parent.absolute() not in _STREAMS
    return not (regular or stat.S_ISDIR(mode))


def _write_beside(path: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=".export-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def put_in_place(temporary: Path, path: Path, overwrite: bool) -> None:
    """Give the finished file its name; a link refuses to replace, also in a race with others."""
    if overwrite:
        temporary.replace(path)
        return
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        # File systems without hard links: claim the name first, then replace the claim.
        path.touch(exist_ok=False)
        with contextlib.ExitStack() as undo:
            undo.callback(path.unlink, missing_ok=True)
            temporary.replace(path)
            undo.pop_all()

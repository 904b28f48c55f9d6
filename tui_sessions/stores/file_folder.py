"""The folder of a session's pictures and files: written once, linked to other places, removed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tui_sessions.errors import StoreError
from tui_sessions.model.kept_files import LARGEST_FILE, is_file_name
from tui_sessions.stores.single_files import (
    is_temporary,
    make_folder,
    read_from,
    remove_if_stale,
    replace_file,
    sync_folder,
)

_CLOSE_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | _CLOSE_ON_EXEC
_LINK_ITSELF = {"follow_symlinks": False} if os.link in os.supports_follow_symlinks else {}
_FILE_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | _CLOSE_ON_EXEC


def put_file(folder: Path, name: str, data: bytes) -> None:
    """Write a file durably and all at once; one of that name has the same content and stays."""
    path = folder / name
    if _is_ordinary(path):
        # As young as a new one: what was about to be swept is named again.
        with suppress(OSError):
            os.utime(path)
        return
    _make(folder)
    for entry in os.scandir(folder):
        if is_temporary(entry.name):
            remove_if_stale(entry)
    replace_file(path, data)


def read_file(folder: Path, name: str) -> bytes:
    """What is in a file; no link is followed.

    Raises:
        FileNotFoundError: there is none.
        StoreError: it is no ordinary file, or larger than any that was kept.
    """
    place = os.open(folder, _FOLDER_FLAGS)
    try:
        handle = os.open(name, _FILE_FLAGS, dir_fd=place)
    finally:
        os.close(place)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise StoreError("it is not an ordinary file", folder / name)
        if status.st_size > LARGEST_FILE:
            raise StoreError(f"it is larger than {LARGEST_FILE // 1024**2} MB", folder / name)
        return read_from(handle, 0, status.st_size)
    finally:
        os.close(handle)


def names_in(folder: Path) -> list[str]:
    """The files of a folder, whatever else is in it; none where there is no folder."""
    if folder.is_symlink():
        return []
    try:
        place = os.open(folder, _FOLDER_FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return []
    try:
        return sorted(name for name in os.listdir(place) if is_file_name(name))
    finally:
        os.close(place)


def link_files(source: Path, target: Path, names: Iterable[str]) -> None:
    """Give files a second place, as links where the system has them; what is missing is left out.

    Either place may be removed without the other.
    """
    wanted = [name for name in names if _is_ordinary(source / name)]
    if not wanted:
        return
    _make(target)
    for name in wanted:
        try:
            os.link(source / name, target / name, **_LINK_ITSELF)
        except FileExistsError:
            continue
        except OSError:
            put_file(target, name, read_file(source, name))
    sync_folder(target)


def link_all(source: Path, target: Path) -> None:
    """The same for all files of a folder."""
    link_files(source, target, names_in(source))


def remove_files(folder: Path) -> None:
    """Remove the files of a folder, and the folder unless it holds anything that is not ours."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for name in os.listdir(folder):
        path = folder / name
        if (is_file_name(name) or is_temporary(name)) and (path.is_symlink() or not path.is_dir()):
            path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()
    sync_folder(folder.parent)


def _make(folder: Path) -> None:
    if folder.is_symlink():
        raise StoreError("it is a symbolic link, not a folder", folder)
    make_folder(folder)


def _is_ordinary(path: Path) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False

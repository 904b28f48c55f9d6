"""Reading stores that keep one JSON file a session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tui_sessions.transfer.base import Skipped
from tui_sessions.transfer.hygiene import Undecodable, decode_json

MAX_FILE = 512 * 1024 * 1024
"""Bytes; a larger file is left out."""
_BOM = b"\xef\xbb\xbf"
K = TypeVar("K")


def read_object(path: Path, max_size: int = MAX_FILE) -> dict[str, Any] | Skipped:
    """The JSON object that a file holds, or why it has none."""
    try:
        size = path.stat().st_size
        if size > max_size:
            return Skipped(path=path, reason=f"the file is larger than {max_size} bytes")
        data = path.read_bytes()
    except OSError as error:
        return Skipped(path=path, reason=f"it could not be read: {error.strerror or error}")
    try:
        value = decode_json(data.removeprefix(_BOM))
    except Undecodable:
        return Skipped(path=path, reason="it is not JSON, or not all of it is written yet")
    if not isinstance(value, dict):
        return Skipped(path=path, reason="it is not a JSON object")
    return value


def json_files(
    top: Path,
    leave_out: Callable[[str], bool],
    unreadable: list[OSError] | None = None,
    ending: str = ".json",
) -> Iterator[Path]:
    """The JSON files of a folder and those below it.

    Args:
        top: the folder.
        leave_out: says of a folder's name whether nothing is to be looked for in it.
        unreadable: takes up the errors of folders that could not be read.
        ending: of the names of the files.
    """
    for folder, subfolders, names in os.walk(
        top, onerror=None if unreadable is None else unreadable.append
    ):
        subfolders[:] = sorted(name for name in subfolders if not leave_out(name))
        paths = (Path(folder) / name for name in sorted(names) if name.endswith(ending))
        yield from (path for path in paths if path.is_file())


def unreadable_folder(error: OSError) -> Skipped:
    """What to report of a folder that could not be read."""
    reason = f"the folder could not be read: {error.strerror or error}"
    return Skipped(path=Path(str(error.filename)), reason=reason)


def nothing_there(place: Path) -> Skipped:
    """What to report of a place where nothing is."""
    return Skipped(path=place, reason="there is no such file or folder")


def unreadable_place(place: Path, error: OSError) -> Skipped:
    """What to report of a place that could not even be looked at."""
    path = Path(str(error.filename)) if error.filename else place
    return Skipped(path=path, reason=f"it could not be read: {error.strerror or error}")


def parents_first(parents: Mapping[K, K | None]) -> list[K]:
    """Files or ids, each after the one it forked from; loops are cut where they begin."""
    ordered: dict[K, None] = {}
    for start in parents:
        line: dict[K, None] = {}
        current: K | None = start
        while current is not None and current not in ordered and current not in line:
            line[current] = None
            current = parents.get(current)
        ordered.update(dict.fromkeys(reversed(line)))
    return list(ordered)

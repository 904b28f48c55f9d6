"""Which directory a session ran in: its folder is named by a hash or by a short name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from tui_sessions.transfer.base import Skipped
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.single_files import read_object

_TOLD = re.compile(
    r"Workspace Directories:\*{0,2}\s*\n\s*- (?P<new>[^\n]{1,4096})"
    r"|working in the directory: (?P<old>[^\n]{1,4096})"
)
_ROOT_FILE = ".project_root"
_MAX_ROOT = 65536
_MAX_PATHS = 2000
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]")


class Projects:
    """The projects that are told of near the place that is read."""

    def __init__(self, place: Path) -> None:
        """Look for the list of projects at and above a place."""
        self._paths: dict[str, str] = {}
        self._proved: dict[str, str] = {}
        """Directories by their hashes, as sessions before showed them."""
        for folder in (place, *list(place.parents)[:5]):
            listed = folder / "projects.json"
            if listed.is_file():
                data = read_object(listed)
                projects = {} if isinstance(data, Skipped) else data.get("projects")
                if isinstance(projects, dict):
                    self._paths = {
                        slug: path for path, slug in projects.items() if isinstance(slug, str)
                    }
                return

    def directory_of(self, path: Path, digest: str | None, messages: Any) -> str | None:
        """The directory of a session, where it can be told.

        Args:
            path: of its recording.
            digest: the hash of the directory that it holds.
            messages: what was said; the directory is told there, or is above a file that is.
        """
        folder = next((above for above in path.parents if above.parent.name == "tmp"), None)
        if folder is not None:
            known = _root_of(folder) or self._paths.get(folder.name)
            if known:
                return known
        if digest in self._proved:
            return self._proved[digest]
        if digest:
            for candidate in (*self._paths.values(), *_told(messages), *_mentioned(messages)):
                if hashlib.sha256(candidate.encode("utf-8", "replace")).hexdigest() == digest:
                    self._proved[digest] = candidate
                    return candidate
        return next(_told(messages), None)


def _root_of(folder: Path) -> str | None:
    try:
        with (folder / _ROOT_FILE).open("rb") as file:
            return text_or_none(file.read(_MAX_ROOT).decode("utf-8", "replace").strip())
    except OSError:
        return None


def _told(messages: Any) -> Iterator[str]:
    for text in _texts(messages):
        found = _TOLD.search(text) if "irector" in text else None
        if found:
            yield (found["new"] or found["old"]).strip()


def _mentioned(messages: Any) -> Iterable[str]:
    """The paths in what was said to tools, and the directories above them."""
    found: dict[str, None] = {}
    for text in _texts(messages):
        if len(found) > _MAX_PATHS:
            break
        if len(text) < 4096 and "\n" not in text and (text[:1] == "/" or _WINDOWS.match(text)):
            path: PurePath = PurePosixPath(text) if text[0] == "/" else PureWindowsPath(text)
            found.update(dict.fromkeys(str(p) for p in (path, *path.parents)))
    return found


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value; without recursion, as it may be deep."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            yield current
        elif isinstance(current, dict):
            waiting += reversed(current.values())
        elif isinstance(current, list):
            waiting += reversed(current)

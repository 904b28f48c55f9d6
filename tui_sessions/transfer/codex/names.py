"""The names of sessions, which Codex keeps beside the rollouts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tui_sessions.transfer.database_opening import UnreadableDatabase, open_database
from tui_sessions.transfer.hygiene import text_or_none
from tui_sessions.transfer.lines import Problems, read_objects

_INDEX = "session_index.jsonl"
_DATABASES = "state_*.sqlite"
FOLDERS = ("sessions", "archived_sessions")


class Name(NamedTuple):
    """What a session is called."""

    text: str
    chosen: bool
    """It was given to it; the others were made from its first prompt."""


def home_of(path: Path) -> Path | None:
    """The folder that holds the sessions' folders, above or at a path."""
    if any((path / folder).is_dir() for folder in FOLDERS):
        return path
    for folder in (path, *path.parents):
        if folder.name in FOLDERS:
            return folder.parent
    return None


def names_in(home: Path) -> Mapping[str, Name]:
    """The names of the sessions of a home folder, by their ids."""
    names: dict[str, Name] = {}
    for thread, text, chosen in (*_in_databases(home), *_in_index(home)):
        names[thread] = Name(text, chosen)
    return names


def _in_index(home: Path) -> Iterator[tuple[str, str, bool]]:
    path = home / _INDEX
    if path.is_file():
        for _, entry in read_objects(path, Problems(path)):
            thread, text = text_or_none(entry.get("id")), text_or_none(entry.get("thread_name"))
            if thread and text:
                yield thread, text, True


def _in_databases(home: Path) -> Iterator[tuple[str, str, bool]]:
    """The names in the newest state database; the titles there are mostly the first prompt."""
    for path in sorted(home.glob(_DATABASES), key=_version, reverse=True):
        with suppress(UnreadableDatabase), open_database(path) as database:
            if not database.has({"threads": ("id",)}):
                continue
            for row in database.select("threads", ("id", "title", "name")):
                thread, name = text_or_none(row["id"]), text_or_none(row["name"])
                title = text_or_none(row["title"])
                if thread and (name or title):
                    yield thread, name or title or "", name is not None
            return


def _version(path: Path) -> int:
    digits = path.stem.rpartition("_")[2]
    return int(digits) if digits.isdecimal() and len(digits) < 10 else -1

"""What opencode keeps at a place: databases, storage folders and exports, opened once."""

from __future__ import annotations

import os
import re
import weakref
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tui_sessions.transfer.base import Skipped
from tui_sessions.transfer.crush import has_such_tables
from tui_sessions.transfer.database_opening import (
    UnreadableDatabase,
    is_database,
    open_database,
    telling_errors,
)
from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.opencode import database, storage
from tui_sessions.transfer.opencode.records import Conversation, Record, part_of
from tui_sessions.transfer.single_files import nothing_there, read_object, unreadable_folder
from tui_sessions.transfer.units import signature_of

_NOT_SESSIONS = frozenset({"snapshot", "log", "bin", "tool-output", "node_modules", ".git"})
_EXPORT = re.compile(rb'(\xef\xbb\xbf)?\s*\{\s*"(info|messages)"\s*:')


class Kept:
    """All sessions of a place, each once; databases stay open as long as somebody holds this."""

    def __init__(self, path: Path, title: str) -> None:
        self.skipped: list[Skipped] = []
        """What cannot be read."""
        self.first: list[Path] = []
        """The databases of the first opencode, which are to be read by themselves."""
        self._title = title
        self._known: dict[str, Conversation] = {}
        self._open = ExitStack()
        weakref.finalize(self, self._open.close)
        if path.is_dir():
            unreadable: list[OSError] = []
            places = places_below(path, unreadable)
            for place in sorted(places, key=lambda place: not is_database(place)):
                self._look_at(place)
            self.skipped += map(unreadable_folder, unreadable)
        elif path.is_file():
            self._look_at(path)
        else:
            self.skipped.append(nothing_there(path))

    @property
    def conversations(self) -> list[Conversation]:
        """The sessions, those of databases first."""
        return list(self._known.values())

    def _look_at(self, path: Path) -> None:
        if path.is_dir():
            self._look_at_storage(path)
        elif is_database(path):
            self._look_at_database(path)
        else:
            self._look_at_file(path)

    def _look_at_database(self, path: Path) -> None:
        try:
            opened = self._open.enter_context(open_database(path))
            with telling_errors():
                if database.is_opencode(opened):
                    self._take(database.conversations(opened, path))
                elif has_such_tables(opened):
                    self.first.append(path)
                else:
                    self._skip(path, f"it is not an {self._title} database")
        except UnreadableDatabase as error:
            self._skip(path, str(error))

    def _look_at_storage(self, top: Path, only: Path | None = None) -> None:
        problems = Problems(only or top)
        self._take(storage.conversations(top, problems, only))
        self.skipped += problems.skipped()

    def _look_at_file(self, path: Path) -> None:
        data = read_object(path)
        info = part_of(data, "info")
        if isinstance(data, Skipped):
            self.skipped.append(data)
        elif isinstance(part_of(info, "id"), str) and isinstance(data.get("messages"), list):
            records = list(_exported(data["messages"]))
            state = signature_of([path]).digest
            load = lambda: records  # noqa: E731  the messages are there already
            self._take([Conversation(info, path, None, load, Problems(path), state)])
        elif len(path.parents) > 2 and storage.is_storage(path.parents[2]):
            self._look_at_storage(path.parents[2], path)
        else:
            self._skip(path, f"it is not an {self._title} session")

    def _take(self, found: Iterable[Conversation]) -> None:
        for conversation in found:
            self._known.setdefault(conversation.id, conversation)

    def _skip(self, path: Path, reason: str) -> None:
        self.skipped.append(Skipped(path=path, reason=reason))


def _exported(messages: Iterable[object]) -> Iterator[Record]:
    for message in messages:
        info, parts = part_of(message, "info"), part_of(message, "parts")
        if isinstance(info, dict):
            known = parts if isinstance(parts, list) else ()
            yield Record(info, [part for part in known if isinstance(part, dict)])


def places_below(top: Path, unreadable: list[OSError]) -> list[Path]:
    """The databases, storage folders and exports in a folder and below it."""
    found: list[Path] = []
    for folder, subfolders, names in os.walk(top, onerror=unreadable.append):
        here = Path(folder)
        if storage.is_storage(here):
            found.append(here)
            subfolders.clear()
            continue
        subfolders[:] = sorted(name for name in subfolders if name not in _NOT_SESSIONS)
        found += [here / name for name in sorted(names) if _is_wanted(here / name)]
    return found


def _is_wanted(path: Path) -> bool:
    if path.suffix == ".db":
        return path.is_file()
    if path.suffix != ".json" or "auth" in path.name or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return _EXPORT.match(file.read(200)) is not None
    except OSError:
        return False

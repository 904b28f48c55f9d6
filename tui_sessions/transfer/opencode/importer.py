"""Importing opencode's sessions from its data folder, a database, a storage folder or an export."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tui_sessions.transfer.base import ImportedSession, Skipped, Survey
from tui_sessions.transfer.database_sessions import no_conversation, rows_in
from tui_sessions.transfer.databases import UnreadableDatabase, is_database, open_database
from tui_sessions.transfer.drafts import imported_session
from tui_sessions.transfer.homes import data_home
from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.opencode import database, storage
from tui_sessions.transfer.opencode.records import FORMAT, Conversation, Record, part_of
from tui_sessions.transfer.opencode.sessions import SessionMaker
from tui_sessions.transfer.single_files import read_object, unreadable_folder
from tui_sessions.transfer.units import files_below, newest_of

_NOT_SESSIONS = frozenset({"snapshot", "log", "bin", "tool-output", "node_modules", ".git"})
_EXPORT = re.compile(rb'(\xef\xbb\xbf)?\s*\{\s*"(info|messages)"\s*:')


class OpencodeImporter:
    """Reads whatever versions of opencode kept; what is there twice comes from the database."""

    name = FORMAT
    title = "opencode"

    def find(self) -> list[Path]:
        """The data folder, where it holds a database or a storage folder."""
        folder = data_home() / "opencode"
        kept = any(folder.glob("opencode*.db")) or (folder / "storage").is_dir()
        return [folder] if kept or (folder / "project").is_dir() else []

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a file or folder, databases first."""
        maker = SessionMaker(self.title, user_id)
        if path.is_file():
            yield from self._file(path, maker)
        elif path.is_dir():
            unreadable: list[OSError] = []
            places = _places(path, unreadable)
            for place in sorted(places, key=lambda place: not is_database(place)):
                yield from (
                    self._file(place, maker) if place.is_file() else self._storage(place, maker)
                )
            yield from map(unreadable_folder, unreadable)
        else:
            yield Skipped(path=path, reason="there is no such file or folder")

    def survey(self, path: Path) -> Survey:
        """The rows of the databases, or where there are none, the files of sessions."""
        places = [path] if path.is_file() else _places(path, [])
        files = [place for place in places if place.is_file()]
        count = sum(rows_in(file, ("session",)) for file in files if is_database(file))
        folders = [place for place in places if not place.is_file()]
        stored = [file for folder in folders for file in storage.session_files(folder)]
        newest = newest_of(files_below(path) if path.is_file() else (*files, *stored))
        exports = sum(not is_database(file) for file in files)
        return Survey(sessions=(count or len(stored)) + exports, newest=newest)

    def _file(self, path: Path, maker: SessionMaker) -> Iterator[ImportedSession | Skipped]:
        if is_database(path):
            yield from self._database(path, maker)
            return
        data = read_object(path)
        info = part_of(data, "info")
        if isinstance(data, Skipped):
            yield data
        elif isinstance(part_of(info, "id"), str) and isinstance(data.get("messages"), list):
            records = list(_exported(data["messages"]))
            yield from _sessions(maker, [Conversation(info, path, None, lambda: records)])
        elif len(path.parents) > 2 and storage.is_storage(path.parents[2]):
            yield from self._storage(path.parents[2], maker, path)
        else:
            yield Skipped(path=path, reason=f"it is not an {self.title} session")

    def _database(self, path: Path, maker: SessionMaker) -> Iterator[ImportedSession | Skipped]:
        problems = Problems(path)
        try:
            with open_database(path) as opened:
                if database.is_opencode(opened):
                    yield from _sessions(maker, database.conversations(opened, path, problems))
                else:
                    yield Skipped(path=path, reason=f"it is not an {self.title} database")
        except UnreadableDatabase as error:
            yield Skipped(path=path, reason=str(error))
        yield from problems.skipped()

    def _storage(
        self, top: Path, maker: SessionMaker, only: Path | None = None
    ) -> Iterator[ImportedSession | Skipped]:
        problems = Problems(only or top)
        yield from _sessions(maker, storage.conversations(top, problems, only))
        yield from problems.skipped()


def _sessions(
    maker: SessionMaker, conversations: Iterable[Conversation]
) -> Iterator[ImportedSession | Skipped]:
    for draft in maker.drafts(conversations):
        if draft.messages:
            yield imported_session(draft)
        else:
            yield Skipped(path=draft.path, reason=no_conversation(draft.external_id))


def _exported(messages: Iterable[object]) -> Iterator[Record]:
    for message in messages:
        info, parts = part_of(message, "info"), part_of(message, "parts")
        if isinstance(info, dict):
            known = parts if isinstance(parts, list) else ()
            yield Record(info, [part for part in known if isinstance(part, dict)])


def _places(top: Path, unreadable: list[OSError]) -> list[Path]:
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

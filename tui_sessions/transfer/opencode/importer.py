"""Importing opencode's sessions from its data folder, a database, a storage folder or an export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tui_sessions.transfer.base import ImportedSession, Skipped, SourceUnit, Survey
from tui_sessions.transfer.database_opening import UnreadableDatabase, is_database, telling_errors
from tui_sessions.transfer.database_sessions import no_conversation, rows_in
from tui_sessions.transfer.drafts import imported_session
from tui_sessions.transfer.homes import data_home
from tui_sessions.transfer.opencode import storage
from tui_sessions.transfer.opencode.first import FirstOpencode
from tui_sessions.transfer.opencode.kept import Kept, places_below
from tui_sessions.transfer.opencode.records import FORMAT, Conversation
from tui_sessions.transfer.opencode.sessions import SessionMaker
from tui_sessions.transfer.units import Families, files_below, left_out, newest_of


class OpencodeImporter:
    """Reads whatever versions of opencode kept; what is there twice comes from the database."""

    name = FORMAT
    title = "opencode"

    def find(self) -> list[Path]:
        """The data folder, where it holds a database or folders, and this project's database."""
        folder = data_home() / "opencode"
        kept = any(folder.glob("opencode*.db")) or (folder / "storage").is_dir()
        found = [folder] if kept or (folder / "project").is_dir() else []
        return [*found, *FirstOpencode().find()]

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every session of a file or folder; what is there twice comes from the database."""
        for unit in self._families(path):
            yield from unit.read(user_id)

    def units(self, path: Path) -> Iterator[SourceUnit]:
        """All of a place, which falls into the sessions that belong together."""
        yield SourceUnit(
            files=tuple(files_below(path)),
            read=partial(self.read, path),
            divide=partial(self._families, path),
        )

    def _families(self, path: Path) -> list[SourceUnit]:
        """The sessions that fork from each other or start each other, and what is unreadable."""
        kept = Kept(path, self.title)
        families = Families[Conversation]()
        for conversation in kept.conversations:
            families.add(conversation, conversation.names)
        units = [
            SourceUnit(
                files=tuple(dict.fromkeys(one.path for one in family)),
                name=family[0].id,
                state="\0".join(one.state for one in family),
                read=partial(self._family, kept, family),
            )
            for family in families.groups()
        ]
        for file in kept.first:
            read = partial(FirstOpencode().read, file)
            units.append(SourceUnit(files=tuple(files_below(file)), read=read))
        return [*units, left_out(kept.skipped)] if kept.skipped else units

    def _family(
        self, kept: Kept, family: Sequence[Conversation], user_id: str
    ) -> Iterator[ImportedSession | Skipped]:
        maker = SessionMaker(self.title, user_id)
        try:
            with telling_errors():
                for draft in maker.drafts(family):
                    if draft.messages:
                        yield imported_session(draft)
                    else:
                        yield Skipped(path=draft.path, reason=no_conversation(draft.external_id))
        except UnreadableDatabase as error:
            yield Skipped(path=family[0].path, reason=str(error))
        for conversation in family:
            yield from conversation.problems.skipped()

    def survey(self, path: Path) -> Survey:
        """The rows of the databases, or where there are none, the files of sessions."""
        places = [path] if path.is_file() else places_below(path, [])
        files = [place for place in places if place.is_file()]
        count = sum(rows_in(file, ("session", "sessions")) for file in files if is_database(file))
        folders = [place for place in places if not place.is_file()]
        stored = [file for folder in folders for file in storage.session_files(folder)]
        newest = newest_of(files_below(path) if path.is_file() else (*files, *stored))
        exports = sum(not is_database(file) for file in files)
        return Survey(sessions=(count or len(stored)) + exports, newest=newest)

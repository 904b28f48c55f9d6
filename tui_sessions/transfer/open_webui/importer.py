"""Importing the chats of Open WebUI from an export or from the database of a local server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tui_sessions.model.kept_files import names_in
from tui_sessions.transfer.base import ImportedSession, Skipped, Survey
from tui_sessions.transfer.database_opening import UnreadableDatabase, is_database, open_database
from tui_sessions.transfer.database_sessions import database_files, no_conversation, rows_in
from tui_sessions.transfer.drafts import imported_session
from tui_sessions.transfer.homes import configured_path, data_home, existing
from tui_sessions.transfer.json_elements import json_objects
from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.open_webui.chats import FORMAT, TITLE, ChatReader, is_chat
from tui_sessions.transfer.open_webui.rows import TABLES, chats_in
from tui_sessions.transfer.open_webui.uploads import Uploads
from tui_sessions.transfer.single_files import json_files, nothing_there, unreadable_folder
from tui_sessions.transfer.units import files_below, newest_of


class OpenWebuiImporter:
    """Reads exported chats, one or all of them in a file, and `webui.db`."""

    name = FORMAT
    title = TITLE

    def find(self) -> list[Path]:
        """The database of a server that runs on this machine; exports lie anywhere."""
        folders = (
            configured_path("DATA_DIR"),
            data_home() / "open-webui",
            Path.home() / ".open-webui",
        )
        return existing(folder / "webui.db" for folder in folders if folder is not None)

    def read(self, path: Path, user_id: str = "") -> Iterator[ImportedSession | Skipped]:
        """Every chat with its branches."""
        if path.is_file():
            yield from self._file(path, user_id)
        elif path.is_dir():
            unreadable: list[OSError] = []
            for file in (*database_files(path, []), *json_files(path, _is_hidden, unreadable)):
                yield from self._file(file, user_id)
            yield from map(unreadable_folder, unreadable)
        else:
            yield nothing_there(path)

    def survey(self, path: Path) -> Survey:
        """The rows of a database; exports would have to be read."""
        files = [path] if path.is_file() else list(database_files(path, []))
        known = bool(files) and all(map(is_database, files))
        count = sum(rows_in(file, TABLES) for file in files) if known else None
        return Survey(sessions=count, newest=newest_of(files_below(path)))

    def _file(self, path: Path, user_id: str) -> Iterator[ImportedSession | Skipped]:
        problems = Problems(path)
        try:
            if is_database(path):
                with open_database(path) as database:
                    entries = chats_in(database, problems)
                    yield from _sessions(entries, path, user_id, problems)
            else:
                with path.open("rb") as file:
                    entries = json_objects(file, problems, "chats")
                    yield from _sessions(entries, path, user_id, problems)
        except UnreadableDatabase as error:
            problems.add(str(error))
        except OSError as error:
            problems.add(f"it could not be read: {error.strerror or error}")
        yield from problems.skipped()


def _sessions(
    entries: Iterator[dict[str, Any]], path: Path, user_id: str, problems: Problems
) -> Iterator[ImportedSession | Skipped]:
    uploads = Uploads(path.parent / "uploads")
    for entry in entries:
        if not is_chat(entry):
            problems.add(f"an entry is not an {TITLE} chat")
            continue
        empty = True
        for draft in ChatReader(entry, path, user_id, uploads).drafts():
            empty = False
            if draft.messages:
                yield _with_files(imported_session(draft), uploads)
        for reason in uploads.left_out:
            problems.add(reason)
        uploads.left_out.clear()
        if empty:
            yield Skipped(path=path, reason=no_conversation(str(entry.get("id"))))


def _with_files(session: ImportedSession, uploads: Uploads) -> ImportedSession:
    """The session, and where the files are that its messages name."""
    names = names_in(session.document.data["chats"])
    return replace(session, files={n: uploads.files[n] for n in names if n in uploads.files})


def _is_hidden(folder: str) -> bool:
    return folder.startswith(".")

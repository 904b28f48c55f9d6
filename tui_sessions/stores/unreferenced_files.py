"""Pictures and files that no message names any more: found with care, and removed.

A file may be named by a message that is just on its way, or was deleted a moment ago and is about
to be brought back. So it stays until neither it nor its session was changed for a day.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tui_sessions.errors import StoreError
from tui_sessions.model.kept_files import names_in as names_in_chats
from tui_sessions.stores.file_folder import names_in
from tui_sessions.stores.layout import FILES_SUFFIX, Layout, session_of
from tui_sessions.stores.session_files import SessionFiles
from tui_sessions.stores.single_files import read_file, sync_folder

_DAY_S = 86_400
_NAME = re.compile(rb"[0-9a-f]{32}\.[a-z0-9]{2,4}")


class UnreferencedFiles:
    """The files of a data folder that nothing refers to; every method blocks."""

    def __init__(self, layout: Layout, sessions: SessionFiles) -> None:
        self._layout = layout
        self._sessions = sessions

    def sweep(self, workspace_id: str) -> list[str]:
        """Remove them from a workspace; those of sessions that are held or damaged stay.

        Returns:
            The paths they had.
        """
        removed: list[str] = []
        for session_id in self._with_files(workspace_id):
            # Whatever is the matter with one session, the others are swept.
            with suppress(OSError, StoreError):
                removed += self._sweep_session(workspace_id, session_id)
        return removed

    def _with_files(self, workspace_id: str) -> list[str]:
        folder = self._layout.sessions(workspace_id)
        if folder.is_symlink():
            return []
        try:
            with os.scandir(folder) as entries:
                found = [session_of(entry.name, FILES_SUFFIX) for entry in entries]
        except OSError:
            return []
        return [session_id for session_id in found if session_id is not None]

    def _sweep_session(self, workspace_id: str, session_id: str) -> list[str]:
        folder = self._layout.files(workspace_id, session_id)
        if not self._is_left_alone(workspace_id, session_id):
            return []
        # To look first spares most sessions the lock.
        if not set(_old_names(folder)).difference(self._written(workspace_id, session_id)):
            return []
        with self._sessions.held(workspace_id, session_id) as handle:
            document = self._sessions.read_held(workspace_id, session_id, handle)
            # A newer version may name files in a way that is not known here.
            if document.read_only or not self._is_left_alone(workspace_id, session_id):
                return []
            named = self._written(workspace_id, session_id)
            named.update(names_in_chats(document.data["chats"]))
            return _remove(folder, [name for name in _old_names(folder) if name not in named])

    def _is_left_alone(self, workspace_id: str, session_id: str) -> bool:
        """Whether a session is in its place, is not in the trash too, and has long not changed."""
        if os.path.lexists(self._layout.trashed_document(workspace_id, session_id)):
            return False
        journal = self._layout.journal(workspace_id, session_id)
        # An empty one is made, and removed, by who only locks the session.
        grown = os.path.lexists(journal) and os.stat(journal, follow_symlinks=False).st_size
        document = self._layout.document(workspace_id, session_id)
        return _is_old(document) and (not grown or _is_old(journal))

    def _written(self, workspace_id: str, session_id: str) -> set[str]:
        """The names that stand anywhere in the document and the journal, be it in a text."""
        texts = [read_file(self._layout.document(workspace_id, session_id))[0]]
        with suppress(FileNotFoundError):
            texts.append(read_file(self._layout.journal(workspace_id, session_id))[0])
        return {name.decode() for text in texts for name in _NAME.findall(text)}


def _remove(folder: Path, names: Sequence[str]) -> list[str]:
    """Remove files, durably, and the folder where nothing else is in it; gives their paths."""
    for name in names:
        os.unlink(folder / name)
    if names:
        sync_folder(folder)
        with suppress(OSError):
            folder.rmdir()
    return [str(folder / name) for name in names]


def _old_names(folder: Path) -> list[str]:
    return [name for name in names_in(folder) if _is_old(folder / name)]


def _is_old(path: Path) -> bool:
    """Whether it is a file that was neither changed nor put into its place for a day."""
    status = os.stat(path, follow_symlinks=False)
    age = time.time() - max(status.st_mtime, status.st_ctime)
    return stat.S_ISREG(status.st_mode) and age > _DAY_S

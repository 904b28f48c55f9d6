"""Deleted sessions: into the trash, back from it, and gone for good."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tui_sessions.errors import CorruptSession, SessionExists, SessionNotFound, StoreError
from tui_sessions.stores.base import Trashed
from tui_sessions.stores.file_folder import link_all, remove_files
from tui_sessions.stores.layout import DOCUMENT_SUFFIX, Layout, session_of
from tui_sessions.stores.places import Places, folder_ids
from tui_sessions.stores.session_files import SessionFiles
from tui_sessions.stores.single_files import make_folder, move_file, read_file, remove_file


class _Head(msgspec.Struct):
    label: Any = ""


class TrashFiles:
    """The trash of a data folder; every method blocks.

    A deleted document is kept as it is; the time of its file says when it was deleted.
    """

    def __init__(self, layout: Layout, places: Places, sessions: SessionFiles) -> None:
        self._layout = layout
        self._places = places
        self._sessions = sessions

    def delete(self, session_id: str) -> bool:
        """Move a session's files into the trash; those that cannot be read are moved unread."""
        return self._done(session_id, self._delete_from)

    def undelete(self, session_id: str) -> None:
        """Move a session's files back to where they were."""
        workspace_id = self._places.find_trashed(session_id)
        if workspace_id is None:
            raise SessionNotFound(session_id)
        if self._places.find(session_id):
            raise SessionExists(session_id)
        make_folder(self._layout.sessions(workspace_id))
        trashed_files = self._layout.trashed_files(workspace_id, session_id)
        link_all(trashed_files, self._layout.files(workspace_id, session_id))
        # The document comes last: without it, a crash in between leaves the session deleted.
        move_file(
            self._layout.trashed_journal(workspace_id, session_id),
            self._layout.journal(workspace_id, session_id),
        )
        move_file(
            self._layout.trashed_document(workspace_id, session_id),
            self._layout.document(workspace_id, session_id),
        )
        remove_files(trashed_files)
        self._places.put(session_id, workspace_id)

    def purge(self, session_id: str) -> bool:
        """Remove a session's files from the trash, or else from their place."""
        workspace_id = self._places.find_trashed(session_id, surely=False)
        if workspace_id is not None:
            # A journal without its document would be taken for that of a later one of this id.
            remove_file(self._layout.trashed_journal(workspace_id, session_id))
            remove_file(self._layout.trashed_document(workspace_id, session_id))
            remove_files(self._layout.trashed_files(workspace_id, session_id))
            return True
        return self._done(session_id, self._purge_from)

    def list(self) -> list[Trashed]:
        """What can be brought back, the latest first."""
        found: list[Trashed] = []
        for workspace_id in folder_ids(self._layout.trash):
            # What is out of reach cannot be brought back either.
            with suppress(OSError), os.scandir(self._layout.trash / workspace_id) as entries:
                for entry in entries:
                    found += _trashed(entry, workspace_id)
        return sorted(found, key=lambda trashed: trashed.deleted_at, reverse=True)

    def _done(self, session_id: str, work: Callable[[str, str], None]) -> bool:
        """Do something with a session; whether there was one."""
        try:
            self._sessions.where_it_is(session_id, lambda place: work(place, session_id))
        except SessionNotFound:
            return False
        self._sessions.forget(session_id)
        return True

    def _purge_from(self, workspace_id: str, session_id: str) -> None:
        with self._sessions.held(workspace_id, session_id) as handle:
            # A crash in between leaves an empty journal then, which is no trouble to anybody.
            with suppress(StoreError, OSError):
                self._sessions.fold_held(workspace_id, session_id, handle)
            remove_file(self._layout.document(workspace_id, session_id))
            remove_file(self._layout.journal(workspace_id, session_id))
            remove_files(self._layout.files(workspace_id, session_id))
            remove_files(self._layout.trashed_files(workspace_id, session_id))

    def _delete_from(self, workspace_id: str, session_id: str) -> None:
        document = self._layout.document(workspace_id, session_id)
        target = self._layout.trashed_document(workspace_id, session_id)
        with self._sessions.held(workspace_id, session_id) as handle:
            if os.path.lexists(target):
                raise StoreError("the trash holds another session with this id; purge it", target)
            make_folder(target.parent)
            # What cannot be folded, for damage or a full disk, is moved with its journal.
            with suppress(StoreError, OSError):
                self._sessions.fold_held(workspace_id, session_id, handle)
            files = self._layout.files(workspace_id, session_id)
            link_all(files, self._layout.trashed_files(workspace_id, session_id))
            moment = time.time_ns()
            os.utime(document, ns=(moment, moment), follow_symlinks=False)
            move_file(document, target)
            journal = self._layout.journal(workspace_id, session_id)
            if os.fstat(handle).st_size:
                move_file(journal, self._layout.trashed_journal(workspace_id, session_id))
            # The session is in the trash with its files, whatever becomes of these.
            with suppress(OSError):
                remove_files(files)


def _trashed(entry: os.DirEntry[str], workspace_id: str) -> list[Trashed]:
    """The deleted session that a file stands for, if it stands for one."""
    session_id = session_of(entry.name, DOCUMENT_SUFFIX)
    if not session_id:
        return []
    try:
        label, changed = _label(Path(entry.path)), entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return []  # brought back or purged meanwhile
    moment = datetime.fromtimestamp(changed, UTC)
    return [
        Trashed(session_id=session_id, workspace_id=workspace_id, label=label, deleted_at=moment)
    ]


def _label(path: Path) -> str:
    """The label of a session that may be damaged: then it has none."""
    try:
        label = msgspec.json.decode(read_file(path)[0], type=_Head).label
    except (msgspec.DecodeError, ValueError, RecursionError, CorruptSession):
        return ""
    return label if isinstance(label, str) else ""

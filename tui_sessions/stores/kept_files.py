"""The pictures and files that a data folder keeps beside its sessions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_sessions.errors import FileNotKept, SessionExists
from tui_sessions.model.kept_files import is_file_name
from tui_sessions.stores.file_folder import link_files, names_in, put_file, read_file
from tui_sessions.stores.layout import Layout
from tui_sessions.stores.locking import locked
from tui_sessions.stores.places import Places
from tui_sessions.stores.session_files import SessionFiles
from tui_sessions.stores.single_files import make_folder


class KeptFiles:
    """The folders of files beside the sessions' documents; every method blocks.

    They are written under the session's lock, so that none is left behind by a move.
    """

    def __init__(self, layout: Layout, places: Places, sessions: SessionFiles) -> None:
        self._layout = layout
        self._places = places
        self._sessions = sessions

    def put(self, session_id: str, name: str, data: bytes, new_in: str | None) -> None:
        """Write a file of a session that is there, or that is about to be made in a workspace."""
        if new_in is not None:
            with self._about_to_be(session_id, new_in) as folder:
                put_file(folder, _checked(session_id, name), data)
            return

        def write(workspace_id: str) -> None:
            with self._sessions.held(workspace_id, session_id):
                put_file(
                    self._layout.files(workspace_id, session_id), _checked(session_id, name), data
                )

        self._sessions.where_it_is(session_id, write)

    def read(self, session_id: str, name: str) -> bytes:
        """What is in a file of a session."""

        def read(workspace_id: str) -> bytes:
            folder = self._layout.files(workspace_id, session_id)
            return read_file(folder, _checked(session_id, name))

        try:
            return self._sessions.where_it_is(session_id, read)
        except FileNotFoundError as error:
            raise FileNotKept(session_id, name) from error

    def names(self, session_id: str) -> list[str]:
        """The files of a session."""
        return self._sessions.where_it_is(
            session_id, lambda place: names_in(self._layout.files(place, session_id))
        )

    def copy(self, source_id: str, target_id: str, new_in: str, names: Iterable[str]) -> None:
        """Give a session that is about to be made files of another one; missing ones are left out.

        Raises:
            SessionNotFound: there is no such source any more.
        """
        wanted = [_checked(target_id, name) for name in names]

        def link(workspace_id: str) -> None:
            source = self._layout.files(workspace_id, source_id)
            with self._about_to_be(target_id, new_in) as folder:
                link_files(source, folder, wanted)
            # Had it been moved meanwhile, files could be missing; then it is done again there.
            os.stat(self._layout.document(workspace_id, source_id), follow_symlinks=False)

        self._sessions.where_it_is(source_id, link)

    @contextmanager
    def _about_to_be(self, session_id: str, workspace_id: str) -> Iterator[Path]:
        """The folder of a session that is not there yet, locked as the session will be."""
        if self._places.is_taken(session_id):
            raise SessionExists(session_id)
        document = self._layout.document(workspace_id, session_id)
        make_folder(document.parent)
        with locked(self._layout.journal(workspace_id, session_id)):
            if os.path.lexists(document):
                raise SessionExists(session_id)
            yield self._layout.files(workspace_id, session_id)


def _checked(session_id: str, name: str) -> str:
    if not is_file_name(name):
        raise FileNotKept(session_id, name)
    return name

"""Finding a session's files, and reading them under its lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tui_sessions.errors import SessionNotFound
from tui_sessions.model.document import SessionDocument
from tui_sessions.stores.base import Stored
from tui_sessions.stores.known_sessions import version_of
from tui_sessions.stores.layout import Layout
from tui_sessions.stores.locking import locked, shared
from tui_sessions.stores.outlines import See
from tui_sessions.stores.places import Places
from tui_sessions.stores.problems import ProblemList
from tui_sessions.stores.session_reader import SessionReader
from tui_sessions.stores.single_files import Signature

T = TypeVar("T")
_RETURNS = 20
"""How often a session may come back from the trash while one and the same thing is done to it."""


class SessionAccess:
    """The sessions of a data folder, for reading; every method blocks."""

    def __init__(self, layout: Layout, places: Places, problems: ProblemList) -> None:
        self._layout = layout
        self._places = places
        self._problems = problems
        self._reader = SessionReader(layout, problems)

    def version(self, session_id: str) -> str | None:
        """The version that is there now."""
        while (workspace_id := self._places.find(session_id)) is not None:
            try:
                document = os.stat(
                    self._layout.document(workspace_id, session_id), follow_symlinks=False
                )
            except FileNotFoundError:
                continue
            journal = status_of(self._layout.journal(workspace_id, session_id))
            return version_of(Signature.of(document), journal)
        return None

    def load(self, session_id: str) -> Stored:
        """Read the document and apply the journal to it."""

        def read(workspace_id: str) -> Stored:
            with shared(self._layout.journal(workspace_id, session_id)) as handle:
                document, known = self._reader.read(workspace_id, session_id, handle)
            return Stored(document=document, version=known.version)

        return self.where_it_is(session_id, read)

    def skim(self, session_id: str, see: See) -> Stored | None:
        """Show the messages of a long session without ever holding all of them."""

        def read(workspace_id: str) -> Stored | None:
            with (
                shared(self._layout.journal(workspace_id, session_id)) as handle,
                self._reader.outline(workspace_id, session_id, handle, see=see) as outline,
            ):
                if outline is None:
                    return None
                return Stored(document=outline.document, version=outline.known.version)

        return self.where_it_is(session_id, read)

    def read_held(self, workspace_id: str, session_id: str, handle: int) -> SessionDocument:
        """A session whose lock is held, with its journal applied."""
        return self._reader.read(workspace_id, session_id, handle)[0]

    @contextmanager
    def held(self, workspace_id: str, session_id: str) -> Iterator[int]:
        """Hold the lock of a session that is there; gives its open journal.

        Raises:
            FileNotFoundError: it is not in this workspace any more.
        """
        with locked(self._layout.journal(workspace_id, session_id)) as handle:
            os.stat(self._layout.document(workspace_id, session_id), follow_symlinks=False)
            yield handle

    def where_it_is(self, session_id: str, work: Callable[[str], T]) -> T:
        """Do work that a session's workspace is needed for, also when it is being moved.

        Raises:
            SessionNotFound: there is no such session, or not any more.
        """
        again = _RETURNS
        while (workspace_id := self._places.recall(session_id)) is not None:
            try:
                return work(workspace_id)
            except FileNotFoundError:
                if os.path.lexists(self._layout.document(workspace_id, session_id)):
                    again -= 1  # it was gone for a moment, or it is another file that is missing
                    if not again:
                        raise
                self.forget(session_id)
        raise SessionNotFound(session_id)

    def forget(self, session_id: str) -> None:
        """A session is gone or somewhere else."""
        self._reader.forget(session_id)
        self._places.forget(session_id)


def status_of(path: os.PathLike[str]) -> Signature | None:
    """The signature of a file; None where there is none."""
    try:
        return Signature.of(os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return None

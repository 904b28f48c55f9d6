"""A session's document and journal: appended to, and moved, under the session's lock."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from tui_sessions.errors import ReadOnlySession, SessionExists, StoreError
from tui_sessions.model.identifiers import check_id
from tui_sessions.stores.base import Appended
from tui_sessions.stores.encoding import entry_line
from tui_sessions.stores.file_folder import link_all, remove_files
from tui_sessions.stores.journal import append_line
from tui_sessions.stores.known_sessions import Known
from tui_sessions.stores.locking import locked
from tui_sessions.stores.session_writing import NEWER, SessionWriting
from tui_sessions.stores.single_files import Signature, make_folder, move_file

FOLD_ABOVE = 256 * 1024
"""A journal below this size is not worth folding while the session is in use."""


class SessionFiles(SessionWriting):
    """The sessions of a data folder; every method blocks."""

    def append(self, session_id: str, changes: bytes, at: datetime) -> Appended:
        """Write changes as one line of the journal."""

        def write(workspace_id: str) -> Appended:
            with locked(self._layout.journal(workspace_id, session_id)) as handle:
                known = self._reader.look(workspace_id, session_id, handle)
                return self._append(workspace_id, session_id, handle, known, changes, at)

        return self.where_it_is(session_id, write)

    def append_if(
        self,
        session_id: str,
        version: str,
        changes: bytes,
        at: datetime,
        answer: Callable[[Appended], None] | None = None,
    ) -> Appended | None:
        """The same, but only where the session has this version.

        `answer` is called with what is returned, while the session is still held.
        """

        def write(workspace_id: str) -> Appended | None:
            lock = locked(self._layout.journal(workspace_id, session_id))
            with lock as handle:
                known = self._reader.look(workspace_id, session_id, handle, lock.status)
                if known.version != version:
                    return None
                done = self._append(workspace_id, session_id, handle, known, changes, at)
                if answer is not None:
                    answer(done)
                return done

        return self.where_it_is(session_id, write)

    def move(self, session_id: str, workspace_id: str) -> None:
        """Bring a session's files into another workspace's folder."""

        def rename(source: str) -> None:
            if source != workspace_id:
                self._move(session_id, source, workspace_id)

        check_id(workspace_id, "workspace id")
        self.where_it_is(session_id, rename)

    def _append(
        self,
        workspace_id: str,
        session_id: str,
        handle: int,
        known: Known,
        changes: bytes,
        at: datetime,
    ) -> Appended:
        if known.read_only:
            raise ReadOnlySession(session_id, NEWER)
        revision = known.revision + 1
        line = entry_line(changes, revision, at)
        self._reader.forget(session_id)
        path = self._layout.journal(workspace_id, session_id)
        size = known.journal.size if known.journal else 0
        append_line(path, handle, line, known.journal_end, size)
        journal = Signature.of(os.fstat(handle))
        after = known.after(journal, journal.size, revision)
        self._reader.remember(session_id, after)
        if journal.size > max(FOLD_ABOVE, known.document.size):
            self._fold_early(workspace_id, session_id, handle)
            after = self._reader.known(session_id) or after
        return Appended(before=known.version, after=after.version, revision=revision)

    def _fold_early(self, workspace_id: str, session_id: str, handle: int) -> None:
        """Fold a long journal; the changes are safe in it, so a failure is only reported."""
        try:
            self.fold_held(workspace_id, session_id, handle)
        except (StoreError, OSError) as error:
            path = self._layout.journal(workspace_id, session_id)
            reason = f"it could not be brought into its document: {error}"
            self._problems.report(path, reason, session_id, workspace_id)

    @contextmanager
    def _tidied(self, session_id: str, source: str, target: str) -> Iterator[None]:
        """Where a move fails, as to another disk, leave nothing of it in the other workspace."""
        files, journal = (
            place(target, session_id) for place in (self._layout.files, self._layout.journal)
        )
        there = os.path.lexists(files)
        try:
            yield
        except OSError:
            if not os.path.lexists(self._layout.document(target, session_id)):
                with suppress(OSError):
                    move_file(journal, self._layout.journal(source, session_id))
                if not there:
                    with suppress(OSError):
                        remove_files(files)
            raise

    def _move(self, session_id: str, source: str, target: str) -> None:
        document = self._layout.document(target, session_id)
        with self.held(source, session_id) as handle:
            if os.path.lexists(document):
                raise SessionExists(session_id)
            self._reader.look(source, session_id, handle)
            self.fold_held(source, session_id, handle)
            make_folder(document.parent)
            files = self._layout.files(source, session_id)
            with self._tidied(session_id, source, target):
                # The files are in both places until the document has moved, whatever happens.
                link_all(files, self._layout.files(target, session_id))
                if os.fstat(handle).st_size:
                    journal = self._layout.journal(source, session_id)
                    move_file(journal, self._layout.journal(target, session_id))
                move_file(self._layout.document(source, session_id), document)
            # In another place it is another version: who has it open has to read it again.
            with suppress(OSError):
                os.utime(document, ns=(time.time_ns(), time.time_ns()))
            with suppress(OSError):
                remove_files(files)
        self.forget(session_id)
        self._places.put(session_id, target)

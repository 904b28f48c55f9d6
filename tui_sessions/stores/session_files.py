"""A session's document and journal: read, changed and folded under the session's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from tui_sessions.errors import ReadOnlySession, SessionExists, SessionNotFound, StoreError
from tui_sessions.model.changes import Change, JournalEntry
from tui_sessions.model.clock import format_time
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.identifiers import check_id
from tui_sessions.stores.base import Appended, Stored
from tui_sessions.stores.documents import Signature, make_folder, move_file, replace_file
from tui_sessions.stores.encoded_document import EncodedDocument
from tui_sessions.stores.encoding import UnreadableText, apply_entries, encode_changes, entry_line
from tui_sessions.stores.file_folder import link_all, remove_files
from tui_sessions.stores.journal import append_line
from tui_sessions.stores.layout import Layout
from tui_sessions.stores.locking import locked, shared
from tui_sessions.stores.outlines import See
from tui_sessions.stores.places import Places
from tui_sessions.stores.problems import ProblemList
from tui_sessions.stores.session_reader import Known, Outline, SessionReader, version_of

T = TypeVar("T")
FOLD_ABOVE = 256 * 1024
"""A journal below this size is not worth folding while the session is in use."""
NEWER = "it has a newer format than this version writes; update sessions-tui to change it"
_RETURNS = 20
"""How often a session may come back from the trash while one and the same thing is done to it."""


class SessionFiles:
    """The sessions of a data folder; every method blocks."""

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
            journal = _status(self._layout.journal(workspace_id, session_id))
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

    def rewrite_if(
        self, session_id: str, version: str, changes: Sequence[Change], at: datetime
    ) -> Appended | None:
        """Write a long session anew with changes, without ever holding all of it."""

        def write(workspace_id: str) -> Appended | None:
            with (
                self.held(workspace_id, session_id) as handle,
                self._reader.outline(workspace_id, session_id, handle, changes=changes) as outline,
            ):
                if outline is None or outline.known.version != version:
                    return None
                if outline.known.read_only:
                    raise ReadOnlySession(session_id, NEWER)
                revision = outline.known.revision + 1
                entry = JournalEntry(revision=revision, at=format_time(at), changes=tuple(changes))
                _take_in(outline, entry)
                after = self._write_outline(workspace_id, outline, handle, revision)
                return Appended(before=version, after=after, revision=revision)

        return self.where_it_is(session_id, write)

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
        written: Callable[[], None] | None = None,
    ) -> Appended | None:
        """The same, but only where the session has this version; `written` before the sync."""

        def write(workspace_id: str) -> Appended | None:
            with locked(self._layout.journal(workspace_id, session_id)) as handle:
                known = self._reader.look(workspace_id, session_id, handle)
                if known.version != version:
                    return None
                return self._append(workspace_id, session_id, handle, known, changes, at, written)

        return self.where_it_is(session_id, write)

    def save(self, document: EncodedDocument) -> str:
        """Replace the document of a session that is there."""

        def write(workspace_id: str) -> str:
            with self.held(workspace_id, document.id) as handle:
                known = self._reader.look(workspace_id, document.id, handle)
                if known.read_only or document.read_only:
                    raise ReadOnlySession(document.id, NEWER)
                revision = max(document.revision, known.revision)
                return self._write(workspace_id, document, handle, revision)

        return self.where_it_is(document.id, write)

    def create(self, document: EncodedDocument) -> str:
        """Write the document of a session that is not there yet."""
        session_id, workspace_id = document.id, document.workspace_id
        path = self._layout.document(workspace_id, session_id)
        if document.read_only:
            raise ReadOnlySession(session_id, NEWER)
        if self._places.is_taken(session_id):
            raise SessionExists(session_id)
        make_folder(path.parent)
        with locked(self._layout.journal(workspace_id, session_id)) as handle:
            if os.path.lexists(path) or os.fstat(handle).st_size:
                raise SessionExists(session_id)
            version = self._write(workspace_id, document, handle, document.revision)
        self._places.put(session_id, workspace_id)
        return version

    def fold(self, session_id: str) -> Appended | None:
        """Bring the journal into the document; a session that is gone needs nothing."""

        def write(workspace_id: str) -> Appended | None:
            if not _status(self._layout.journal(workspace_id, session_id)):
                return None
            with self.held(workspace_id, session_id) as handle:
                return self.fold_held(workspace_id, session_id, handle)

        try:
            return self.where_it_is(session_id, write)
        except SessionNotFound:
            return None

    def read_held(self, workspace_id: str, session_id: str, handle: int) -> SessionDocument:
        """A session whose lock is held, with its journal applied."""
        return self._reader.read(workspace_id, session_id, handle)[0]

    def fold_held(self, workspace_id: str, session_id: str, handle: int) -> Appended | None:
        """Fold a session whose lock is held; None where there was nothing to do."""
        if not os.fstat(handle).st_size:
            return None
        with self._reader.outline(workspace_id, session_id, handle) as outline:
            if outline is not None:
                known = outline.known
                if known.read_only:
                    return None
                after = self._write_outline(workspace_id, outline, handle, known.revision)
                return Appended(before=known.version, after=after, revision=known.revision)
        document, known = self._reader.read(workspace_id, session_id, handle)
        if known.read_only:
            return None
        after = self._write(workspace_id, EncodedDocument.of(document), handle, known.revision)
        return Appended(before=known.version, after=after, revision=known.revision)

    def move(self, session_id: str, workspace_id: str) -> None:
        """Bring a session's files into another workspace's folder."""

        def rename(source: str) -> None:
            if source != workspace_id:
                self._move(session_id, source, workspace_id)

        check_id(workspace_id, "workspace id")
        self.where_it_is(session_id, rename)

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

    def _move(self, session_id: str, source: str, target: str) -> None:
        document = self._layout.document(target, session_id)
        with self.held(source, session_id) as handle:
            if os.path.lexists(document):
                raise SessionExists(session_id)
            self._reader.look(source, session_id, handle)
            self.fold_held(source, session_id, handle)
            make_folder(document.parent)
            # The files are in both places until the document has moved, whatever happens between.
            files = self._layout.files(source, session_id)
            link_all(files, self._layout.files(target, session_id))
            if os.fstat(handle).st_size:
                journal = self._layout.journal(source, session_id)
                move_file(journal, self._layout.journal(target, session_id))
            move_file(self._layout.document(source, session_id), document)
            remove_files(files)
        self.forget(session_id)
        self._places.put(session_id, target)

    def _append(
        self,
        workspace_id: str,
        session_id: str,
        handle: int,
        known: Known,
        changes: bytes,
        at: datetime,
        written: Callable[[], None] | None = None,
    ) -> Appended:
        if known.read_only:
            raise ReadOnlySession(session_id, NEWER)
        revision = known.revision + 1
        line = entry_line(changes, revision, at)
        self._reader.forget(session_id)
        path = self._layout.journal(workspace_id, session_id)
        append_line(path, handle, line, known.journal_end, written)
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

    def _write_outline(
        self, workspace_id: str, outline: Outline, handle: int, revision: int
    ) -> str:
        encoded = EncodedDocument.of(outline.document, outline.texts)
        return self._write(workspace_id, encoded, handle, revision)

    def _write(
        self, workspace_id: str, document: EncodedDocument, handle: int, revision: int
    ) -> str:
        """Replace the document and let go of the journal, which it has overtaken."""
        path = self._layout.document(workspace_id, document.id)
        self._reader.forget(document.id)
        signature = replace_file(path, document.text(workspace_id, revision))
        os.ftruncate(handle, 0)
        self._problems.clear(path)
        self._problems.clear(self._layout.journal(workspace_id, document.id))
        known = Known.of(signature, None, 0, revision)
        self._reader.remember(document.id, known)
        return known.version


def _take_in(outline: Outline, entry: JournalEntry) -> None:
    """Apply changes that no journal will hold, once it is clear that they can be read again."""
    for change in entry.changes:
        encode_changes([change])
    try:
        apply_entries(outline.document, [entry])
    except UnreadableText as error:
        raise StoreError(str(error)) from error


def _status(path: os.PathLike[str]) -> Signature | None:
    try:
        return Signature.of(os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return None

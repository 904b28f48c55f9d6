"""Whole documents of sessions: written anew, with what their journals hold."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from tui_sessions.errors import ReadOnlySession, SessionExists, SessionNotFound, StoreError
from tui_sessions.model.changes import Change, JournalEntry
from tui_sessions.model.clock import format_time
from tui_sessions.stores.base import Appended
from tui_sessions.stores.encoded_document import EncodedDocument
from tui_sessions.stores.encoding import UnreadableText, apply_entries, encode_changes
from tui_sessions.stores.journal import size_of
from tui_sessions.stores.known_sessions import Known
from tui_sessions.stores.locking import locked
from tui_sessions.stores.session_access import SessionAccess, status_of
from tui_sessions.stores.session_reader import Outline
from tui_sessions.stores.single_files import make_folder, replace_file

NEWER = "it has a newer format than this version writes; update sessions-tui to change it"


class SessionWriting(SessionAccess):
    """Writes documents; the journal of one that was written is empty."""

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

    def fold(self, session_id: str) -> Appended | None:
        """Bring the journal into the document; a session that is gone needs nothing."""

        def write(workspace_id: str) -> Appended | None:
            if not status_of(self._layout.journal(workspace_id, session_id)):
                return None
            with self.held(workspace_id, session_id) as handle:
                return self.fold_held(workspace_id, session_id, handle)

        try:
            return self.where_it_is(session_id, write)
        except SessionNotFound:
            return None

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
        if size_of(handle):
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

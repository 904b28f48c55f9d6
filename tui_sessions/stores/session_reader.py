"""Reading a session's document and journal under its lock, no more of them than needed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

from tui_sessions.errors import CorruptSession
from tui_sessions.model.changes import AddChat, Change, ExtendMessage, PutMessage, SetMessage
from tui_sessions.model.document import SessionDocument
from tui_sessions.stores.encoding import (
    UnreadableText,
    apply_entries,
    decode_document,
    document_in,
)
from tui_sessions.stores.journal import TORN, JournalPart, read_entries
from tui_sessions.stores.known_sessions import Known, KnownSessions, version_of
from tui_sessions.stores.layout import Layout
from tui_sessions.stores.outlines import InPlace, PlacedMessages, See, Unusual, outlined
from tui_sessions.stores.problems import ProblemList
from tui_sessions.stores.single_files import Signature, opened_file, read_file

LONG = 8 * 1024 * 1024
"""Bytes of a document from which on it is gone through rather than read, where that will do."""


class Outline(NamedTuple):
    """A long session, most messages of which are in place in its open file."""

    document: SessionDocument
    known: Known
    handle: int

    def texts(self, messages: Sequence[Any]) -> PlacedMessages:
        """The text of messages of it."""
        return PlacedMessages(self.handle, messages)


class SessionReader:
    """Reads sessions, reports those that are damaged, and remembers how far it has read."""

    def __init__(self, layout: Layout, problems: ProblemList) -> None:
        self._layout = layout
        self._problems = problems
        self._known = KnownSessions()

    def known(self, session_id: str) -> Known | None:
        """What is remembered of a session's files."""
        return self._known.get(session_id)

    def forget(self, session_id: str) -> None:
        """Read a session from the start the next time."""
        self._known.forget(session_id)

    def look(
        self,
        workspace_id: str,
        session_id: str,
        handle: int,
        status: os.stat_result | None = None,
    ) -> Known:
        """What is known of a session under its lock, read again as far as it has changed.

        `status` is that of the open journal, where it is known.
        """
        path = self._layout.document(workspace_id, session_id)
        document = Signature.of(os.stat(path, follow_symlinks=False))
        journal = Signature.of(status or os.fstat(handle))
        known = self._known.get(session_id)
        if known is None or known.document != document:
            return self.read(workspace_id, session_id, handle)[1]
        if known.journal == journal or known.version == version_of(document, journal):
            return known
        start = known.journal_end if _has_grown(known.journal, journal) else 0
        part = self._entries(workspace_id, session_id, handle, start)
        revision = max([known.revision, *(entry.revision for entry in part.entries)])
        return self.remember(session_id, known.after(journal, part.end, revision))

    def read(
        self, workspace_id: str, session_id: str, handle: int | None
    ) -> tuple[SessionDocument, Known]:
        """Read a session under its lock."""
        path = self._layout.document(workspace_id, session_id)
        try:
            text, signature = read_file(path)
            document = decode_document(text, session_id, workspace_id)
        except UnreadableText as error:
            raise self._damaged(
                CorruptSession(path, str(error)), workspace_id, session_id
            ) from error
        except CorruptSession as error:
            self._damaged(error, workspace_id, session_id)
            raise
        self._problems.clear(path)
        journal, part = None, JournalPart()
        if handle is not None:
            journal = Signature.of(os.fstat(handle))
            part = self._entries(workspace_id, session_id, handle, 0)
            self._apply(workspace_id, document, part)
        revision = max([document.revision, *(entry.revision for entry in part.entries)])
        known = Known.of(signature, journal, part.end, revision, read_only=document.read_only)
        return document, self.remember(session_id, known)

    @contextmanager
    def outline(
        self,
        workspace_id: str,
        session_id: str,
        handle: int | None,
        *,
        see: See | None = None,
        changes: Iterable[Change] = (),
    ) -> Iterator[Outline | None]:
        """Go through a long session under its lock; its file stays open until the end of the block.

        Args:
            workspace_id: where it is.
            session_id: which.
            handle: its journal, where there is one.
            see: is shown every message as it is now.
            changes: what is going to be done to it.

        Yields:
            None where it has to be read as a whole: it is short, unusual or damaged.
        """
        path = self._layout.document(workspace_id, session_id)
        try:
            opened = opened_file(path)
        except CorruptSession:
            yield None
            return
        with opened as file:
            try:
                made = self._outline(workspace_id, session_id, handle, file, see, changes)
            except (Unusual, UnreadableText, CorruptSession):
                made = None
            yield made

    def _outline(
        self,
        workspace_id: str,
        session_id: str,
        handle: int | None,
        file: BinaryIO,
        see: See | None,
        changes: Iterable[Change],
    ) -> Outline | None:
        signature = Signature.of(os.fstat(file.fileno()))
        if signature.size < LONG:
            return None
        journal, part = None, JournalPart()
        if handle is not None:
            journal = Signature.of(os.fstat(handle))
            part = self._entries(workspace_id, session_id, handle, 0)
        entries = [change for entry in part.entries for change in entry.changes]
        keep = touched((*entries, *changes))
        document = document_in(outlined(file, keep, see), session_id, workspace_id)
        self._apply(workspace_id, document, part)
        if see is not None:
            _show(document, keep, see)
        revision = max([document.revision, *(entry.revision for entry in part.entries)])
        known = Known.of(signature, journal, part.end, revision, read_only=document.read_only)
        return Outline(document, self.remember(session_id, known), file.fileno())

    def _entries(self, workspace_id: str, session_id: str, handle: int, start: int) -> JournalPart:
        path = self._layout.journal(workspace_id, session_id)
        try:
            part = read_entries(handle, start, os.fstat(handle).st_size)
        except UnreadableText as error:
            raise self._damaged(
                CorruptSession(path, str(error)), workspace_id, session_id
            ) from error
        if part.torn:
            self._problems.report(path, TORN, session_id, workspace_id)
        else:
            self._problems.clear(path)
        return part

    def _apply(self, workspace_id: str, document: SessionDocument, part: JournalPart) -> None:
        session_id = document.id  # a damaged journal may say otherwise
        try:
            apply_entries(document, part.entries)
        except UnreadableText as error:
            path = self._layout.journal(workspace_id, session_id)
            raise self._damaged(
                CorruptSession(path, str(error)), workspace_id, session_id
            ) from error

    def _damaged(self, error: CorruptSession, workspace_id: str, session_id: str) -> CorruptSession:
        self._known.forget(session_id)
        self._problems.report(
            str(error.path), error.reason, session_id, workspace_id, as_it_is=True
        )
        return error

    def remember(self, session_id: str, known: Known) -> Known:
        """Keep in mind what a session's files are like now."""
        self._known.put(session_id, known)
        return known


def _has_grown(before: Signature | None, after: Signature) -> bool:
    return before is not None and before.inode == after.inode and before.size <= after.size


def touched(changes: Iterable[Change]) -> set[str]:
    """The messages that changes name and need as they were, or bring along."""
    found: set[str] = set()
    for change in changes:
        match change:
            case PutMessage(value=value):
                found.add(value["id"])
            case SetMessage(message=message_id) | ExtendMessage(message=message_id):
                found.add(message_id)
            case AddChat(value=chat):
                found.update(message["id"] for message in chat.get("messages") or ())
    return found


def _show(document: SessionDocument, keep: set[str], see: See) -> None:
    """Show the messages that could not be shown before the journal was applied.

    Raises:
        Unusual: of a chat's last message that is not hidden, the text is not held.
    """
    for chat in document.data["chats"]:
        shown = (message for message in reversed(chat["messages"]) if not message.get("hidden"))
        if isinstance(next(shown, None), InPlace):
            raise Unusual
        for message in chat["messages"]:
            if not isinstance(message, InPlace) and message["id"] in keep:
                see(chat["id"], message)

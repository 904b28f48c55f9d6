"""The full-text index: a tantivy index in the cache folder, or in memory.

It is derived: whatever is wrong with it, it is made anew. Any number of processes read it; the one
that holds the lock file writes, a batch at a time, and readers notice.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tui_sessions.index.base import (
    CaughtUp,
    Compared,
    Found,
    IndexBusy,
    Passage,
    Scope,
    SessionText,
)
from tui_sessions.index.index_access import IndexAccess, OpenIndex
from tui_sessions.index.ranking import lift_of
from tui_sessions.model.clock import now
from tui_sessions.model.query import SearchQuery

if TYPE_CHECKING:
    import tantivy

    from tui_sessions.index.index_folder import Signature
    from tui_sessions.index.index_writer import IndexWriting
    from tui_sessions.index.inherited import Home
    from tui_sessions.index.query_building import QueryBuilder

log = logging.getLogger(__name__)
T = TypeVar("T")

FEW = 3
"""With fewer hits typing errors are forgiven."""


class TantivyIndex:
    """Finds messages by their words, ranked; in memory where no folder is given."""

    def __init__(self, folder: Path | None = None) -> None:
        self._stopped = threading.Event()
        self._access = IndexAccess(folder, self._stopped)
        self._folder = self._access.folder
        self._vouched: Signature | None = None
        """The index as it was last while nobody else wrote to it."""
        self._alone = False
        """Nobody else wrote to it before what is being written."""
        self._kept: tuple[Signature, CaughtUp] | None = None
        """What was last noted, and of which index."""
        self._write_lock = threading.Lock()
        self._writing: IndexWriting | None = None
        """What writes while more follows."""
        self._held = contextlib.ExitStack()
        """Gives the lock of the folder back."""
        self._decoder = msgspec.msgpack.Decoder(Passage)

    def open(self) -> None:
        """Make ready; what is damaged or of another version is made anew, empty.

        Raises:
            IndexUnusable: there can be none here.
        """
        self._access.open()

    def resume(self, fits: Callable[[CaughtUp], bool]) -> CaughtUp | None:
        """What it is known to hold where somebody else wrote last; then it need not be opened.

        None where that is not known, or known already, or does not fit.
        """
        if self._folder is None:
            return None
        signature = self._folder.signature()
        if signature is None or signature == self._vouched:
            return None
        name, held = self._folder.name(), self._folder.caught_up()
        if held is None or self._folder.signature() != signature or not fits(held):
            return None
        self._access.open_later(name)
        self._vouched, self._kept = signature, (signature, held)
        return held

    def watch(self) -> None:
        """Look out from now on for anybody else who writes."""
        self._vouched = self._folder.signature() if self._folder else None

    def keep(self, held: CaughtUp) -> None:
        """Have it known what is held, unless somebody else wrote since `watch` or `resume`."""
        if self._folder is None or self._vouched is None:
            return
        kept = (self._vouched, held)
        if kept == self._kept:
            return
        try:
            self._folder.note_caught_up(*kept)
        except (IndexBusy, OSError) as error:
            log.info("It is not noted what the index holds: %s", error)
        else:
            self._kept = kept

    def compare(self, workspace_id: str, stamps: Mapping[str, str]) -> Compared:
        """Compare the sessions of a workspace with what they are to be in as."""
        from tui_sessions.index.comparing import sessions_in
        from tui_sessions.index.schema import key_of

        wanted = {key_of(session_id): key_of(stamp) for session_id, stamp in stamps.items()}

        def look(_: OpenIndex, searcher: tantivy.Searcher) -> Compared:
            there = sessions_in(searcher, self._builder().sessions_of(workspace_id))
            strange = [seen.place for key, seen in there.items() if key not in wanted]
            return Compared(
                stale=[
                    session_id
                    for session_id, (key, stamp) in zip(stamps, wanted.items(), strict=True)
                    if key not in there or there[key].digest != stamp
                ],
                unknown=[self._passage(searcher, at).session_id for at in strange],
            )

        return self._read(look)

    def has(self, session_id: str, stamps: Collection[str]) -> bool:
        """Whether a session is in with one of these stamps."""
        from tui_sessions.index.comparing import is_among

        return self._read(
            lambda opened, searcher: is_among(searcher, opened.index.schema, session_id, stamps)
        )

    def strangers(self, workspace_ids: Collection[str]) -> list[str]:
        """The sessions that are in with any other workspace than these."""
        from tui_sessions.index.comparing import sessions_in

        def look(_: OpenIndex, searcher: tantivy.Searcher) -> list[str]:
            there = sessions_in(searcher, self._builder().sessions_of_others(workspace_ids))
            return [self._passage(searcher, seen.place).session_id for seen in there.values()]

        return self._read(look)

    def write(self, sessions: Sequence[SessionText], gone: Collection[str]) -> Collection[str]:
        """Put sessions in, as far as they differ from what is there, and drop others.

        All of it is found, and other processes may write, only after `settle`.

        Returns:
            The sessions in which messages have changed, or are not there any more.

        Raises:
            IndexBusy: another process is writing.
        """
        with self._access.damage_seen(), self._write_lock:
            try:
                opened = self._access.current()
                if self._writing is None:
                    self._writing = self._begin_to_write(opened, sessions)
                with opened.leftovers_removed():
                    return self._writing.add(sessions, gone)
            except BaseException:
                self._leave_off()
                raise

    def settle(self) -> None:
        """Have what was written found, and write no more for now."""
        with self._access.damage_seen(), self._write_lock:
            if self._writing is None:
                return
            try:
                opened = self._access.current()
                with opened.leftovers_removed():
                    self._writing.finish()
                opened.catch_up()
                self._vouched = opened.signature if self._alone else None
            finally:
                self._leave_off()

    def find(self, query: SearchQuery, scope: Scope, limit: int, offset: int) -> Found:
        """Find what fits, the best first."""
        found = self._find(query, scope, limit, offset, similar=False)
        if found.total < FEW and self._builder().can_forgive(query):
            similar = self._find(query, scope, limit, offset, similar=True)
            if similar.total > found.total:
                return msgspec.structs.replace(similar, similar=True)
        return found

    def rest(self) -> None:
        """Let go of what was read; to open it again takes some milliseconds."""
        self._access.rest()

    def close(self) -> None:
        """Let go of everything; what is being written comes to an end."""
        self._stopped.set()
        with self._write_lock:
            self._leave_off()
        self._access.close()

    def _begin_to_write(self, opened: OpenIndex, sessions: Sequence[SessionText]) -> IndexWriting:
        """Begin to write, with the lock that one process has at a time."""
        from tui_sessions.index.index_writer import IndexWriting

        if opened.folder:
            self._held.enter_context(opened.folder.held())
        if not opened.catch_up():
            raise IndexBusy("Another process makes the index anew.")
        self._alone = opened.signature == self._vouched
        messages = sum(session.message_count for session in sessions)
        return IndexWriting(opened.index, self._stopped.is_set, messages)

    def _leave_off(self) -> None:
        """Write no more; another process may."""
        self._writing = None
        self._held.close()

    def _find(
        self, query: SearchQuery, scope: Scope, limit: int, offset: int, *, similar: bool
    ) -> Found:
        from tui_sessions.index.finding import Finding

        builder, present = self._builder(), lift_of(now().timestamp())

        def look(_: OpenIndex, searcher: tantivy.Searcher) -> Found:
            finding = Finding(searcher, builder, query, similar=similar)
            hits, total = finding.page(scope, limit, offset)
            passages = [
                (score / present, self._found_at(searcher, place, home))
                for score, place, home in hits
            ]
            return Found(passages=passages, total=total)

        return self._read(look)

    def _found_at(
        self, searcher: tantivy.Searcher, place: tantivy.DocAddress, home: Home | None
    ) -> Passage:
        passage = self._passage(searcher, place)
        if home is None:
            return passage
        return msgspec.structs.replace(passage, session_id=home.session_id, chat_id=home.chat_id)

    def _passage(self, searcher: tantivy.Searcher, place: tantivy.DocAddress) -> Passage:
        from tui_sessions.index.schema import STORED

        return self._decoder.decode(bytes(searcher.doc(place).get_first(STORED) or b""))

    def _builder(self) -> QueryBuilder:
        with self._access.damage_seen():
            return self._access.current().builder

    def _read(self, look: Callable[[OpenIndex, tantivy.Searcher], T]) -> T:
        with self._access.damage_seen():
            opened = self._access.current()
            return look(opened, opened.index.searcher())

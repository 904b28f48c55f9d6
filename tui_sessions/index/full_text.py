"""The full-text index: a tantivy index in the cache folder, or in memory.

It is derived: whatever is wrong with it, it is made anew. Any number of processes read it; the one
that holds the lock file writes, a batch at a time, and readers notice.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tui_sessions.index.base import (
    CaughtUp,
    Compared,
    Found,
    IndexBusy,
    IndexLost,
    IndexUnusable,
    Passage,
    Scope,
    SessionText,
)
from tui_sessions.index.failures import explained, fault_of_the_place, is_damage
from tui_sessions.index.index_folder import IndexFolder
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


class _Opened:
    """An index that is open, and what it was when it was last looked at."""

    def __init__(
        self, index: tantivy.Index, builder: QueryBuilder, folder: IndexFolder | None
    ) -> None:
        self.index = index
        self.builder = builder
        self.folder = folder
        self.name = folder.name() if folder else ""
        self.signature: Signature | None = folder.signature() if folder else None

    def catch_up(self) -> bool:
        """Learn what was written meanwhile; whether it is still the same index."""
        if self.folder is None:
            return True
        signature = self.folder.signature()
        if signature == self.signature:
            return signature is not None
        if signature is None or self.folder.name() != self.name:
            return False
        self.index.reload()
        self.signature = signature
        return True


class TantivyIndex:
    """Finds messages by their words, ranked; in memory where no folder is given."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = folder
        self._folder = IndexFolder(folder) if folder else None
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self._opened: _Opened | None = None
        self._resting: str | None = None
        """The name of the index that was open and is opened again when it is needed."""
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
        with self._lock:
            if self._opened is not None or self._resting is not None:
                return
            self._stopped.clear()
            try:
                self._opened = self._open()
            except OSError as error:
                raise IndexUnusable(explained(error)) from error

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
        with self._lock:
            self._stopped.clear()
            if self._opened is None and self._resting is None:
                self._resting = name
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

        def look(_: _Opened, searcher: tantivy.Searcher) -> Compared:
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

        def look(_: _Opened, searcher: tantivy.Searcher) -> list[str]:
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
        with self._damage_seen(), self._write_lock:
            try:
                opened = self._current()
                if self._writing is None:
                    self._writing = self._begin_to_write(opened, sessions)
                with _leftovers_removed(opened):
                    return self._writing.add(sessions, gone)
            except BaseException:
                self._leave_off()
                raise

    def settle(self) -> None:
        """Have what was written found, and write no more for now."""
        with self._damage_seen(), self._write_lock:
            if self._writing is None:
                return
            try:
                opened = self._current()
                with _leftovers_removed(opened):
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
        with self._lock:
            if self._opened is not None and self._opened.folder is not None:
                self._resting, self._opened = self._opened.name, None

    def close(self) -> None:
        """Let go of everything; what is being written comes to an end."""
        self._stopped.set()
        with self._write_lock:
            self._leave_off()
        with self._lock:
            self._opened = self._resting = None

    def _begin_to_write(self, opened: _Opened, sessions: Sequence[SessionText]) -> IndexWriting:
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

        def look(_: _Opened, searcher: tantivy.Searcher) -> Found:
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
        with self._damage_seen():
            return self._current().builder

    def _read(self, look: Callable[[_Opened, tantivy.Searcher], T]) -> T:
        with self._damage_seen():
            opened = self._current()
            return look(opened, opened.index.searcher())

    def _current(self) -> _Opened:
        """The open index with what was written to it by now.

        Raises:
            IndexLost: it was taken away, or made anew by another process.
        """
        with self._lock:
            if self._opened is None:
                return self._open_again()
            if not self._opened.catch_up():
                self._opened = self._open()
                raise IndexLost("The index is another one now.")
            return self._opened

    def _open_again(self) -> _Opened:
        """Open the index that rests; the lock is held.

        Raises:
            IndexLost: none does, or it is another one by now.
        """
        if self._resting is None:
            raise IndexLost("The index is closed.")
        opened = self._opened = self._open()
        name, self._resting = self._resting, None
        if opened.name != name:
            raise IndexLost("The index is another one now.")
        return opened

    def _open(self) -> _Opened:
        """Open what is there, or else make it."""
        try:
            import tantivy

            from tui_sessions.index.query_building import QueryBuilder
            from tui_sessions.index.schema import make_analyzer, make_schema
        except ImportError as error:
            raise IndexUnusable(f"tantivy cannot be loaded: {error}") from error
        schema, folder = make_schema(), self._folder
        index = folder.open(schema) if folder else tantivy.Index(schema)
        index.config_reader("manual")
        index.register_tokenizer("folded", make_analyzer())
        return _Opened(index, QueryBuilder(schema), folder)

    @contextmanager
    def _damage_seen(self) -> Iterator[None]:
        """Begin anew where the index turns out to be damaged.

        Raises:
            IndexUnusable: it is the place that is at fault, such as a full disk.
        """
        try:
            yield
        except BaseException as error:
            # What is kept with the error would keep the writer, and with it its lock.
            traceback.clear_frames(error.__traceback__)
            if reason := fault_of_the_place(error, self._path):
                raise IndexUnusable(reason) from error
            if "LockBusy" in str(error):  # of a program that ends, and merges to the last
                raise IndexBusy("Another process is writing the index.") from error
            self._begin_anew(error)
            raise IndexLost("The index was damaged.") from error

    def _begin_anew(self, error: BaseException) -> None:
        """Make a damaged index anew; any other error goes on."""
        if not is_damage(error):
            raise error
        log.warning("The index %s is damaged: %s", self._path, error)
        # Where another process is writing, it will see the damage itself.
        with self._lock, contextlib.suppress(IndexBusy):
            if self._opened is not None and self._opened.folder is not None:
                with self._opened.folder.held():
                    self._opened.folder.wipe()
            self._opened = self._open()


@contextmanager
def _leftovers_removed(opened: _Opened) -> Iterator[None]:
    """Remove what a killed writer left in the way, so that it can be tried again; lock held."""
    try:
        yield
    except ValueError as error:
        if opened.folder is None or not opened.folder.rid_of_leftover(error):
            raise
        raise IndexBusy("A writer that was killed had left a file.") from error

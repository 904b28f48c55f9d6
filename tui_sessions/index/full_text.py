"""The full-text index: a tantivy index in the cache folder, or in memory.

It is derived: whatever is wrong with it, it is made anew. Any number of processes read it; the one
that holds the lock file writes, a batch at a time, and readers notice.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tui_sessions.index.base import (
    Found,
    IndexBusy,
    IndexLost,
    IndexUnusable,
    Passage,
    Scope,
    SessionText,
)
from tui_sessions.index.ranking import lift_of
from tui_sessions.model.clock import now
from tui_sessions.model.query import SearchQuery

if TYPE_CHECKING:
    import tantivy

    from tui_sessions.index.index_folder import IndexFolder, Signature
    from tui_sessions.index.query_building import QueryBuilder

log = logging.getLogger(__name__)
T = TypeVar("T")

FEW = 3
"""With fewer hits typing errors are forgiven."""
_MANY = 10_000_000


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
        self._lock = threading.RLock()
        self._stopped = threading.Event()
        self._opened: _Opened | None = None
        self._decoder = msgspec.msgpack.Decoder(Passage)

    def open(self) -> None:
        """Make ready; what is damaged or of another version is made anew, empty.

        Raises:
            IndexUnusable: there can be none here.
        """
        with self._lock:
            if self._opened is not None:
                return
            self._stopped.clear()
            try:
                self._opened = self._open()
            except ImportError as error:
                raise IndexUnusable(f"tantivy cannot be loaded: {error}") from error
            except OSError as error:
                raise IndexUnusable(f"{error.strerror}: {error.filename}") from error

    def stale(self, stamps: Mapping[str, str]) -> list[str]:
        """The sessions that are not in as these stamps say."""
        from tui_sessions.index.index_writer import digests_of
        from tui_sessions.index.schema import FACET, SESSION, key_of

        there = self._read(lambda o, s: digests_of(s, o.index.schema, FACET, SESSION, _MANY))
        return [
            session_id
            for session_id, stamp in stamps.items()
            if there.get(key_of(session_id)) != key_of(stamp)
        ]

    def unknown(self, session_ids: Collection[str]) -> list[str]:
        """The sessions that are in without being among these."""
        from tantivy import Query

        from tui_sessions.index.schema import FACET, KEY, SESSION, key_of

        known = {key_of(session_id) for session_id in session_ids}

        def look(opened: _Opened, searcher: tantivy.Searcher) -> list[str]:
            query = Query.term_query(opened.index.schema, FACET, SESSION, index_option="basic")
            limit = max(searcher.num_docs, 1)
            places = [at for _, at in searcher.search(query, limit=limit, count=False).hits]
            keys = searcher.fast_field_values(KEY, places) if places else []
            strange = [at for at, key in zip(places, keys, strict=True) if key not in known]
            return [self._passage(searcher, at).session_id for at in strange]

        return self._read(look)

    def write(self, sessions: Sequence[SessionText], gone: Collection[str]) -> None:
        """Put sessions in, as far as they differ from what is there, and drop others.

        Raises:
            IndexBusy: another process is writing.
        """
        from tui_sessions.index.index_writer import write_sessions

        with self._damage_seen():
            opened = self._current()
            with opened.folder.held() if opened.folder else contextlib.nullcontext():
                if not opened.catch_up():
                    raise IndexBusy("Another process makes the index anew.")
                try:
                    write_sessions(opened.index, sessions, gone, self._stopped.is_set)
                except ValueError as error:
                    if opened.folder is None or not opened.folder.rid_of_leftover(error):
                        raise
                    raise IndexBusy("A writer that was killed had left a file.") from error
                opened.catch_up()

    def find(self, query: SearchQuery, scope: Scope, limit: int, offset: int) -> Found:
        """Find what fits, the best first."""
        found = self._find(query, scope, limit, offset, similar=False)
        if found.total < FEW and self._builder().can_forgive(query):
            similar = self._find(query, scope, limit, offset, similar=True)
            if similar.total > found.total:
                return msgspec.structs.replace(similar, similar=True)
        return found

    def close(self) -> None:
        """Let go of everything; what is being written comes to an end."""
        self._stopped.set()
        with self._lock:
            self._opened = None

    def _find(
        self, query: SearchQuery, scope: Scope, limit: int, offset: int, *, similar: bool
    ) -> Found:
        from tui_sessions.index.schema import LIFT

        built = self._builder().build(query, scope, similar=similar)
        if built is None:
            return Found()
        present = lift_of(now().timestamp())

        def look(_: _Opened, searcher: tantivy.Searcher) -> Found:
            # Room for as many as are asked for is made at once, however few there are.
            there = max(searcher.num_docs, 1)
            result = searcher.search(
                built,
                limit=min(max(limit, 1), there),
                offset=min(offset, there),
                weight_by_field=LIFT,
            )
            hits = result.hits[:limit]
            passages = [(score / present, self._passage(searcher, at)) for score, at in hits]
            total: int = result.count  # type: ignore[attr-defined]  # missing in the type stubs
            return Found(passages=passages, total=total)

        return self._read(look)

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
                raise IndexLost("The index is closed.")
            if not self._opened.catch_up():
                self._opened = self._open()
                raise IndexLost("The index is another one now.")
            return self._opened

    def _open(self) -> _Opened:
        """Open what is there, or else make it."""
        import tantivy

        from tui_sessions.index.index_folder import IndexFolder
        from tui_sessions.index.query_building import QueryBuilder
        from tui_sessions.index.schema import make_analyzer, make_schema

        schema = make_schema()
        folder = IndexFolder(self._path) if self._path else None
        index = folder.open(schema) if folder else tantivy.Index(schema)
        index.config_reader("manual")
        index.register_tokenizer("folded", make_analyzer())
        return _Opened(index, QueryBuilder(schema), folder)

    @contextmanager
    def _damage_seen(self) -> Iterator[None]:
        """Begin anew where the index turns out to be damaged."""
        try:
            yield
        except BaseException as error:
            if "LockBusy" in str(error):  # of a program that ends, and merges to the last
                raise IndexBusy("Another process is writing the index.") from error
            self._begin_anew(error)
            raise IndexLost("The index was damaged.") from error

    def _begin_anew(self, error: BaseException) -> None:
        """Make a damaged index anew; any other error goes on."""
        from tui_sessions.index.index_folder import is_damage

        if not is_damage(error):
            raise error
        log.warning("The index %s is damaged: %s", self._path, error)
        # Where another process is writing, it will see the damage itself.
        with self._lock, contextlib.suppress(IndexBusy):
            if self._opened is not None and self._opened.folder is not None:
                with self._opened.folder.held():
                    self._opened.folder.wipe()
            self._opened = self._open()

"""Access to the full-text index: open when it is needed, and made anew where it is damaged."""

from __future__ import annotations

import contextlib
import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tui_sessions.index.base import IndexBusy, IndexLost, IndexUnusable
from tui_sessions.index.failures import explained, fault_of_the_place, is_damage
from tui_sessions.index.index_folder import IndexFolder

if TYPE_CHECKING:
    import tantivy

    from tui_sessions.index.index_folder import Signature
    from tui_sessions.index.query_building import QueryBuilder

log = logging.getLogger(__name__)


class OpenIndex:
    """An index that is open, and what it was when it was last looked at."""

    def __init__(
        self, index: tantivy.Index, builder: QueryBuilder, folder: IndexFolder | None
    ) -> None:
        self.index = index
        self.builder = builder
        self.folder = folder
        self.name = folder.name() if folder else ""
        """Tells it from one that is made later in the same place."""
        self.signature: Signature | None = folder.signature() if folder else None
        """Differs whenever something was written; None in memory."""

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

    @contextmanager
    def leftovers_removed(self) -> Iterator[None]:
        """Remove what a killed writer left in the way, so it can be tried again; lock held."""
        try:
            yield
        except ValueError as error:
            if self.folder is None or not self.folder.rid_of_leftover(error):
                raise
            raise IndexBusy("A writer that was killed had left a file.") from error


class IndexAccess:
    """Gives the index as it is by now, to any thread."""

    def __init__(self, path: Path | None, stopped: threading.Event) -> None:
        """Begin with nothing open.

        Args:
            path: the folder; None for an index in memory.
            stopped: tells who writes to come to an end; opening takes it back.
        """
        self._path = path
        self.folder = IndexFolder(path) if path else None
        """Where the index is kept; None: in memory."""
        self._stopped = stopped
        self._lock = threading.RLock()
        self._opened: OpenIndex | None = None
        self._resting: str | None = None
        """The name of the index that was open and is opened again when it is needed."""

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

    def open_later(self, name: str) -> None:
        """Have the index of that name opened when it is needed, unless one is open."""
        with self._lock:
            self._stopped.clear()
            if self._opened is None and self._resting is None:
                self._resting = name

    def rest(self) -> None:
        """Let go of what was read; an index in memory stays."""
        with self._lock:
            if self._opened is not None and self._opened.folder is not None:
                self._resting, self._opened = self._opened.name, None

    def close(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._opened = self._resting = None

    def current(self) -> OpenIndex:
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

    def _open_again(self) -> OpenIndex:
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

    def _open(self) -> OpenIndex:
        """Open what is there, or else make it."""
        try:
            import tantivy

            from tui_sessions.index.query_building import QueryBuilder
            from tui_sessions.index.schema import make_analyzer, make_schema
        except ImportError as error:
            raise IndexUnusable(f"tantivy cannot be loaded: {error}") from error
        schema, folder = make_schema(), self.folder
        index = folder.open(schema) if folder else tantivy.Index(schema)
        index.config_reader("manual")
        index.register_tokenizer("folded", make_analyzer())
        return OpenIndex(index, QueryBuilder(schema), folder)

    @contextmanager
    def damage_seen(self) -> Iterator[None]:
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

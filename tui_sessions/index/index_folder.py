"""The folder of an index: what is usable in it, making it anew, and who may write.

What is known of an index without a look into it is known without tantivy being loaded.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import msgspec

from tui_sessions.index.base import CaughtUp, IndexBusy, IndexUnusable
from tui_sessions.index.failures import is_damage
from tui_sessions.model.identifiers import new_id

if TYPE_CHECKING:
    import tantivy

log = logging.getLogger(__name__)

SCHEMA = 5
"""Raised whenever what is written changes; an index of another schema is made anew."""
_META, _NAME, _CAUGHT_UP = "meta.json", "name", "caught_up"
_PATIENCE_S, _PAUSE_S = 10.0, 0.05
"""Seconds to wait for another process that makes the index, and between two looks."""
_LEFT_BEHIND = re.compile(r'FileAlreadyExists\("([0-9a-f]{32})\.(\d+)\.del"\)')
Signature = tuple[int, int, int]
"""Differs whenever something was written."""


class _Note(msgspec.Struct, frozen=True, kw_only=True):
    """Beside an index: what it held when it was as it says, and nothing of what it is later."""

    name: str
    signature: Signature
    held: CaughtUp


class IndexFolder:
    """Where an index is kept; it is shared by processes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, schema: tantivy.Schema) -> tantivy.Index:
        """Open what is there; what is not usable is made anew, by one process alone.

        Raises:
            IndexUnusable: another process holds it and does not come to an end.
        """
        deadline = monotonic() + _PATIENCE_S
        while (index := self._usable(schema)) is None:
            try:
                with self.held():
                    return self._usable(schema) or self._made_anew(schema)
            except IndexBusy as error:
                if monotonic() > deadline:
                    raise IndexUnusable("another program holds it") from error
                sleep(_PAUSE_S)
        return index

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock that one process has at a time; it is free when that process ends.

        Raises:
            IndexBusy: another process has it.
        """
        path = self._path.with_suffix(".lock")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise IndexBusy("Another process is writing the index.") from error
            yield
        finally:
            os.close(handle)

    def signature(self) -> Signature | None:
        """What tells whether something was written; None where there is no index."""
        try:
            status = (self._path / _META).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def name(self) -> str:
        """What tells an index from one that was made later in the same place."""
        with contextlib.suppress(OSError, UnicodeError):
            return (self._path / _NAME).read_text("ascii")
        return ""

    def caught_up(self) -> CaughtUp | None:
        """What the index is known to hold; None where it was written after that was noted."""
        try:
            note = msgspec.json.decode((self._path / _CAUGHT_UP).read_bytes(), type=_Note)
        except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        now = (self.name(), self.signature())
        return note.held if now == (note.name, note.signature) and self._is_ours() else None

    def note_caught_up(self, signature: Signature, held: CaughtUp) -> None:
        """Note what is held, if the index is still what it was with that signature.

        Raises:
            IndexBusy: another process writes, and so it will be another.
        """
        with self.held():
            if self.signature() != signature or not self._is_ours():
                return
            note = _Note(name=self.name(), signature=signature, held=held)
            path, new = self._path / _CAUGHT_UP, self._path / f"{_CAUGHT_UP}.new"
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
            with open(os.open(new, flags, 0o600), "wb") as file:
                file.write(msgspec.json.encode(note))
            new.replace(path)

    def wipe(self) -> None:
        """Remove what is there; the lock is held."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._path)

    def rid_of_leftover(self, error: BaseException) -> bool:
        """Remove what a killed writer left in the way, if the error tells of that; lock held."""
        found = _LEFT_BEHIND.search(str(error))
        if found is None:
            return False
        segment, stamp = found[1], int(found[2])
        meta = msgspec.json.decode((self._path / _META).read_bytes())
        for each in meta["segments"]:
            if each["segment_id"].replace("-", "") == segment:
                deletes = each["deletes"]
                if deletes is not None and deletes["opstamp"] == stamp:
                    return False  # it is in use
        (self._path / f"{segment}.{stamp}.del").unlink(missing_ok=True)
        return True

    def _usable(self, schema: tantivy.Schema) -> tantivy.Index | None:
        """The index; None where there is none, or one of another version."""
        import tantivy

        if self.signature() is None or not self._is_ours():
            return None
        try:
            index = tantivy.Index(schema, str(self._path))
            index.reload()
        except BaseException as error:
            if not is_damage(error):
                raise
            log.warning("The index %s cannot be opened: %s", self._path, error)
            return None
        return index

    def _is_ours(self) -> bool:
        """Whether it is of this version."""
        return self.name().startswith(f"{SCHEMA} ")

    def _made_anew(self, schema: tantivy.Schema) -> tantivy.Index:
        import tantivy

        self.wipe()
        self._path.mkdir(mode=0o700)
        (self._path / _NAME).write_text(f"{SCHEMA} {new_id()}", "ascii")
        return tantivy.Index(schema, str(self._path))

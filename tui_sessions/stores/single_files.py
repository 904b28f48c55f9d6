"""Single files: read without surprises, replaced all at once and durably."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tui_sessions.errors import CorruptSession
from tui_sessions.model.file_kinds import no_file

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_STALE_AFTER_S = 3600
_BUFFER = 1024 * 1024
_PIECES_AT_ONCE = 500
"""Systems take at most a thousand in one call."""
_CLOSE_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
_NO_FOLLOW = os.O_NOFOLLOW | _CLOSE_ON_EXEC
_REASONS = {
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EDQUOT: "the disk quota is used up; free some space and try again",
    errno.EFBIG: "the file would become larger than the system allows",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission is missing",
    errno.EPERM: "permission is missing",
    errno.ELOOP: "it is a symbolic link, not a file",
    errno.EISDIR: "it is a folder, not a file",
    errno.EIO: "the disk reports an error",
    errno.EXDEV: "it cannot be moved to another disk",
    errno.EMFILE: "this program has too many files open",
}


class Signature(NamedTuple):
    """What tells a file's content from another's without reading it."""

    inode: int
    changed: int
    size: int

    @classmethod
    def of(cls, status: os.stat_result) -> Signature:
        """The signature of a file by its status."""
        return cls(status.st_ino, status.st_mtime_ns, status.st_size)

    def __str__(self) -> str:
        return f"{self.inode:x}.{self.changed:x}.{self.size:x}"


def explain(error: OSError) -> str:
    """Why a file could not be used, as a sentence for a person."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error) or repr(error)


def read_file(path: Path | str) -> tuple[bytes, Signature]:
    """A file's content and its signature.

    Raises:
        FileNotFoundError: there is none.
        CorruptSession: it is no ordinary file, or may not be read.
    """
    return read_end(path, None)


def opened_file(path: Path) -> BinaryIO:
    """A file, open for reading from its start on.

    Raises:
        FileNotFoundError: there is none.
        CorruptSession: it is no ordinary file, or may not be read.
    """
    try:
        return os.fdopen(_opened(path)[0], "rb", _BUFFER)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CorruptSession(path, explain(error)) from error


def read_end(path: Path | str, length: int | None) -> tuple[bytes, Signature]:
    """The last bytes of a file, or all of them, and its signature.

    Raises:
        FileNotFoundError: there is none.
        CorruptSession: it is no ordinary file, or may not be read.
    """
    try:
        handle, status = _opened(path)
        try:
            start = 0 if length is None else max(status.st_size - length, 0)
            return read_from(handle, start, status.st_size), Signature.of(status)
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CorruptSession(path, explain(error)) from error


def _opened(path: Path | str) -> tuple[int, os.stat_result]:
    # Without O_NONBLOCK a named pipe would keep the reader waiting for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | _NO_FOLLOW)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise CorruptSession(path, no_file(status.st_mode))
    except BaseException:
        os.close(handle)
        raise
    return handle, status


def read_from(handle: int, start: int, end: int) -> bytes:
    """The bytes of an open file between two places, or as many as there are."""
    chunks = []
    while start < end and (chunk := os.pread(handle, end - start, start)):
        chunks.append(chunk)
        start += len(chunk)
    return b"".join(chunks)


def write_all(handle: int, content: bytes) -> None:
    """Write everything, also where the system takes it in pieces."""
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _write_pieces(handle: int, pieces: Iterable[bytes | memoryview]) -> None:
    """Write everything, about a megabyte at a time, without putting it together first."""
    block: list[bytes | memoryview] = []
    size = 0
    for piece in pieces:
        block.append(piece)
        size += len(piece)
        if size >= _BUFFER or len(block) == _PIECES_AT_ONCE:
            _write_block(handle, block, size)
            block.clear()
            size = 0
    _write_block(handle, block, size)


def _write_block(handle: int, block: list[bytes | memoryview], size: int) -> None:
    written = os.writev(handle, block) if size else 0
    if written < size:
        write_all(handle, b"".join(block)[written:])


def replace_file(path: Path, content: bytes | Iterable[bytes | memoryview]) -> Signature:
    """Put new content in place of a file; after a crash there is the old or the new, whole."""
    temporary = path.with_name(f".{path.name}.{os.urandom(6).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW
    handle = os.open(temporary, flags, FILE_MODE)
    try:
        try:
            _write_pieces(handle, (content,) if isinstance(content, bytes) else content)
            # The clock of a file system may stand still between two quick saves.
            moment = time.time_ns()
            os.utime(handle, ns=(moment, moment))
            os.fsync(handle)
            signature = Signature.of(os.fstat(handle))
        finally:
            os.close(handle)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return signature


def move_file(source: Path, target: Path) -> None:
    """Give a file another place, durably; one that is not there is left out."""
    if os.path.lexists(source):
        try:
            os.rename(source, target)
        except PermissionError as error:
            # The system names the file that is to be moved, whichever folder refuses.
            if not os.access(target.parent, os.W_OK | os.X_OK):
                error.filename = str(target.parent)
            raise
        sync_folder(target.parent)
        sync_folder(source.parent)


def remove_file(path: Path) -> None:
    """Remove a file, durably; one that is not there is left out."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; one that may only be written is left to the system."""
    try:
        handle = os.open(folder, os.O_RDONLY | _CLOSE_ON_EXEC)
    except PermissionError:
        return  # what was done in it is done
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, for their owner's eyes only."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for part in reversed(missing):
        part.mkdir(mode=FOLDER_MODE, exist_ok=True)
        sync_folder(part.parent)


def is_temporary(name: str) -> bool:
    """Whether a file is one that `replace_file` was writing."""
    return name.startswith(".") and name.endswith(".tmp")


def remove_if_stale(entry: os.DirEntry[str]) -> None:
    """Remove a temporary file whose writer must be dead by now, where that can be done."""
    # It does no harm where it is: on a disk that may only be read everything else still works.
    with suppress(OSError):
        if is_old(entry):
            os.unlink(entry.path)


def is_old(entry: os.DirEntry[str]) -> bool:
    """Whether nobody can be working on a file any more; one that is gone is not old."""
    try:
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > _STALE_AFTER_S
    except FileNotFoundError:
        return False

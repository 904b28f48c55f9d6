"""Where the files of an export of several sessions go: a folder, or a ZIP."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from tui_sessions.errors import TransferError
from tui_sessions.model.session import Session
from tui_sessions.transfer.file_names import file_name
from tui_sessions.transfer.writing import TAKEN, is_stream, put_in_place

_ID_LENGTH = 8
_ID_FULL = 20


class ExportFiles(Protocol):
    """Takes the files of an export, one at a time."""

    def add(self, name: str, data: bytes) -> None:
        """Take a file.

        Args:
            name: a relative path with slashes.
            data: what is in it.

        Raises:
            TransferError: the name leads out of the target, or the file could not be written.
        """


@contextmanager
def export_files(path: Path, overwrite: bool = False) -> Iterator[ExportFiles]:
    """Where to put the files: a ZIP if the name ends so, else a folder; all of them or none.

    Args:
        path: the ZIP or the folder.
        overwrite: whether a ZIP that is there, or files in a folder, may be replaced.

    Raises:
        TransferError: it is there already, or it could not be written.
    """
    is_zip = path.suffix.lower() == ".zip"
    _check_free(path, is_zip, overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".export-", suffix=".tmp", dir=path.parent))
        try:
            if is_zip:
                made = temporary / "export.zip"
                with open(made, "xb", opener=_private) as file, open_zip(file) as files:
                    yield files
                put_in_place(made, path, overwrite)
            else:
                yield _Folder(temporary / "files")
                _move_all(temporary / "files", path, overwrite)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except FileExistsError as error:
        raise TransferError(path, TAKEN) from error
    except OSError as error:
        raise TransferError(path, f"it could not be written: {error.strerror or error}.") from error


@contextmanager
def open_zip(file: IO[bytes]) -> Iterator[ExportFiles]:
    """A ZIP that is written into an open file, which need not be one that can be sought in."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        yield _Zip(archive)


def export_name(session: Session, suffix: str) -> str:
    """A file's name that reads like the label, and is no other session's."""
    label = file_name(session.label, "session")
    short = session.id if len(session.id) <= _ID_FULL else session.id[-_ID_LENGTH:]
    return f"{label}-{short}{suffix}"


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700)

    def add(self, name: str, data: bytes) -> None:
        path = self._folder / _checked(name)
        _make_folders(path.parent)
        with open(path, "xb", opener=_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def add(self, name: str, data: bytes) -> None:
        entry = zipfile.ZipInfo(str(_checked(name)), time.localtime()[:6])
        entry.external_attr = 0o600 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._archive.writestr(entry, data)


def _checked(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    parts = path.parts
    odd = any(part in ("..", ".") or "\0" in part or "\\" in part for part in parts)
    if not parts or path.is_absolute() or odd or ":" in name:
        raise TransferError(name, "the name of an exported file leads out of its folder.")
    return path


def _check_free(path: Path, is_zip: bool, overwrite: bool) -> None:
    if is_zip and is_stream(path):
        raise TransferError(path, "it is a pipe or a device; name a file.")
    if is_zip and path.is_dir():
        raise TransferError(path, "it is a folder; name a file in it.")
    if not is_zip and os.path.lexists(path) and not path.is_dir():
        raise TransferError(path, "it is a file; name a folder, or a file that ends in .zip.")
    if overwrite or not os.path.lexists(path):
        return
    if is_zip or any(path.iterdir()):
        raise TransferError(path, TAKEN)


def _move_all(made: Path, target: Path, overwrite: bool) -> None:
    if not target.exists():
        made.rename(target)
        return
    for file in sorted(made.rglob("*")):
        if file.is_dir():
            continue
        place = target / file.relative_to(made)
        _make_folders(place.parent)
        # A link in the folder must not lead the export to somewhere else.
        if not place.parent.resolve().is_relative_to(target.resolve()) or place.is_dir():
            raise TransferError(place, "a folder or a link is in the way of an exported file.")
        put_in_place(file, place, overwrite)


def _make_folders(folder: Path) -> None:
    """Make a folder and those above it that are missing, for nobody else to look into."""
    for missing in (*reversed(folder.parents), folder):
        if not missing.exists():
            missing.mkdir(mode=0o700)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

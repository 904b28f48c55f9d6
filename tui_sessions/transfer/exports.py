"""Exports that people download: a ZIP, the folder it unpacks to, or a file out of it."""

from __future__ import annotations

import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

import platformdirs

from tui_sessions.transfer.lines import Problems
from tui_sessions.transfer.single_files import unreadable_folder

_CONVERSATIONS = re.compile(r"conversations(?:[-_]\d{1,6})?\.json")
_ZIP_START = b"PK\x03\x04"
_ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
"""What reading a damaged, foreign or locked ZIP raises."""


_SUSPECT = 256 * 1024 * 1024
_DENSEST = 300
"""Conversations become at most so many times larger when they are unpacked."""


class UnreadableExport(Exception):
    """An export that cannot be read; its text is the reason."""


@dataclass(frozen=True, slots=True)
class Export:
    """The files of one export."""

    path: Path
    names: list[str]
    """Relative paths with slashes."""
    _open: Callable[[str], IO[bytes]]
    _size: Callable[[str], int]

    def size_of(self, name: str) -> int:
        """The bytes of one of the files."""
        try:
            return self._size(name)
        except OSError:
            return 0

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """One of the files, for reading.

        Raises:
            UnreadableExport: it is damaged or locked; also while it is being read.
        """
        try:
            with self._open(name) as file:
                yield cast(BinaryIO, file)
        except OSError as error:
            reason = f"it could not be read: {error.strerror or error}"
            raise UnreadableExport(reason) from error
        except _ZIP_FAULTS as error:
            raise UnreadableExport(f"{name!r:.80} could not be read: {error}") from error

    def place_of(self, name: str) -> Path:
        """The path to report for a file: its own, or that of the ZIP."""
        return self.path / name if self.path.is_dir() else self.path

    def conversation_files(self) -> dict[str, bool]:
        """The files that may hold conversations, and which of them are there to hold some."""
        if self.names == [self.path.name]:
            return {self.path.name: True}
        files = [name for name in self.names if name.lower().endswith(".json")]
        named = [n for n in files if _CONVERSATIONS.fullmatch(PurePosixPath(n).name)]
        others = (name for name in files if name not in named)
        return {**dict.fromkeys(sorted(named), True), **dict.fromkeys(others, not named)}


@contextmanager
def open_export(path: Path, problems: Problems) -> Iterator[Export]:
    """The export at a path.

    Args:
        path: a ZIP, a folder or a single file.
        problems: takes up what cannot be looked into.

    Raises:
        UnreadableExport: there is none, or it is damaged.
    """
    with ExitStack() as stack:
        if _is_folder(path):
            names = list(_files_below(path, problems))
            yield Export(
                path,
                names,
                lambda name: (path / name).open("rb"),
                lambda name: (path / name).stat().st_size,
            )
        elif not path.is_file():
            raise UnreadableExport("there is no such file or folder")
        elif zipfile.is_zipfile(path):
            try:
                archive = stack.enter_context(zipfile.ZipFile(path))
            except (OSError, ValueError, *_ZIP_FAULTS) as error:
                raise UnreadableExport(f"the ZIP could not be read: {error}") from error
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
            yield Export(
                path,
                names,
                lambda name: _unpacked(archive, name),
                lambda name: archive.getinfo(name).file_size,
            )
        else:
            _check_whole(path)
            yield Export(
                path, [path.name], lambda _: path.open("rb"), lambda _: path.stat().st_size
            )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        raise UnreadableExport(f"it could not be read: {error.strerror or error}") from error


def _check_whole(path: Path) -> None:
    """Tell a file that can be read from one that was not downloaded to its end."""
    try:
        with path.open("rb") as file:
            start = file.read(len(_ZIP_START))
    except OSError as error:
        raise UnreadableExport(f"it could not be read: {error.strerror or error}") from error
    if not start:
        raise UnreadableExport("the file is empty")
    if start == _ZIP_START:
        raise UnreadableExport("the ZIP ends too early; download it again")


def _unpacked(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """One of the files of a ZIP, unless it was made to fill a disk or a memory."""
    entry = archive.getinfo(name)
    if entry.file_size > _SUSPECT and entry.file_size > _DENSEST * entry.compress_size:
        size = f"{entry.file_size / 1e9:,.1f} GB"
        raise UnreadableExport(f"{name!r:.80} would unpack to {size} that say nothing")
    return archive.open(name)


def downloaded_exports(marks: Iterable[str]) -> list[Path]:
    """The exports in the folder of downloads that hold a file of one of these names.

    Only names are looked at, and only in ZIPs and folders that lie right there.
    """
    wanted = set(marks)
    found = []
    for path in _entries(Path(platformdirs.user_downloads_dir())):
        try:
            names = _names_in(path)
        except (OSError, ValueError, *_ZIP_FAULTS):
            continue
        if wanted & names and any(_CONVERSATIONS.fullmatch(name) for name in names):
            found.append(path)
    return found


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _names_in(path: Path) -> set[str]:
    if path.is_dir():
        return {entry.name for entry in path.iterdir()}
    if path.suffix.lower() != ".zip":
        return set()
    with zipfile.ZipFile(path) as archive:
        return {PurePosixPath(name).name for name in archive.namelist()}


def _files_below(top: Path, problems: Problems) -> Iterator[str]:
    def note(error: OSError) -> None:
        problems.add(unreadable_folder(error).reason)

    for folder, subfolders, names in os.walk(top, onerror=note):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_file():
                yield path.relative_to(top).as_posix()

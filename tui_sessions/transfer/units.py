"""The parts that a source is read in, and how each of them can be told to have changed."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from tui_sessions.model.file_kinds import no_file
from tui_sessions.transfer.base import (
    Divided,
    ImportedSession,
    Importer,
    Skipped,
    SourceUnit,
)
from tui_sessions.transfer.single_files import unreadable_place

_LEFT_OUT = frozenset({".git", "node_modules", "__pycache__", ".venv", "snapshot"})
_BESIDE = ("-wal", "-journal")
_NO_CONTENT = "-shm"
"""Readers write to the shared memory of a database too."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Signature:
    """The state of some files, by their names, sizes, times and places on the disk."""

    digest: str
    size: int
    """Bytes of all of them."""
    newest_ns: int
    """When one of them was last written, in nanoseconds since 1970."""


def units_of(importer: Importer, place: Path) -> Iterator[SourceUnit]:
    """The parts of a place; all of it where its importer knows of none."""
    try:
        if (odd := what_never_ends(place)) is not None:
            yield left_out([odd])
        elif isinstance(importer, Divided):
            yield from importer.units(place)
        else:
            read = partial(importer.read, place)
            yield SourceUnit(files=tuple(files_below(place)), read=read)
    except OSError as error:
        yield left_out([unreadable_place(place, error)])


def what_never_ends(place: Path) -> Skipped | None:
    """That a place is a pipe, a device or a socket: whoever reads those may wait for ever.

    Raises:
        OSError: it may not be looked at.
    """
    try:
        mode = place.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    return Skipped(path=place, reason=no_file(mode))


def read_unit(unit: SourceUnit, user_id: str) -> Iterator[ImportedSession | Skipped]:
    """The sessions of a part; what the system does not let be read comes back as left out."""
    try:
        yield from unit.read(user_id)
    except OSError as error:
        yield unreadable_place(unit.files[0] if unit.files else Path(), error)


def files_below(place: Path) -> Iterator[Path]:
    """A file and the log beside it, or the files in a folder and below it."""
    if place.is_file():
        beside = (place.with_name(place.name + ending) for ending in _BESIDE)
        yield from (place, *(file for file in beside if file.is_file()))
        return
    for folder, subfolders, names in os.walk(place):
        subfolders[:] = sorted(name for name in subfolders if name not in _LEFT_OUT)
        yield from (Path(folder) / name for name in sorted(names) if not name.endswith(_NO_CONTENT))


def signature_of(files: Iterable[Path]) -> Signature:
    """How some files are now; those that are gone count as gone."""
    digest = hashlib.sha256()
    size = newest = 0
    for file in files:
        try:
            stat = file.stat()
        except OSError:
            state: tuple[int, ...] = ()
        else:
            state = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
            size += stat.st_size
            newest = max(newest, stat.st_mtime_ns)
        digest.update(f"{file}\0{state}\n".encode("utf-8", "surrogateescape"))
    return Signature(digest.hexdigest()[:32], size, newest)


def code_of(importer: Importer) -> str:
    """What changes whenever an importer's program does: the state of its files and of ours."""
    here = Path(__file__).parent
    files = sorted(here.rglob("*.py"))
    module = sys.modules.get(type(importer).__module__)
    its_file = Path(getattr(module, "__file__", None) or __file__)
    if here not in its_file.parents:
        # A module by itself lies beside all other packages that are installed.
        alone = "." not in type(importer).__module__ and its_file.name != "__init__.py"
        files += [its_file] if alone else sorted(its_file.parent.glob("*.py"))
    return signature_of(files).digest


def newest_of(files: Iterable[Path]) -> datetime | None:
    """When one of the files was last written."""
    newest = signature_of(files).newest_ns
    return datetime.fromtimestamp(newest / 1e9, UTC) if newest else None


def left_out(skipped: Iterable[Skipped]) -> SourceUnit:
    """A part that only says what could not be read."""
    found = tuple(skipped)
    return SourceUnit(files=(), read=lambda _: iter(found))


class Families(Generic[T]):
    """Files or sessions by the names that they share with others, directly or through others."""

    def __init__(self) -> None:
        self._groups: dict[str, list[T]] = {}
        self._names: dict[int, set[str]] = {}

    def add(self, file: T, names: Sequence[str]) -> None:
        """Put a file with all that share one of its names."""
        met = {id(group): group for name in names if (group := self._groups.get(name))}
        known = set(names).union(*(self._names.pop(key) for key in met))
        group = [*(member for together in met.values() for member in together), file]
        self._names[id(group)] = known
        self._groups |= dict.fromkeys(known, group)

    def groups(self) -> list[list[T]]:
        """The files that belong together, each in the order they were added."""
        return list({id(group): group for group in self._groups.values()}.values())

"""What was imported from where, so that what has not changed since need not be read again."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from pathlib import Path

import msgspec

from tui_sessions.transfer.base import Skipped

log = logging.getLogger(__name__)

_SCHEMA = 1
_LARGEST = 64 * 1024 * 1024


class RememberedSkip(msgspec.Struct, frozen=True, array_like=True):
    """Something that was left out."""

    path: str
    reason: str
    lines: tuple[int, ...] = ()
    count: int = 1

    def skipped(self) -> Skipped:
        """The same as an importer gives it."""
        return Skipped(path=Path(self.path), reason=self.reason, lines=self.lines, count=self.count)


class Remembered(msgspec.Struct, frozen=True, array_like=True):
    """How a part of a source was when it was imported, and what it gave."""

    digest: str
    sessions: tuple[tuple[str, str], ...] = ()
    """The ids of its sessions, and the files they were read from."""
    skipped: tuple[RememberedSkip, ...] = ()


class _File(msgspec.Struct, frozen=True):
    schema: int
    units: dict[str, Remembered]


class ImportMemory:
    """Remembers the parts of sources; without a path, as long as the program runs.

    Any trouble with the file costs time, never correctness.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._units: dict[str, Remembered] | None = None
        self._changed: set[str] = set()

    def get(self, key: str) -> Remembered | None:
        """What is remembered of a part."""
        with self._lock:
            return self._known().get(key)

    def put(self, key: str, remembered: Remembered) -> None:
        """Remember a part from now on."""
        try:
            msgspec.json.encode(remembered)
        except UnicodeEncodeError:
            # The names of its files are no text: it is read every time.
            return
        with self._lock:
            self._known()[key] = remembered
            self._changed.add(key)

    def save(self) -> None:
        """Write what is new, beside what other programs remembered meanwhile."""
        with self._lock:
            if self._path is None or not self._changed:
                return
            mine = self._known()
            self._units = self._read() | {key: mine[key] for key in self._changed}
            self._changed.clear()
            try:
                _write(self._path, msgspec.json.encode(_File(_SCHEMA, self._units)))
            except OSError as error:
                log.warning("%s could not be written: %s", self._path, error)

    def _known(self) -> dict[str, Remembered]:
        if self._units is None:
            self._units = self._read()
        return self._units

    def _read(self) -> dict[str, Remembered]:
        if self._path is None:
            return {}
        try:
            if self._path.stat().st_size > _LARGEST:
                return {}
            found = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            log.warning("%s is not used: %s", self._path, error)
            return {}
        return found.units if found.schema == _SCHEMA else {}


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".imports-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise

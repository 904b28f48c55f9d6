"""Changes that the disk of a store did not take: kept in another folder until it does."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tui_sessions.errors import CorruptSession, StoreError
from tui_sessions.model.changes import Change
from tui_sessions.model.identifiers import check_id, is_id
from tui_sessions.stores.documents import explain, make_folder, read_file, replace_file
from tui_sessions.stores.encoding import encode_changes

_SUFFIX = ".json"


class UnsavedChanges:
    """One file a session, as JSON; everything here blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sessions(self) -> list[str]:
        """The sessions that something is kept of."""
        try:
            names = os.listdir(self._folder)
        except OSError:
            return []
        return sorted(name[: -len(_SUFFIX)] for name in names if is_id(name[: -len(_SUFFIX)]))

    def put(self, session_id: str, changes: Sequence[Change]) -> Path:
        """Keep changes, behind those that are kept already; gives the file.

        Raises:
            StoreError: this disk does not take them either.
        """
        path = self._path(session_id)
        try:
            make_folder(self._folder)
            before = _read(path) if path.exists() else []
            replace_file(path, encode_changes([*before, *changes]))
        except OSError as error:
            raise StoreError(f"It could not be written: {explain(error)}", path) from error
        return path

    @contextlib.contextmanager
    def taken(self, session_id: str) -> Iterator[Sequence[Change]]:
        """What is kept of a session, for oneself; it is gone afterwards, unless that fails.

        Nothing is given where another process has it.

        Raises:
            CorruptSession: it cannot be read.
        """
        path = self._path(session_id)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            yield []
            return
        except OSError as error:
            raise CorruptSession(path, explain(error)) from error
        try:
            mine = _locked(handle) and path.exists()
            yield _read(path) if mine else []
            if mine:
                path.unlink(missing_ok=True)
        finally:
            os.close(handle)

    def drop(self, session_id: str) -> None:
        """Keep nothing of a session that is gone for good."""
        with contextlib.suppress(OSError):
            self._path(session_id).unlink(missing_ok=True)

    def _path(self, session_id: str) -> Path:
        return self._folder / f"{check_id(session_id, 'session id')}{_SUFFIX}"


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(path: Path) -> list[Change]:
    try:
        return msgspec.json.decode(read_file(path)[0], type=list[Change])
    except msgspec.MsgspecError as error:
        raise CorruptSession(path, f"it holds no changes of a session: {error}") from error

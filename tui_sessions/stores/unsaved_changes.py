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
from tui_sessions.model.identifiers import check_id, is_id, new_id
from tui_sessions.stores.encoding import encode_changes
from tui_sessions.stores.single_files import explain, make_folder, read_file, replace_file

_SUFFIX = ".json"
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class UnsavedChanges:
    """One file a session and program, as JSON; everything here blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = new_id()
        """In the names of what is kept here: a later program's come after an earlier one's."""
        self._held: dict[str, int] = {}
        """By session: the open file that others leave alone, as it is locked."""

    def sessions(self) -> list[str]:
        """The sessions that something is kept of."""
        return sorted({name.partition(".")[0] for name in self._names()})

    def put(self, session_id: str, changes: Sequence[Change]) -> Path:
        """Keep changes, in the place of those that were kept here before; gives the file.

        Raises:
            StoreError: this disk does not take them either.
        """
        path = self._write(session_id, changes)
        self._let_go(session_id)
        return path

    def hold(self, session_id: str, changes: Sequence[Change]) -> None:
        """Do the same for as long as this program runs: until then, nobody takes them.

        Raises:
            StoreError: this disk does not take them either.
        """
        path = self._write(session_id, changes)
        self._let_go(session_id)
        with contextlib.suppress(OSError):
            handle = os.open(path, _FLAGS)
            self._held[session_id] = handle
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self, session_id: str) -> None:
        """Keep nothing of what was held, as it is saved."""
        if session_id in self._held:
            with contextlib.suppress(OSError):
                self._path(session_id).unlink(missing_ok=True)
            self._let_go(session_id)

    @contextlib.contextmanager
    def taken(self, session_id: str) -> Iterator[Sequence[Change]]:
        """What is kept of a session, for oneself; it is gone afterwards, unless that fails.

        What another program has or holds is not given.

        Raises:
            CorruptSession: it cannot be read.
        """
        with contextlib.ExitStack() as opened:
            mine = [path for path in self._paths(session_id) if _locked(path, opened)]
            yield [change for path in mine for change in _read(path)]
            for path in mine:
                path.unlink(missing_ok=True)

    def drop(self, session_id: str) -> None:
        """Keep nothing of a session that is gone for good."""
        for path in self._paths(session_id):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        self._let_go(session_id)

    def _write(self, session_id: str, changes: Sequence[Change]) -> Path:
        path = self._path(session_id)
        try:
            make_folder(self._folder)
            replace_file(path, encode_changes(changes))
        except OSError as error:
            raise StoreError(f"It could not be written: {explain(error)}", path) from error
        return path

    def _let_go(self, session_id: str) -> None:
        handle = self._held.pop(session_id, None)
        if handle is not None:
            os.close(handle)

    def _path(self, session_id: str) -> Path:
        """Where this program keeps what is not saved of a session."""
        check_id(session_id, "session id")
        return self._folder / f"{session_id}.{self._program}{_SUFFIX}"

    def _paths(self, session_id: str) -> list[Path]:
        """All files of a session, those of earlier programs first."""
        check_id(session_id, "session id")
        found = [name for name in self._names() if name.partition(".")[0] == session_id]
        return [self._folder / name for name in sorted(found, key=lambda n: (n.count("."), n))]

    def _names(self) -> list[str]:
        """The files that something is kept in, one without a program's name included."""
        try:
            names = os.listdir(self._folder)
        except OSError:
            return []
        return [
            name
            for name in names
            if name.endswith(_SUFFIX) and all(map(is_id, name[: -len(_SUFFIX)].split(".")))
        ]


def _locked(path: Path, opened: contextlib.ExitStack) -> bool:
    """Lock a file until the end of the stack; False where another has it or has taken it.

    Raises:
        CorruptSession: it is no file that can be opened.
    """
    try:
        handle = os.open(path, _FLAGS)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CorruptSession(path, explain(error)) from error
    opened.callback(os.close, handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=False))
    except OSError:
        return False


def _read(path: Path) -> list[Change]:
    try:
        return msgspec.json.decode(read_file(path)[0], type=list[Change])
    except msgspec.MsgspecError as error:
        raise CorruptSession(path, f"it holds no changes of a session: {error}") from error

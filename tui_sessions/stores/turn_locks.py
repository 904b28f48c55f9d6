"""Chats that are taken for a turn, told to other processes by locks that end with their holder.

A chat that is taken has an empty file, locked for as long. A process that dies lets go of its locks
whatever killed it; the file that it leaves is removed by who finds it unlocked.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

from tui_sessions.model.identifiers import check_id, is_id
from tui_sessions.stores.single_files import FILE_MODE, FOLDER_MODE

_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)
_TAKEN = (errno.EWOULDBLOCK, errno.EACCES)
_PATIENCE_S = 0.1
"""How long a file must stay locked to be taken: who looks whether it is holds it for a moment."""
_PAUSE_S = 0.005
_STOP = b"stop\n"
_made_here: WeakSet[TurnLocks] = WeakSet()


class TurnLocks:
    """The chats of a data folder that are taken for a turn; every method blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}
        self._leaving: set[str] = set()
        """Those of them that are let go of as soon as there is time for it."""
        _made_here.add(self)

    def take(self, session_id: str, chat_id: str) -> bool | None:
        """Take a chat; False where it is taken, None where locks do not work or cannot be made."""
        name = _name(session_id, chat_id)
        deadline = time.monotonic() + _PATIENCE_S
        try:
            while (handle := self._locked(name)) is None:
                if time.monotonic() > deadline:
                    return False
                time.sleep(_PAUSE_S)
        except OSError:
            return None
        self._held[name] = handle
        return True

    def leave(self, session_id: str, chat_id: str) -> None:
        """Count a chat that was taken here as free already; alone of all, this does not block."""
        self._leaving.add(_name(session_id, chat_id))

    def release(self, session_id: str, chat_id: str) -> None:
        """Let go of a chat that was taken here."""
        name = _name(session_id, chat_id)
        handle = self._held.pop(name, None)
        if handle is not None:
            self._remove(name, handle)
        self._leaving.discard(name)

    def release_all(self) -> None:
        """Let go of all that was taken here."""
        while self._held:
            self._remove(*self._held.popitem())

    def taken(self) -> list[tuple[str, str]]:
        """The chats that are taken, here and elsewhere, as pairs of session and chat id."""
        own = frozenset(self._held) | frozenset(self._leaving)
        try:
            self._check_place()
            names = os.listdir(self._folder)
        except OSError:
            return []
        pairs = {name: tuple(name.split(".")) for name in names}
        return [
            (pair[0], pair[1])
            for name, pair in pairs.items()
            if len(pair) == 2
            and all(map(is_id, pair))
            and (self._is_held(name) if name in own else self._is_taken(name))
        ]

    def ask_to_stop(self, session_id: str, chat_id: str) -> None:
        """Have whoever has taken a chat stop its turn, if anybody has."""
        with suppress(OSError):
            self._check_place()
            handle = os.open(self._folder / _name(session_id, chat_id), _FLAGS)
            try:
                os.write(handle, _STOP)
            finally:
                os.close(handle)

    def is_asked_to_stop(self, session_id: str, chat_id: str) -> bool:
        """Whether somebody asked for the end of a turn that holds its chat here.

        A file that was removed meanwhile, as by who puts a backup in the folder's place, is made
        anew.
        """
        name = _name(session_id, chat_id)
        handle = self._held.get(name)
        if handle is None:
            return False
        with suppress(OSError):  # a full disk keeps nobody from what is held all the same
            path = self._folder / name
            if not _in_place(handle, path) and (again := self._locked(name)) is not None:
                self._held[name] = again
                os.close(handle)
                return False
        return os.fstat(handle).st_size > 0

    def forget_all(self) -> None:
        """Have no part in what is held, as a copy of the process that took it."""
        while self._held:
            os.close(self._held.popitem()[1])

    def _locked(self, name: str) -> int | None:
        """Open and lock a file that is in its place then; None where another has locked it."""
        path = self._folder / name
        while True:
            handle = self._made(path)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _in_place(handle, path):
                    os.ftruncate(handle, 0)  # what was asked of one who died is not asked of us
                    return handle
            except OSError as error:
                os.close(handle)
                if error.errno in _TAKEN:
                    return None
                raise
            os.close(handle)

    def _check_place(self) -> None:
        if self._folder.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(self._folder))

    def _made(self, path: Path) -> int:
        while True:
            try:
                self._check_place()
                return os.open(path, _FLAGS | os.O_CREAT, FILE_MODE)
            except FileNotFoundError:
                path.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)

    def _is_taken(self, name: str) -> bool:
        """Whether a file is locked; one that is not was left by a process that died, and goes."""
        try:
            handle = os.open(self._folder / name, _FLAGS)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            return error.errno in _TAKEN
        self._remove(name, handle)
        return False

    def _is_held(self, name: str) -> bool:
        return name in self._held and name not in self._leaving

    def _remove(self, name: str, handle: int) -> None:
        """Remove a file that is locked here, then let go of it."""
        path = self._folder / name
        try:
            if _in_place(handle, path):
                with suppress(OSError):
                    path.unlink()
        finally:
            os.close(handle)


def _name(session_id: str, chat_id: str) -> str:
    return f"{check_id(session_id, 'session id')}.{check_id(chat_id, 'chat id')}"


def _in_place(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=False))
    except OSError:
        return False


def _forget_copied() -> None:
    # A process that is forked shares the locks: the chats would be taken for as long as it lives.
    for claims in _made_here:
        claims.forget_all()


os.register_at_fork(after_in_child=_forget_copied)

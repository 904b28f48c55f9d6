"""The process behind `warm_command`: it loads the command once, and forks for each run of it.

It reads from one socket, its door. With each byte there come open files: what is asked for, in
JSON, and for a command a socket of its own and its three streams. That socket is told the number of
the command's process and, at the end, its exit code.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import pkgutil
import resource
import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from fcntl import ioctl
from termios import TIOCSCTTY
from typing import Any, NoReturn

from tui_sessions.model.collecting import keep_for_good

PACKAGE = "tui_sessions"
LOADED_LATE = f"{PACKAGE}.providers.library"
"""What it loads takes seconds, and only a command that needs a real model loads it."""
NUMBER_BYTES = 8
"""How many bytes each number takes that is told of a command."""


def serve(door: socket.socket) -> None:
    """Fork for every command until nobody is there to ask."""
    _load()
    while handles := socket.recv_fds(door, 1, 5)[1]:
        with open(handles[0], encoding="utf-8") as file:
            request = json.load(file)
        if not handles[1:]:
            _load_more(request)
            continue
        if os.fork() == 0:
            door.close()
            _keep(request, socket.socket(fileno=handles[1]), handles[2:])
        for handle in handles[1:]:
            os.close(handle)
        _forget_the_ended()


def _load() -> None:
    package = importlib.import_module(PACKAGE)
    for module in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."):
        if not module.name.startswith(LOADED_LATE):
            importlib.import_module(module.name)
    keep_for_good()  # No collection in a command looks at it again.


def _load_more(names: Sequence[str]) -> None:
    for name in names:
        if name not in sys.modules:
            importlib.import_module(name)
            keep_for_good()


def _forget_the_ended() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _keep(request: dict[str, Any], answers: socket.socket, streams: Sequence[int]) -> NoReturn:
    """Fork the command, and tell of it: only who started a process hears its exit code."""
    command = os.fork()
    if command == 0:
        answers.close()
        _become(streams=streams, **request)
    for handle in streams:
        os.close(handle)
    _tell(answers, command)
    _tell(answers, os.waitstatus_to_exitcode(os.waitpid(command, 0)[1]))
    os._exit(0)


def _tell(answers: socket.socket, number: int) -> None:
    answers.sendall(number.to_bytes(NUMBER_BYTES, "big", signed=True))


def _become(
    arguments: list[str],
    folder: str,
    environment: dict[str, str],
    on_terminal: bool,
    from_nothing: bool,
    largest_file_bytes: int | None,
    streams: Sequence[int],
) -> NoReturn:
    """Be `python -m tui_sessions`, as it is once everything is loaded."""
    for number, handle in enumerate(streams):
        os.dup2(handle, number)
        os.close(handle)
    if on_terminal:
        os.setsid()
        ioctl(0, TIOCSCTTY, 0)
    if largest_file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file_bytes, largest_file_bytes))
    os.chdir(folder)
    if from_nothing:
        again = [sys.executable, "-W", "error", "-m", PACKAGE, *arguments]
        os.execve(sys.executable, again, environment)  # noqa: S606  it is Python itself
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    _open_streams()
    command = importlib.import_module(f"{PACKAGE}.__main__")
    sys.argv = [str(command.__file__), *arguments]
    sys.path[0] = folder
    _end(command.main())


def _end(code: int) -> NoReturn:
    """End as Python does, but let go of the memory at once instead of thing by thing."""
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _open_streams() -> None:
    """Open what Python opens at its start, which looks whether they are terminals."""
    sys.stdin = open(0, errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, errors="backslashreplace", closefd=False)  # noqa: SIM115


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asked_at:
        serve(asked_at)

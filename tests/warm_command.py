"""The command `sessions-tui` in processes forked off one that has loaded it already.

Most of what a command takes is the start of Python and what it loads. Where that is not what a test
is about, hundreds of them pay it once. What they run is a process of its own all the same, with its
own streams, terminal, environment, folder, signals and exit code.
"""

from __future__ import annotations

import json
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from warm_process import NUMBER_BYTES

PROGRAM = Path(__file__).with_name("warm_process.py")


class WarmProcess:
    """A command that runs; to be waited for as one of `subprocess`."""

    def __init__(self, answers: socket.socket) -> None:
        self._answers = answers
        self.returncode: int | None = None
        self.pid = self._answer()

    def poll(self) -> int | None:
        """The exit code once it has ended."""
        if self.returncode is None and select.select([self._answers], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self) -> int:
        """The exit code; the number of a signal that ended it as a minus."""
        if self.returncode is None:
            self.returncode = self._answer()
            self._answers.close()
        return self.returncode

    def _answer(self) -> int:
        data = self._answers.recv(NUMBER_BYTES, socket.MSG_WAITALL)
        assert len(data) == NUMBER_BYTES, "the warm command is gone"
        return int.from_bytes(data, "big", signed=True)


class WarmCommand:
    """Starts the command in processes that have it loaded."""

    def __init__(self, door: socket.socket) -> None:
        self._door = door

    def load(self, *modules: str) -> None:
        """Have more modules loaded in all that are started from now on."""
        self._ask([*modules])

    def start(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        streams: Sequence[int],
        *,
        on_terminal: bool = False,
        from_nothing: bool = False,
        largest_file_bytes: int | None = None,
    ) -> WarmProcess:
        """Start a command line over the numbers of three open files: what it reads, says and warns.

        Args:
            arguments: what follows the command's name.
            folder: where it is started.
            environment: all that it finds around it.
            streams: its input, output and error output.
            on_terminal: its input is a terminal, which it has to itself as in a new window.
            from_nothing: it is to load everything by itself, as it does for a person.
            largest_file_bytes: how large it can make a file, as on a disk that is nearly full.
        """
        request = {
            "arguments": [*arguments],
            "folder": str(folder),
            "environment": dict(environment),
            "on_terminal": on_terminal,
            "from_nothing": from_nothing,
            "largest_file_bytes": largest_file_bytes,
        }
        ours, theirs = socket.socketpair()
        with theirs:
            self._ask(request, theirs.fileno(), *streams)
        return WarmProcess(ours)

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        text: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run a command line to its end, with a text for its input."""
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as output,
            tempfile.TemporaryFile() as errors,
        ):
            given.write(text.encode())
            given.seek(0)
            streams = [file.fileno() for file in (given, output, errors)]
            process = self.start(arguments, folder, environment, streams)
            code = process.wait()
            said = []
            for file in (output, errors):
                file.seek(0)
                said.append(file.read().decode())
        return subprocess.CompletedProcess([*arguments], code, *said)

    def _ask(self, request: object, *handles: int) -> None:
        with tempfile.TemporaryFile() as asked:
            asked.write(json.dumps(request).encode())
            asked.seek(0)
            socket.send_fds(self._door, [b"!"], [asked.fileno(), *handles])


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Have what is started within the block heed Ctrl+C and a closed terminal, as for a person.

    Where the tests are run by `nohup`, or by a script in the background, it would inherit that it
    does not, and never end.
    """
    heeded = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in heeded.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def warm_command(environment: Mapping[str, str]) -> Iterator[WarmCommand]:
    """Have the command loaded; those that are started take their own environment."""
    door, theirs = socket.socketpair()
    with theirs, heeding_signals():
        process = subprocess.Popen(
            [sys.executable, "-W", "error", str(PROGRAM), str(theirs.fileno())],
            env=dict(environment),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl+C of whoever runs the tests is not its own
        )
    with process, door:
        yield WarmCommand(door)

"""What a person is told when something goes wrong, and where the rest is written down."""

from __future__ import annotations

import logging
from pathlib import Path

from tui_sessions.errors import InvalidId, InvalidValue, TemplateNotFound, UnknownProvider

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
_USAGE_ERRORS = (InvalidId, InvalidValue, TemplateNotFound, UnknownProvider)
_MAX_LOG = 1_000_000

log = logging.getLogger("tui_sessions")


class Interrupted(Exception):
    """The person stopped the command."""

    def __init__(self, code: int = INTERRUPTED) -> None:
        self.code = code
        super().__init__("Interrupted.")


class OutputFailed(Exception):
    """Standard output takes no more: its reader has gone, or its disk is full."""

    def __init__(self, error: OSError) -> None:
        self.error = error
        super().__init__(str(error))


class LogFile(logging.FileHandler):
    """A file that is made when there is something to write, and begun anew when it is long."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace", delay=True)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def _open(self):  # type: ignore[no-untyped-def]  # the stream's type is private to logging
        path = Path(self.baseFilename)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _MAX_LOG:
            path.replace(path.with_suffix(".old.log"))
        path.touch(mode=0o600)
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless the file cannot even be made: logging minds only what follows."""
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name it has in logging
        """A log that cannot be written stops nobody."""


def log_to(path: Path) -> None:
    """Write the library's log into a file, and none of it on the terminal."""
    log.handlers = [LogFile(path)]
    log.propagate = False


def exit_code_of(error: Exception) -> int:
    """The exit code of an error that was foreseen."""
    return USAGE if isinstance(error, _USAGE_ERRORS) else FAILED


def tell_unexpected(error: BaseException, path: Path) -> None:
    """Say that something unforeseen happened, and write down what."""
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    log.critical("Unexpected error", exc_info=error)
    from tui_sessions.cli.output import note

    written = f"; what happened in detail is in {path}" if path.exists() else ""
    note(f"Error: something unexpected went wrong ({type(error).__name__}: {reason}){written}.")

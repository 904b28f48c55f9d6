"""One run of the command line, from its arguments to its exit code."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Sequence

from tui_sessions.cli.faults import (
    FAILED,
    INTERRUPTED,
    OK,
    Interrupted,
    OutputFailed,
    exit_code_of,
    log_to,
    tell_unexpected,
)
from tui_sessions.cli.starting import app_options, start_app
from tui_sessions.errors import SessionsError
from tui_sessions.paths import log_file


def run(arguments: Sequence[str]) -> int:
    """Run a command line; every error becomes a sentence and an exit code."""
    _have_streams()
    _never_fail_on_a_character()
    log_path = log_file()
    log_to(log_path)
    try:
        code = _run(arguments)
    except (KeyboardInterrupt, Interrupted) as error:
        _note("Interrupted.")
        return error.code if isinstance(error, Interrupted) else INTERRUPTED
    except SessionsError as error:
        _note(f"Error: {error}")
        return exit_code_of(error)
    except OutputFailed as failed:
        return _failed_output(failed.error)
    except FileNotFoundError as error:
        return _unexpected(error) if _has_folder() else _folder_gone()
    except Exception as error:
        return _unexpected(error)
    return code


def _run(arguments: Sequence[str]) -> int:
    if (options := app_options(arguments)) is not None:
        return start_app(options)
    from tui_sessions.cli.app import run_command

    code = run_command(arguments)
    try:
        sys.stdout.flush()
    except OSError as error:
        raise OutputFailed(error) from error
    return code


def _note(text: str) -> None:
    # Most starts of the app have nothing to tell.
    from tui_sessions.cli.output import note

    note(text)


def _has_folder() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True


def _folder_gone() -> int:
    _note("Error: the current folder is not there any more; go to another one.")
    return FAILED


def _unexpected(error: Exception) -> int:
    tell_unexpected(error, log_file())
    return FAILED


def _failed_output(error: OSError) -> int:
    """The reader has gone, which is no fault of this command; a full disk is one to tell."""
    gone = error.errno == errno.EPIPE
    from tui_sessions.cli.output import lead_nowhere

    # Whoever speaks flushes what is left and would fail once more.
    lead_nowhere(sys.stdout)
    if not gone:
        _note(f"Error: the output could not be written: {error.strerror}.")
    return OK if gone else FAILED


def _have_streams() -> None:
    """Where the caller closed a stream, nothing comes in, and what goes out is lost."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _never_fail_on_a_character() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]

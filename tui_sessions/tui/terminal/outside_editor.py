"""The person's own editor, in the terminal that the app has meanwhile left."""

from __future__ import annotations

import asyncio
import os
import shlex
import tempfile
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from tui_sessions.tui.terminal.interrupts import deaf_to_interrupts


def editor_command() -> str:
    """The editor that the environment names, as a command line."""
    return os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"


async def edit_outside(app: App[Any], text: str) -> str:
    """The text as it is when the editor has ended; replies and tools go on meanwhile.

    Raises:
        OSError: the editor cannot be started, or the file not be written or read.
        ValueError: the command line has an open quotation mark.
        SuspendNotSupported: the app cannot leave its terminal.
    """
    command = shlex.split(editor_command())
    path = await asyncio.to_thread(_written, text)
    try:
        # Nothing is drawn while the terminal is another's: the driver would wait for a reader.
        with app.batch_update(), app.suspend(), deaf_to_interrupts():
            process = await asyncio.create_subprocess_exec(*command, str(path))
            await process.wait()
    except (OSError, SuspendNotSupported):
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    return await asyncio.to_thread(_taken, path)


def _written(text: str) -> Path:
    with tempfile.NamedTemporaryFile("w", suffix=".md", delete=False, encoding="utf-8") as file:
        file.write(text)
    return Path(file.name)


def _taken(path: Path) -> str:
    """What stands in the file, which is there no more."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    finally:
        path.unlink(missing_ok=True)

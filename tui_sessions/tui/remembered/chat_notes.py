"""What the app remembers of chats over switching and restarting: one small file of texts."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)

MOST_NOTES = 500
"""The oldest notes beyond these are forgotten."""


class ChatNotes:
    """Texts by chat, in one small file that only the person may read.

    What is noted while the file is being written is written by the next `save`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._notes: dict[str, str] = {}
        self._changed: set[str] = set()
        self._own: set[str] = set()
        """What was noted since the start."""
        self._noting = threading.Lock()
        self._saving = threading.Lock()

    def load(self) -> None:
        """Read the file (blocking); one that cannot be read holds nothing."""
        self._take_over(self._read())

    def get(self, key: str) -> str:
        """What is noted of a chat."""
        return self._notes.get(key, "")

    def noted(self) -> tuple[str, ...]:
        """The chats of which something is noted."""
        return tuple(self._notes)

    def is_old(self, key: str) -> bool:
        """Whether what is noted of a chat was there at the start."""
        return key in self._notes and key not in self._own

    def put(self, key: str, text: str) -> None:
        """Keep a text; an empty one is forgotten."""
        with self._noting:
            if self._notes.get(key, "") == text:
                return
            self._changed.add(key)
            self._own.add(key)
            self._notes.pop(key, None)
            if text:
                self._notes[key] = text

    def forget_session(self, session_id: str) -> None:
        """Forget what is noted of a session that is gone for good."""
        for key in [key for key in self._notes if key.startswith(f"{session_id}/")]:
            self.put(key, "")

    def save(self) -> None:
        """Write what changed into the file, all at once (blocking); other windows' notes stay.

        Raises:
            OSError: the disk would not take it; what was there before still is.
        """
        with self._saving:
            with self._noting:
                mine = self._since_saved()
                self._changed = set()
            if not mine:
                return
            try:
                kept = _merged(self._read(), mine)
                self._write(dict(list(kept.items())[-MOST_NOTES:]))
            except OSError:
                with self._noting:
                    self._changed |= mine.keys()
                raise
            self._take_over(kept)

    def _since_saved(self) -> dict[str, str]:
        return {key: self._notes.get(key, "") for key in self._changed}

    def _take_over(self, read: Mapping[str, str]) -> None:
        """Know what is in the file as well."""
        with self._noting:
            self._notes = _merged(read, self._since_saved())

    def _write(self, notes: Mapping[str, str]) -> None:
        import json

        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(handle, "w", encoding="ascii") as file:
                json.dump(notes, file)
            os.replace(temporary, self._path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise

    def _read(self) -> dict[str, str]:
        import json  # nothing else at a start needs it

        try:
            notes = json.loads(self._path.read_bytes())
            return {str(key): str(text) for key, text in notes.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError) as error:
            log.warning("The notes in %s were not read: %s", self._path, error)
            return {}


def _merged(read: Mapping[str, str], mine: Mapping[str, str]) -> dict[str, str]:
    """The notes of a file with one's own behind them, without those that are empty."""
    others = {key: text for key, text in read.items() if key not in mine}
    return {key: text for key, text in {**others, **mine}.items() if text}

"""What was typed and not sent, kept over switching and restarting."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

MAX_DRAFTS = 500
"""The oldest drafts beyond these are forgotten."""


class Drafts:
    """Drafts by chat, in one small file that only the person may read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._drafts: dict[str, str] = {}
        self._changed: set[str] = set()

    def load(self) -> None:
        """Read the file (blocking); one that cannot be read holds no drafts."""
        mine = {key: self._drafts.get(key, "") for key in self._changed}
        self._drafts = {k: v for k, v in {**self._read(), **mine}.items() if v}

    def get(self, key: str) -> str:
        """The draft of a chat."""
        return self._drafts.get(key, "")

    def put(self, key: str, text: str) -> None:
        """Keep a draft; an empty one is forgotten."""
        if self._drafts.get(key, "") == text:
            return
        self._changed.add(key)
        self._drafts.pop(key, None)
        if text:
            self._drafts[key] = text

    def forget_session(self, session_id: str) -> None:
        """Forget the drafts of a session that is gone for good."""
        for key in [key for key in self._drafts if key.startswith(f"{session_id}/")]:
            self.put(key, "")

    def save(self) -> None:
        """Write what changed into the file, all at once (blocking); other windows' drafts stay.

        Raises:
            OSError: the disk would not take it; what was there before still is.
        """
        if not self._changed:
            return
        self.load()
        kept = dict(list(self._drafts.items())[-MAX_DRAFTS:])
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(handle, "w", encoding="ascii") as file:
                json.dump(kept, file)
            os.replace(temporary, self._path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        self._changed.clear()

    def _read(self) -> dict[str, str]:
        try:
            drafts = json.loads(self._path.read_bytes())
            return {str(key): str(text) for key, text in drafts.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError) as error:
            log.warning("The drafts in %s were not read: %s", self._path, error)
            return {}

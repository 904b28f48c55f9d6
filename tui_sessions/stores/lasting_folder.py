"""A folder that does not go away, nor is made anew, under a program that works in it."""

from __future__ import annotations

import os
from pathlib import Path

from tui_sessions.errors import StoreError


class LastingFolder:
    """Remembers that a folder was there: later it is gone, and not only empty or not made yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._was_there = False

    def check(self) -> None:
        """Note that the folder is there.

        Raises:
            StoreError: it was there before. To go on would be to show that all in it was deleted,
                and to write where nobody finds it once the folder is back.
        """
        try:
            os.stat(self._path)
        except (FileNotFoundError, NotADirectoryError):
            if self._was_there:
                raise StoreError(
                    "it is not there any more: it was moved or deleted, or its disk was taken "
                    "away. Put it back, or start again without it",
                    self._path,
                ) from None
        except OSError:
            return  # whoever looks into it tells
        else:
            self._was_there = True

"""What tells whether the sessions of a folder have to be looked through again.

A folder's own time moves whenever a file in it is made, replaced or removed, so that only the
journals that are there, which grow in place, have to be looked at besides.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tui_sessions.stores.layout import JOURNAL_SUFFIX

_SETTLED_NS = 2_000_000_000
"""The clock of a file system may be this coarse: a folder that has just changed may change again
without its time moving."""


def folder_mark(
    folder: os.stat_result, journals: Mapping[str, os.stat_result], looked_at_ns: int
) -> str:
    """The mark of a folder as a scan found it; empty where it cannot be relied on yet.

    Args:
        folder: its status before it was read.
        journals: those in it, by session.
        looked_at_ns: when the scan began, in nanoseconds of the epoch.
    """
    if looked_at_ns - folder.st_mtime_ns < _SETTLED_NS:
        return ""
    grown = (f"{session_id}={_size(status)}" for session_id, status in sorted(journals.items()))
    return " ".join((_moment(folder), *grown))


def still_holds(mark: str, folder: Path) -> bool:
    """Whether nothing has changed in a folder since it was given its mark."""
    moment, *journals = mark.split(" ")
    if not moment:
        return False
    try:
        if _moment(os.stat(folder)) != moment:
            return False
        for journal in journals:
            session_id, _, size = journal.partition("=")
            path = f"{folder}{os.sep}{session_id}{JOURNAL_SUFFIX}"
            if _size(os.stat(path, follow_symlinks=False)) != size:
                return False
    except OSError:
        return False
    return True


def _moment(folder: os.stat_result) -> str:
    return f"{folder.st_ino:x}.{folder.st_mtime_ns:x}"


def _size(journal: os.stat_result) -> str:
    return f"{journal.st_ino:x}.{journal.st_mtime_ns:x}.{journal.st_size:x}"

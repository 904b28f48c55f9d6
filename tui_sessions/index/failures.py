"""What went wrong with an index: its files, which can be made anew, or the place that it is in."""

from __future__ import annotations

import errno
import os
import re
import shutil
from pathlib import Path

import msgspec

_OF_THE_PLACE = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.EMFILE, errno.ENFILE),
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
    }
)
"""Another index would meet the same: no permission, too many open files, a full disk."""
_IN_THE_WAY = frozenset({errno.EISDIR, errno.ENOTDIR, errno.ELOOP})
"""Beside the index: something that is no file of ours, and is not ours to remove."""
_CODE = re.compile(r"\b(?:[Ee]rr(?:or|no)|code:) (\d+)\b")
"""Where tantivy, which tells of most by `ValueError`, gives the system's number."""
_WRITER_DIED = "index writer was killed"
"""All that it tells where a thread of the writer could not write."""
_LEAST_FREE = 64 * 1024 * 1024


def fault_of_the_place(error: BaseException, path: Path | None) -> str:
    """Why there can be no index here for now, in words; empty where that is not what is wrong.

    Args:
        error: what was met.
        path: the folder of the index.
    """
    if isinstance(error, UnicodeError):
        return ""
    text = str(error)
    if _WRITER_DIED in text and path is not None and _is_nearly_full(path):
        return os.strerror(errno.ENOSPC)
    if isinstance(error, OSError) and error.errno in _IN_THE_WAY:
        return explained(error)
    numbers = {error.errno} if isinstance(error, OSError) else {*map(int, _CODE.findall(text))}
    return next((os.strerror(number) for number in numbers & _OF_THE_PLACE if number), "")


def explained(error: OSError) -> str:
    """What the system says, and of which file."""
    return ": ".join(filter(None, (error.strerror or str(error), str(error.filename or ""))))


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the files are not what they should be.

    tantivy tells of most by `ValueError`, and of some by a Rust panic.
    """
    if isinstance(error, UnicodeError) or fault_of_the_place(error, None):
        return False
    return isinstance(error, (ValueError, OSError, msgspec.DecodeError)) or (
        type(error).__name__ == "PanicException"
    )


def _is_nearly_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path).free < _LEAST_FREE
    except OSError:
        return False

"""Reading and writing the lines of a journal."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from tui_sessions.model.changes import JournalEntry
from tui_sessions.stores.encoding import BYTE_ORDER_MARK, UnreadableText, decode_entry
from tui_sessions.stores.single_files import read_from, sync_folder, write_all

TORN = "its last line was cut off by a crash before it was acknowledged; it is left out"
_sync = getattr(os, "fdatasync", os.fsync)


class JournalPart(msgspec.Struct, frozen=True):
    """What stands in a journal from some place on."""

    entries: list[JournalEntry] = msgspec.field(default_factory=list)
    end: int = 0
    """Where the next line belongs: past the size where the last one lacks nothing but its end."""
    torn: bool = False
    """Something that was never acknowledged follows."""


def read_entries(handle: int, start: int, size: int) -> JournalPart:
    """The entries of an open journal from a line's start on.

    Raises:
        UnreadableText: a line that was written whole is damaged.
    """
    return entries_in(read_from(handle, start, size), start, size)


def entries_in(text: bytes, start: int, size: int) -> JournalPart:
    """The entries in the text of a journal from a line's start on, up to its end at `size`.

    Raises:
        UnreadableText: a line that was written whole is damaged.
    """
    marked = len(BYTE_ORDER_MARK) if start == 0 and text.startswith(BYTE_ORDER_MARK) else 0
    lines = text[marked:].split(b"\n")
    unfinished = lines.pop()
    if unfinished and _is_whole(unfinished):
        lines.append(unfinished)
        unfinished = b""
    # A power cut may leave room for a line, filled with zeros, where the line never arrived.
    while lines and b"\0" in lines[-1]:
        unfinished = lines.pop()
    entries = []
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip():
                entries.append(decode_entry(line))
        except UnreadableText as error:
            where = f"line {number}" if start == 0 else f"the line {number} after byte {start}"
            raise UnreadableText(f"{where} is damaged: {error}") from error
    end = start + marked + sum(len(line) + 1 for line in lines)
    return JournalPart(entries, end, torn=bool(unfinished) or end < size)


def _is_whole(line: bytes) -> bool:
    """Whether nothing but its end is missing of a line, as where an editor left it out."""
    try:
        decode_entry(line)
    except UnreadableText:
        return False
    return True


def size_of(handle: int) -> int:
    """The size of an open journal; its whole status would take some time."""
    return os.lseek(handle, 0, os.SEEK_END)


def append_line(path: Path, handle: int, line: bytes, end: int, size: int) -> None:
    """Write a line after the last whole one, durably, or leave the journal as it was.

    Args:
        path: the journal's.
        handle: the journal, open for appending.
        line: with its end.
        end: where the line belongs.
        size: the journal's; what it holds from there on was never acknowledged.
    """
    if size > end:
        os.ftruncate(handle, end)
    try:
        write_all(handle, line if size >= end else b"\n" + line)
        _sync(handle)
        if end == 0:
            sync_folder(path.parent)
    except BaseException:
        os.ftruncate(handle, min(end, size))
        raise

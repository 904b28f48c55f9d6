"""Writing for people and for programs: tables, JSON, notes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TextIO

import msgspec

from tui_sessions.model.clock import as_local, format_time
from tui_sessions.model.visible import visible, visible_line

_UNSAFE = re.compile(
    "[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_MIN_COLUMN = 12


def say(text: str = "") -> None:
    """Write lines to standard output; control characters become pictures."""
    sys.stdout.write(visible(text) + "\n")


def note(text: str) -> None:
    """Write lines to standard error, so that they are no part of the result.

    Where it takes no more, its terminal being closed or its disk full, the command goes on without.
    """
    sys.stdout.flush()
    try:
        sys.stderr.write(visible(text) + "\n")
        sys.stderr.flush()
    except OSError:
        lead_nowhere(sys.stderr)


def lead_nowhere(stream: TextIO) -> None:
    """Drop what a stream holds and what comes; the interpreter would fail on it at its end."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def say_json(value: object, *, indent: int | None = 2, plain: bool = False) -> None:
    """Write one JSON document that is harmless to a terminal and loses nothing.

    Args:
        value: what to write.
        indent: spaces for each level; None: all in one line.
        plain: the value is made of nothing but what JSON has words for, which is written sooner.
    """
    sys.stdout.write(json_text(value, indent, plain=plain) + "\n")


def json_text(value: object, indent: int | None = None, *, plain: bool = False) -> str:
    """Values as JSON; what a terminal would obey, or its encoding cannot hold, is escaped."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    ascii_only = not encoding.startswith("utf")

    def written(laid_out: int | None) -> str:
        text = _text_of_plain(value) if plain and not (ascii_only or laid_out) else None
        if text is None:
            text = json.dumps(value, indent=laid_out, ensure_ascii=ascii_only, default=_plain)
        if text.isascii() and "\x7f" not in text:
            return text  # which is found out ten times as fast
        return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)

    if indent is None:
        return written(None)
    try:
        # With an indent, `json` itself takes ten times as long.
        return msgspec.json.format(written(None), indent=indent)
    except msgspec.DecodeError:
        return written(indent)  # half a character is in it, or no number


def say_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, grows: int = 0) -> None:
    """Write rows in columns; on a terminal one column gives way when the lines are too long.

    Args:
        head: the columns' names.
        rows: the cells.
        grows: the column that is shortened.
    """
    cells = [[visible_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(cell_width(row[place]) for row in cells) for place in range(len(head))]
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns - 2 * (len(head) - 1)
        others = sum(widths) - widths[grows]
        widths[grows] = max(min(widths[grows], room - others), _MIN_COLUMN)
    for row in cells:
        row[grows] = shortened(row[grows], widths[grows])
        padded = [cell + " " * (width - cell_width(cell)) for cell, width in zip(row, widths)]  # noqa: B905  made of one length
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def takes_escapes(stream: TextIO) -> bool:
    """Whether it is a terminal that can stress words and replace a line."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def shortened(text: str, width: int) -> str:
    """The text, its end left out where it takes more cells than that."""
    if cell_width(text) <= width:
        return text
    kept = ""
    used = 1
    for char in text:
        used += cell_width(char)
        if used > width:
            break
        kept += char
    return kept + "…"


def cell_width(text: str) -> int:
    """How many cells of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def local_time(moment: datetime | None) -> str:
    """A time as the person's clock shows it."""
    return as_local(moment).strftime("%Y-%m-%d %H:%M") if moment else "-"


def count(number: int, noun: str) -> str:
    """A number with its noun, as `1 message` and `2 messages`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _text_of_plain(value: object) -> str | None:
    """The JSON of plain values in a sixth of the time; None where one is out of the ordinary."""
    try:
        return msgspec.json.encode(value).decode()
    except (UnicodeEncodeError, OverflowError):
        return None  # half a character, or a number of more than 64 bits


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, msgspec.Struct):
        return {field: getattr(value, field) for field in value.__struct_fields__}
    return str(value)

"""Values changed in the text of a TOML file, whose comments, order and layout stay."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tomli_w

from tui_sessions.toml_problems import HEADER, KEY, Path, named, names


def with_changes(
    text: str, values: Mapping[str, Any], table: str, changed: Mapping[str, Any]
) -> str:
    """The text with some values of a table changed.

    Args:
        text: the file's until now.
        values: all that it has to hold then.
        table: the name of the table; empty for what stands in none.
        changed: the new values of that table.

    Raises:
        TypeError: a value has no word in TOML.
    """
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    for key, value in changed.items():
        _change(lines, (table,) if table else (), key, tomli_w.dumps({key: value}))
    written = "".join(lines)
    # A table may be written in ways that no look at single lines understands.
    return written if _holds(written, values) else tomli_w.dumps(values)


def _change(lines: list[str], table: Path, key: str, assignment: str) -> None:
    """Put a value in the place of the old one, or below what stands in its table."""
    below = None if table else 0
    for number, end, here, path in _paths(lines):
        if path == (*table, key):
            name = lines[number].partition("=")[0]
            value = assignment.partition(" = ")[2].rstrip("\n")
            lines[number:end] = [f"{name}= {value}{_comment(lines[number:end])}\n"]
            return
        below = end if here == table else below
    if below is None:
        lines += ["\n"] * bool(lines) + [f"[{named(table)}]\n", assignment]
    else:
        lines[below:below] = [assignment] + ["\n"] * (below == 0 and bool(lines))


def _paths(lines: Sequence[str]) -> Iterator[tuple[int, int, Path, Path]]:
    """What begins in a line, and the line after it: the table it is in, and what it names."""
    table: Path = ()
    number = 0
    while number < len(lines):
        end = number + 1
        if (header := HEADER.match(lines[number])) is not None:
            table = names(header["name"])
            yield number, end, table, table
        elif (key := KEY.match(lines[number])) is not None:
            ends = range(end, len(lines) + 1)
            end = next((one for one in ends if _is_toml("".join(lines[number:one]))), end)
            yield number, end, table, table + names(key["name"])
        number = end


def _comment(lines: Sequence[str]) -> str:
    """The comment behind a value, with the space before it."""
    written = "".join(lines).rstrip("\n")
    marks = (found.start() for found in re.finditer(r"\s*#", written))
    return written[next((mark for mark in marks if _is_toml(written[:mark])), len(written)) :]


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _holds(text: str, values: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == values
    except tomllib.TOMLDecodeError:
        return False

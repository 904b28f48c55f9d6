"""The elements of a very large JSON array, one in memory at a time.

The file is only cut up here; each element is decoded by itself, so that a damaged one costs no
other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from tui_sessions.transfer.hygiene import Undecodable, decode_json
from tui_sessions.transfer.lines import Problems

MAX_ELEMENT = 128 * 1024 * 1024
"""Bytes; what is larger is left out."""
_CHUNK = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|(\\?\Z))|[\[\]{}]', re.DOTALL)
"""A string, one that the bytes at hand cut off, or a bracket."""


class Element(NamedTuple):
    """One element of an array."""

    number: int
    """From 1."""
    data: bytes | None
    """None: it is larger than was allowed."""
    ended: bool = True
    """False: the file ends within it."""


def json_objects(
    file: BinaryIO, problems: Problems, key: str, max_size: int = MAX_ELEMENT
) -> Iterator[dict[str, Any]]:
    """The objects of the array that a file holds, or the one object; what is none is noted.

    Args:
        file: open, at its beginning.
        problems: takes up what is left out.
        key: the key of the array where the file holds it in an object.
        max_size: bytes that an object may have.
    """
    for element in _elements(file, key, max_size):
        if element.data is None:
            problems.add(f"an entry is larger than {max_size} bytes")
            continue
        try:
            value = decode_json(element.data)
        except Undecodable:
            whole = "an entry is not JSON" if element.ended else "the file ends within an entry"
            problems.add(whole)
            continue
        if isinstance(value, dict):
            yield value


def _elements(file: BinaryIO, key: str, max_size: int) -> Iterator[Element]:
    head = file.read(_CHUNK).removeprefix(_BOM)
    inner = re.compile(rb'\s*\{[^\[{]{0,4096}"' + re.escape(key.encode()) + rb'"\s*:\s*\[')
    start = re.compile(rb"\s*\[").match(head) or inner.match(head)
    if start is not None:
        yield from _array_elements(file, head[start.end() :], max_size)
    else:
        whole = head + file.read(max(0, max_size + 1 - len(head)))
        yield Element(1, whole if len(whole) <= max_size else None)


def _array_elements(file: BinaryIO, buffer: bytes, max_size: int) -> Iterator[Element]:
    """The arrays and objects in what follows the opening bracket; the rest is no concern here."""
    number = depth = start = place = 0
    too_large = False
    while True:
        cut_off: bytes | None = None
        for token in _TOKEN.finditer(buffer, place):
            place = token.start()
            if token[1] is not None:
                cut_off = token[1]
                break
            place = token.end()
            mark = token[0]
            if mark in (b"[", b"{"):
                if depth == 0:
                    start, too_large = token.start(), False
                depth += 1
            elif depth == 0 and mark == b"]":
                return
            elif depth and mark in (b"]", b"}"):
                depth -= 1
                if depth == 0:
                    number += 1
                    too_large = too_large or place - start > max_size
                    yield Element(number, None if too_large else buffer[start:place])
                    too_large = False
        else:
            place = len(buffer)
        kept = start if depth and not too_large else place
        too_large = too_large or len(buffer) - kept > max_size
        if too_large:
            # Of an element that is left out only its end is looked for.
            buffer, place, start = b"" if cut_off is None else b'"' + cut_off, 0, 0
        else:
            buffer, place, start = buffer[kept:], place - kept, 0
        # Ever more at once, so that a long element is not looked through again and again; but no
        # more than it takes to see that it is too large.
        more = file.read(max(_CHUNK, min(len(buffer), max_size + 1 - len(buffer))))
        if not more:
            if depth:
                yield Element(number + 1, None if too_large else buffer, ended=False)
            return
        buffer += more

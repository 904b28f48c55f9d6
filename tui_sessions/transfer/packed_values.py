"""JSON objects of a file, those of a long one packed until they are looked at, mostly in order."""

from __future__ import annotations

from typing import Any

import msgspec

from tui_sessions.model.packed_blocks import BLOCK_SIZE, PackedBlocks

LONG = 25_000_000
"""Bytes of a file from which on its objects are packed."""
_TOGETHER = 64
"""At most so many objects are packed together."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[dict[str, Any]]).decode


class PackedValues:
    """Takes objects, and gives each back by the number that it got; those are other values."""

    def __init__(self, size: int) -> None:
        """Begin with none.

        Args:
            size: bytes of the file; packing takes time, which only a long one is worth.
        """
        self._packs = size >= LONG
        self._blocks = PackedBlocks()
        self._waiting: list[dict[str, Any]] = []
        self._waiting_size = 0
        self._odd: dict[int, dict[str, Any]] = {}
        """What cannot be packed, such as a number of any length."""
        self._looked_at: tuple[int, list[dict[str, Any]]] = (-1, [])
        """The block that was looked at last, unpacked."""

    def add(self, value: dict[str, Any]) -> int:
        """Take an object; gives its number."""
        number = len(self._blocks) * _TOGETHER + len(self._waiting)
        if not self._packs:
            self._waiting.append(value)
            return number
        try:
            self._waiting_size += len(_encode(value))
        except (ValueError, OverflowError, RecursionError):
            self._odd[number] = value
            value = {}
        self._waiting.append(value)
        if len(self._waiting) == _TOGETHER or self._waiting_size >= BLOCK_SIZE:
            self._blocks.add(_encode(self._waiting))
            self._waiting, self._waiting_size = [], 0
        return number

    def get(self, number: int) -> dict[str, Any]:
        """The object with a number."""
        if number in self._odd:
            return self._odd[number]
        if not self._packs:
            return self._waiting[number]
        block, place = divmod(number, _TOGETHER)
        if block == len(self._blocks):
            return self._waiting[place]
        at, values = self._looked_at
        if at != block:
            values = _decode(self._blocks[block])
            self._looked_at = (block, values)
        return values[place]

"""Blocks of encoded values, each packed into a fraction of its memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

BLOCK_SIZE = 256 * 1024
"""Bytes of encoded values that are worth packing together."""
_QUICKLY = 1
"""How hard zlib tries."""


class PackedBlocks:
    """Takes the bytes of block after block, and unpacks one when it is asked for."""

    def __init__(self) -> None:
        """Begin with none."""
        self._packed: list[bytes] = []

    def add(self, block: bytes) -> None:
        """Pack a block behind the others."""
        self._packed.append(zlib.compress(block, _QUICKLY))

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, number: int) -> bytes:
        return zlib.decompress(self._packed[number])

    def __iter__(self) -> Iterator[bytes]:
        return map(zlib.decompress, self._packed)

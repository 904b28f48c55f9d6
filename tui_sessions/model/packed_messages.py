"""The messages of a long chat, packed until they are gone through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, overload

import msgspec

from tui_sessions.model.codec import message_from
from tui_sessions.model.message import Message
from tui_sessions.model.packed_blocks import BLOCK_SIZE, PackedBlocks

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[dict[str, Any]]).decode


class PackedMessages(Sequence[Message]):
    """Messages that take a fraction of their memory; each time they are other values."""

    def __init__(self) -> None:
        """Begin with none."""
        self._blocks = PackedBlocks()
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._start = self._end = 0

    def add(self, message: Mapping[str, Any]) -> None:
        """Add a message, by its JSON."""
        encoded = _encode(message)
        self._waiting.append(encoded)
        self._waiting_size += len(encoded)
        self._end += 1
        if self._waiting_size >= BLOCK_SIZE:
            self._pack()

    def __len__(self) -> int:
        return self._end - self._start

    @overload
    def __getitem__(self, place: int) -> Message: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Message]: ...
    def __getitem__(self, place: int | slice) -> Message | Sequence[Message]:
        if isinstance(place, int):
            return next(islice(iter(self), range(len(self))[place], None))
        start, stop, step = place.indices(len(self))
        if step != 1:
            return list(self)[place]
        part = PackedMessages()
        part._blocks, part._waiting = self._blocks, self._waiting
        part._start, part._end = self._start + start, self._start + max(start, stop)
        return part

    def __iter__(self) -> Iterator[Message]:
        return islice(self._all(), self._start, self._end)

    def _all(self) -> Iterator[Message]:
        for block in self._blocks:
            yield from map(message_from, _decode(block))
        yield from map(message_from, _decode(b"[%s]" % b",".join(self._waiting)))

    def _pack(self) -> None:
        self._blocks.add(b"[%s]" % b",".join(self._waiting))
        self._waiting, self._waiting_size = [], 0

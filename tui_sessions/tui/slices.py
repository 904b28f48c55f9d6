"""Long work on the screen's thread, done so that a key that is typed meanwhile is not held up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from tui_sessions.giving_way import LONGEST_S, is_key_on_its_way, key_done, key_typed

_SLICE_S = 0.003
"""How long such work goes on before it rests."""
_FIRST_REST_S = 0.05
"""The key that began it is painted in the first rest, and the next one may end it already."""
_REST_S = 0.003
"""A key goes through a hundred turns of the loop: the rest has to be measured in time."""
_MOST_RESTS = round(LONGEST_S / _REST_S)
"""What a key itself waits for may be such work: then it goes on."""


@contextmanager
def undivided() -> Iterator[None]:
    """Have all such work rest while a key is on its way, but never for long."""
    key_typed()
    try:
        yield
    finally:
        key_done()


class Slices:
    """Divides the work of one coroutine into slices."""

    def __init__(self) -> None:
        self._began = perf_counter()
        self._rest_s = _FIRST_REST_S

    async def rest(self) -> None:
        """Let others have their turn, if the slice is over; to be called after every step."""
        if perf_counter() - self._began <= _SLICE_S:
            return
        await asyncio.sleep(self._rest_s)
        for _ in range(_MOST_RESTS):
            if not is_key_on_its_way():
                break
            await asyncio.sleep(_REST_S)
        self._rest_s = _REST_S
        self._began = perf_counter()

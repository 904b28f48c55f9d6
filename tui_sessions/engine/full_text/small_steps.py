"""Work in the background that takes small steps while something goes on that comes first."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from time import monotonic

_TIMES = 4.0
"""So many times as long as a step took, it rests afterwards."""
_LONGEST_S = 5.0
"""But never longer: what goes on for hours does not keep it from its work."""


class SmallSteps:
    """Has work rest after each step while an import goes on, unless somebody waits for it."""

    def __init__(self) -> None:
        self._others = 0
        self._go_on = asyncio.Event()

    @property
    def are_taken(self) -> bool:
        """Whether something goes on that comes first."""
        return bool(self._others)

    @contextlib.contextmanager
    def during(self) -> Iterator[None]:
        """Have the work take small steps, and go on at once when this has ended."""
        self._others += 1
        try:
            yield
        finally:
            self._others -= 1
            if not self._others:
                self._go_on.set()

    def hurry(self) -> None:
        """Somebody waits: the next step is taken at once."""
        self._go_on.set()

    async def rest(self, began: float) -> None:
        """Rest after a step.

        Args:
            began: the moment of the monotonic clock at which the step began.
        """
        if not self._others:
            return
        rest_s = min((monotonic() - began) * _TIMES, _LONGEST_S)
        # Not `wait_for`: until Python 3.12 it loses being cancelled as what it waits for comes.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rest_s):
                await self._go_on.wait()
        self._go_on.clear()

"""The collector and other threads, kept from holding up who types."""

from __future__ import annotations

import gc
import sys
from time import process_time

_TURN_S = 0.001
"""Seconds that a thread which computes keeps the interpreter from the screen's."""
_WORTH_IT = 10
"""Collections of young values after which there may be something to be found among the old."""
_REST_S = 0.1
"""Seconds of the processor below which a program does nothing but wait."""
_SELDOM = 1000
"""The same while the person is at work: a look at all values takes 10 to 100 ms."""


def undisturbed() -> None:
    """Have threads take short turns, and the collector look at everything only at rest."""
    sys.setswitchinterval(_TURN_S)
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _SELDOM)


class Rest:
    """Tells when nothing goes on, and has what was put off done then."""

    def __init__(self) -> None:
        self._used = process_time()

    def take(self) -> None:
        """Have the collector look at everything, if hardly anything was done since the last call.

        Meant to be called every few seconds.
        """
        before, self._used = self._used, process_time()
        at_rest = self._used - before < _REST_S
        if at_rest and gc.isenabled() and gc.get_count()[2] >= _WORTH_IT:
            gc.collect()
            self._used = process_time()

"""What can be measured, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.bench.figures import Figure
from tests.bench.importing import importing
from tests.bench.listing import listing
from tests.bench.opening import opening
from tests.bench.run import Run
from tests.bench.saving import saving
from tests.bench.searching import searching
from tests.bench.starting import starting
from tests.bench.streaming import streaming

TOPICS: dict[str, Callable[[Run], Iterator[Figure]]] = {
    topic.__name__: topic
    for topic in (starting, opening, saving, listing, searching, streaming, importing)
}

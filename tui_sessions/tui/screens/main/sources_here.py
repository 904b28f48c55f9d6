"""Looking for what other tools left on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_sessions.transfer.sources import Source


def sources_here(*, requested: bool = True) -> Iterator[Source]:
    """What is on this machine, one by one: looking around can take a while on a slow disk."""
    from tui_sessions.transfer.registry import importer_names
    from tui_sessions.transfer.sources import find_source

    for name in importer_names():
        source = find_source(name, requested=requested)
        if source is not None:
            yield source

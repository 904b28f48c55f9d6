"""What every topic is given: the sizes, and places for its stores and its people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.person import Person
from tests.bench.sizes import Sizes
from tests.bench.stores import made


@dataclass(frozen=True)
class Run:
    """One run of the suite."""

    sizes: Sizes
    stores: Path
    """Where stores are kept from run to run, if the person wants that."""
    scratch: Path
    """Gone after the run."""

    def store(self, name: str, make: Callable[[Path], object]) -> Path:
        """A data folder, made where there is none of that name yet."""
        return made(self.stores / name, make)

    def person(self, name: str, data: Path) -> Person:
        """Someone with these sessions and a home of their own."""
        return Person(self.scratch / name, data)

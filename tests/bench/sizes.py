"""How much is measured: the sizes of the stores, and how often and how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The sizes that the goals are set for."""

    sessions: int = 100_000
    """In the store that the app is started over."""
    workspaces: int = 100
    messages: int = 2
    """In each of those sessions."""
    long_chats: int = 10
    """That are opened one after the other to see what memory they take."""
    long: int = 1_000
    """Messages of a long chat."""
    longer: int = 10_000
    longest: int = 100_000
    listed: int = 10_000
    """Sessions of the store that is listed."""
    index_messages: int = 1_000_000
    import_mb: int = 1_000
    tokens: int = 20_000
    """Of the reply that comes as fast as the server can."""
    chats: int = 8
    """That answer at the same time."""
    times: int = 5
    """How often the app is started for one figure."""
    seconds: float = 10.0
    """How long what takes time by itself is looked at."""


SMALL = Sizes(
    sessions=60,
    workspaces=3,
    long_chats=2,
    long=30,
    longer=100,
    longest=200,
    listed=40,
    index_messages=1_000,
    import_mb=1,
    tokens=800,
    chats=2,
    times=1,
    seconds=0.5,
)
"""Everything tiny: shows that the suite works, and nothing else."""

"""A person with a terminal, and the sessions that they have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminals import Fill, Seed, Terminals, terminals_of
from warm_command import WarmCommand

from tui_sessions import open_sessions


@pytest.fixture
def terminals(tmp_path: Path, warm: WarmCommand) -> Iterator[Terminals]:
    yield from terminals_of(tmp_path, warm)


@pytest.fixture
def seed(terminals: Terminals) -> Seed:
    """Fills the person's sessions by the library; the second argument is the workspace."""

    def run(fill: Fill) -> None:
        async def filled() -> None:
            async with open_sessions(terminals.data.as_uri()) as manager:
                await manager.create_workspace(
                    terminals.workspace_id, name="parser", directory=terminals.project
                )
                await fill(manager, terminals.workspace_id)

        asyncio.run(filled())

    return run

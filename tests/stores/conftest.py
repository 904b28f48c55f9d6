"""A store of files, and where the sessions of its workspace `dev` lie."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tui_sessions.stores.file import FileStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FileStore]:
    """Empty; a file of tests may put something into it by a fixture of the same name."""
    made = FileStore(tmp_path / "data")
    yield made
    await made.close()


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    return tmp_path / "data" / "workspaces" / "dev" / "sessions"

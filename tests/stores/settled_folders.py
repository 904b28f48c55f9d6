"""Folders of sessions that have not changed for a while."""

import os
import time
from pathlib import Path

from tui_sessions import SessionManager, open_sessions


def folder(tmp_path: Path, workspace: str = "w") -> Path:
    return tmp_path / "workspaces" / workspace / "sessions"


def settle(tmp_path: Path, workspace: str = "w") -> None:
    """Make a folder look as if nothing had happened in it for a minute."""
    old = time.time() - 60
    os.utime(folder(tmp_path, workspace), (old, old))


async def made(tmp_path: Path, *names: str) -> None:
    async with open_sessions(tmp_path.as_uri()) as manager:
        for name in names:
            await manager.create_session(id=name, workspace="w", label=name)
    settle(tmp_path)


async def labels(manager: SessionManager) -> dict[str, str]:
    return {session.id: session.label for session in await manager.list_sessions()}

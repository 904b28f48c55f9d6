"""Lists all sessions of a data folder and prints how long it took in milliseconds, and how many.

A program of its own, so that nothing is warm but what is on the disk.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from tui_sessions import open_sessions


async def _list(data: Path) -> tuple[float, int]:
    began = time.perf_counter()
    async with open_sessions(data.as_uri(), user_id="ana") as manager:
        sessions = await manager.list_sessions()
        rows = [
            (session.label, session.last_active_at, sum(c.message_count for c in session.chats))
            for session in sessions
        ]
        return (time.perf_counter() - began) * 1000, len(rows)


if __name__ == "__main__":
    print(*asyncio.run(_list(Path(sys.argv[1]))))  # noqa: T201

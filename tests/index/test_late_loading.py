"""The library of the index is loaded when something is searched, never before."""

import subprocess
import sys

SCRIPT = """
import asyncio, sys
from tui_sessions import open_sessions
async def main():
    async with open_sessions("memory:") as manager:
        session = await manager.create_session()
        await manager.add_message(session.id, "needle")
        assert "tantivy" not in sys.modules
        assert (await manager.search("needle", wait_s=None)).total
        assert "tantivy" in sys.modules
asyncio.run(main())
"""


def test_only_a_search_loads_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

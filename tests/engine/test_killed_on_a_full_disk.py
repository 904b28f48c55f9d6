"""A program that is killed while the disk is full loses nothing that had arrived."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from tui_sessions import open_sessions

WAITING = """
import asyncio, errno, os, sys, threading
from tui_sessions import AgentConfig, open_sessions
from tui_sessions.stores import session_files

def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

async def main(place):
    async with open_sessions(place) as manager:
        await manager.create_session(id="s1")
        script = [["Begun ", {"delay_s": 0.05}, "and ended."]]
        await manager.create_chat(
            "s1", agent=AgentConfig(provider="scripted", parameters={"script": script})
        )
        async for event in manager.send("s1", "Hello"):
            if event.name == "reply_delta":
                session_files.append_line = full
        print(event.name, flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main(sys.argv[1]))
"""


async def test_what_a_full_disk_did_not_take_is_there_after_a_kill(tmp_path: Path) -> None:
    place = (tmp_path / "data").as_uri()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WAITING, place, stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"reply_failed\n"
        # Another program that starts meanwhile leaves it to the one that waits.
        async with open_sessions(place) as manager:
            assert "Hello" in [m.text for m in await manager.history("s1")]
    finally:
        process.kill()
        await process.communicate()
    for _ in range(2):
        async with open_sessions(place) as manager:
            assert [m.text for m in await manager.history("s1")] == ["Hello", "Begun and ended."]

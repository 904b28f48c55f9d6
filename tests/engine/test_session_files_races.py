"""Pictures beside a session while it is moved, deleted, forked and killed by others."""

from __future__ import annotations

import asyncio
import base64
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from file_samples import PNG, image, part_of

from tui_sessions import SessionManager, open_sessions

Opened = Callable[..., AbstractAsyncContextManager[SessionManager]]
ADDING = """
import asyncio, base64, sys
from tui_sessions import ImagePart, open_sessions

async def main():
    async with open_sessions(sys.argv[1]) as manager:
        session = await manager.create_session(id="s")
        for number in range(10_000):
            data = base64.b64encode(b"\\x89PNG" + str(number).encode() * 9_000).decode()
            await manager.add_message(session.id, [ImagePart("image/png", data=data)])
            print(number, flush=True)

asyncio.run(main())
"""


async def all_readable(manager: SessionManager, session_id: str) -> int:
    """Read every picture of a session; gives how many there are."""
    messages = await manager.history(session_id)
    for message in messages:
        assert await manager.read_file(session_id, part_of(message).path or "")
    return len(messages)


async def test_pictures_that_are_added_during_moves_are_all_there(
    open_manager: Opened, tmp_path: Path
) -> None:
    async with open_manager() as one, open_manager() as other:
        session = await one.create_session(workspace="here")

        async def add() -> None:
            for number in range(25):
                await one.add_message(session.id, [image(PNG + bytes([number]))])

        async def move() -> None:
            for number in range(25):
                await other.move(session.id, ("there", "here")[number % 2])

        async def fork() -> list[str]:
            return [(await other.fork(session.id)).id for _ in range(10)]

        _, _, children = await asyncio.gather(add(), move(), fork())
        assert await all_readable(one, session.id) == 25
        for child in children:
            await all_readable(one, child)
        folders = list(tmp_path.glob(f"workspaces/*/sessions/{session.id}.files"))
        assert len(folders) == 1


async def test_pictures_that_are_added_during_deletions_come_back_with_their_messages(
    open_manager: Opened,
) -> None:
    async with open_manager() as one, open_manager() as other:
        session = await one.create_session()
        added = 0
        deleting = asyncio.Event()

        async def delete() -> None:
            for _ in range(8):
                await deleting.wait()
                await other.delete(session.id)
                await other.undelete(session.id)

        task = asyncio.create_task(delete())
        for number in range(25):
            deleting.set()
            try:
                await one.add_message(session.id, [image(PNG + bytes([number]))])
                added += 1
            except LookupError:
                continue
        await task
        assert await all_readable(other, session.id) == added


def killed_while_adding(store: str) -> int:
    """Let another process add pictures and kill it; gives how many messages it was told of."""
    command = [sys.executable, "-c", ADDING, store]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 12:
                process.send_signal(signal.SIGKILL)
                break
        return 13 + sum(rest.endswith("\n") for rest in process.stdout)


async def test_no_message_names_a_picture_that_is_not_there_after_a_kill(tmp_path: Path) -> None:
    store = tmp_path.as_uri()
    told = await asyncio.to_thread(killed_while_adding, store)
    async with open_sessions(store) as manager:
        assert await all_readable(manager, "s") >= told
        assert base64.b64encode(b"\x89PNG00000") in await manager.export_session("s", "json")
        assert await manager.problems() == []

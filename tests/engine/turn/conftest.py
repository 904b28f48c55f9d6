"""A process that answers beside the test's own."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from answering_elsewhere import ANSWERING, Elsewhere, Start


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a process that sends into a session, and waits until its reply is on its way."""
    started: list[Elsewhere] = []

    async def start(session_id: str) -> Elsewhere:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", ANSWERING, tmp_path.as_uri(), session_id),
            stdout=asyncio.subprocess.PIPE,
        )
        started.append(Elsewhere(process))
        await started[-1].until("reply_delta")
        return started[-1]

    yield start
    for one in started:
        if one.process.returncode is None:
            one.signal(signal.SIGKILL)
        await one.end()

"""What is asked of a manager that was shut down is refused, and nothing of it goes on."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from tui_sessions import SessionManager, StoreError, open_sessions


async def ended() -> tuple[SessionManager, str]:
    async with open_sessions("memory:") as manager:
        session = await manager.create_session()
    return manager, session.id


async def test_no_version_is_told_after_the_shutdown() -> None:
    manager, session_id = await ended()
    with pytest.raises(StoreError):
        await manager.version(session_id)


@pytest.mark.parametrize("start", ["start_sweeping", "start_indexing"])
async def test_nothing_begins_in_the_background_after_the_shutdown(start: str) -> None:
    manager, _ = await ended()
    before = asyncio.all_tasks()
    with contextlib.suppress(StoreError):
        getattr(manager, start)()
    assert asyncio.all_tasks() == before

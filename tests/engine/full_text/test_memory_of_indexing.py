"""What writing much into the index took goes back to the system."""

from __future__ import annotations

import pytest
from noted_indexes import indexed
from searched_sessions import Opened, found, talk

from tui_sessions.engine.full_text import text_writing


@pytest.fixture
def returned(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """An entry for each time that memory was given back."""
    seen: list[None] = []
    monkeypatch.setattr(text_writing, "return_gaps", lambda: seen.append(None))
    monkeypatch.setattr(text_writing, "_MANY", 3)
    return seen


async def test_memory_goes_back_while_many_messages_are_written_and_at_their_end(
    open_manager: Opened, returned: list[None]
) -> None:
    async with open_manager() as manager:
        for number in range(5):
            await talk(manager, f"apple {number}")
        await indexed(manager)
        assert len(returned) == 2
        one = await talk(manager, "a pear")
        assert [hit.session_id for hit in await found(manager, "pear", messages_only=True)] == [one]
        assert len(returned) == 2


async def test_few_messages_leave_the_memory_alone(
    open_manager: Opened, returned: list[None]
) -> None:
    async with open_manager() as manager:
        for number in range(2):
            await talk(manager, f"apple {number}")
        await indexed(manager)
        assert returned == []

"""A manager whose agent answers, summarises and counts as the tests tell it to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from summarising_model import SummarisingModel

from tui_sessions import SessionManager


@pytest.fixture
def model() -> SummarisingModel:
    return SummarisingModel()


@pytest.fixture
async def chatting(open_manager: Any, model: SummarisingModel) -> AsyncIterator[SessionManager]:
    async with open_manager(providers=model.registry()) as manager:
        yield manager

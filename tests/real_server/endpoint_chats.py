"""Chats with an endpoint: one manager, one provider, and replies that are read to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tui_sessions import AgentConfig, ProviderError, ReplyEvent, Session, SessionManager, Settings
from tui_sessions import open_sessions as open_all
from tui_sessions.settings import ProviderSettings, RetrySettings, Timeouts

SHORT = Timeouts(connect_s=2, first_reply_s=0.4, stall_s=0.3, whole_reply_s=30)
PATIENT = Timeouts(connect_s=5, first_reply_s=60, stall_s=60, whole_reply_s=120)
NAME = "tested"


@asynccontextmanager
async def endpoint_manager(
    address: str, store: str = "memory:", **fields: Any
) -> AsyncIterator[SessionManager]:
    """A manager whose settings name one endpoint, and that asks no request twice by itself."""
    fields.setdefault("timeouts", PATIENT)
    retry = fields.pop("retry", RetrySettings(attempts=0))
    settings = Settings(providers={NAME: ProviderSettings(base_url=address, **fields)}, retry=retry)
    async with open_all(store, settings=settings, user_id="ana") as manager:
        yield manager


async def new_chat(manager: SessionManager, **agent: Any) -> Session:
    """A session with one chat that this endpoint answers."""
    session = await manager.create_session(workspace="dev", label="Tested")
    agent.setdefault("model", "m")
    await manager.create_chat(session.id, agent=AgentConfig(provider=NAME, **agent))
    return session


async def ask(manager: SessionManager, session_id: str, question: str) -> ReplyEvent:
    """Send a question and wait for the end of its reply."""
    events = [event async for event in manager.send(session_id, question)]
    return events[-1]


def failure(event: ReplyEvent) -> ProviderError:
    """Why a reply failed."""
    error = getattr(event, "error", None)
    assert isinstance(error, ProviderError), event
    return error

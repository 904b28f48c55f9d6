"""OpenRouter's details of thoughts go back to it while tools are used, after a restart as well."""

from __future__ import annotations

from pathlib import Path

import pytest
from endpoint_chats import PATIENT
from fault_server import FaultServer

from tui_sessions import AgentConfig, Settings, ThinkingPart, ToolCallPart, open_sessions
from tui_sessions.settings import ProviderSettings, RetrySettings


def add() -> str:
    """Adds."""
    return "3"


async def test_details_of_thoughts_go_back_as_they_came(
    faults: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-secret")
    openrouter = ProviderSettings(
        base_url=faults.address("openrouter"), api_key_env="OPENROUTER_API_KEY", timeouts=PATIENT
    )
    settings = Settings(providers={"openrouter": openrouter}, retry=RetrySettings(attempts=0))
    store = tmp_path.as_uri()
    async with open_sessions(store, settings=settings) as manager:
        session = await manager.create_session()
        agent = AgentConfig(provider="openrouter", model="anthropic/claude", tools=("add",))
        await manager.create_chat(session.id, agent=agent)
        manager.tools.register(add)
        async for event in manager.send(session.id, "Go"):
            if event.name == "tool_asked":
                await manager.stop(session.id)
        [_, reply] = await manager.history(session.id)
    first, second, call = reply.content
    assert isinstance(first, ThinkingPart)
    assert isinstance(second, ThinkingPart)
    assert isinstance(call, ToolCallPart)
    assert (first.text, second.text) == ("let me think", "")
    async with open_sessions(store, settings=settings) as manager:
        manager.tools.register(add)
        manager.allow_tool(session.id, "add")
        async for event in manager.continue_reply(session.id):
            if event.name == "reply_step":
                await manager.stop(session.id)
    [sent] = [m for m in faults.requests[1]["messages"] if m["role"] == "assistant"]
    assert [
        {k: v for k, v in one.items() if v is not None} for one in sent["reasoning_details"]
    ] == [
        {
            "type": "reasoning.text",
            "format": "anthropic-claude-v1",
            "index": 0,
            "text": "let me think",
            "signature": "c2lnbmVk",
        },
        {
            "type": "reasoning.encrypted",
            "format": "openai-responses-v1",
            "index": 1,
            "id": "rs_1",
            "data": "b3BhcXVl",
        },
    ]
    assert [one["function"]["name"] for one in sent["tool_calls"]] == ["add"]

"""Whatever is imported can be gone on with: the request is one that strict endpoints take."""

from __future__ import annotations

import os
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.messages import ModelRequest, ModelResponse

from tui_sessions import ProviderRegistry, ScriptedProvider, open_sessions
from tui_sessions.providers.base import ReplyRequest, ToolSpec
from tui_sessions.providers.library.conversation import Conversation, Thinker
from tui_sessions.transfer.registry import importer_names

FOLDERS = {"open-webui": "openwebui"}
TOOL = ToolSpec(name="ls", parameters={"type": "object", "properties": {}})


@pytest.fixture
def samples() -> Path:
    configured = os.environ.get("SESSIONS_TUI_SAMPLES")
    beside = Path(__file__).parents[3] / "shared" / "samples"
    folder = Path(configured) if configured else beside
    if not folder.is_dir():
        pytest.skip("no samples; name their folder in SESSIONS_TUI_SAMPLES")
    return folder


def check(request: ReplyRequest) -> None:
    """As OpenAI's, Anthropic's and the templates of local models want it."""
    messages = Conversation(request, Thinker("mine", "m", "mine", None)).messages()
    assert isinstance(messages[0], ModelRequest)
    assert isinstance(messages[-1], ModelRequest)
    assert all(type(one) is not type(other) for one, other in pairwise(messages))
    asked: set[str] = set()
    for message in messages:
        results = [p.tool_call_id for p in message.parts if p.part_kind == "tool-return"]
        assert sorted(results) == sorted(asked), "each call has one result, right after it"
        if results:
            kinds = [part.part_kind for part in message.parts]
            assert kinds[: len(results)] == ["tool-return"] * len(results)
        calls: list[Any] = []
        if isinstance(message, ModelResponse):
            calls = [part.tool_call_id for part in message.parts if part.part_kind == "tool-call"]
            assert all(part.part_kind != "thinking" for part in message.parts)
        assert len(set(calls)) == len(calls)
        asked = set(calls)
    longest = [part for m in request.messages[:-1] for part in m.content if hasattr(part, "text")]
    results_sent = [part for part in longest if hasattr(part, "call_id")]
    assert all(len(part.text) < 8_100 for part in results_sent)


@pytest.mark.parametrize("name", importer_names())
async def test_every_imported_session_can_be_gone_on_with(samples: Path, name: str) -> None:
    folder = samples / FOLDERS.get(name, name)
    if not folder.is_dir():
        pytest.skip(f"no samples of {name}")
    places = list(folder.rglob("*.md")) if name == "aider" else [folder]
    provider = ScriptedProvider([["Yes."]])
    providers = ProviderRegistry()
    providers.register("offline", lambda: provider)
    async with open_sessions("memory:", providers=providers) as manager:
        async with aclosing(manager.import_sessions(name, places)) as steps:
            ids = [step.session_id async for step in steps if step.outcome == "created"]
        assert ids
        for session_id in ids:
            if (await manager.get_session(session_id)).state == "archived":
                await manager.unarchive(session_id)
            async for _ in manager.send(session_id, "Go on"):
                pass
            request = provider.requests[-1]
            assert request.messages[-1].text == "Go on"
            check(request)
            check(ReplyRequest(agent=request.agent, messages=request.messages, tools=[TOOL]))

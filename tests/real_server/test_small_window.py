"""A long chat with a real server goes on in a context window that could never hold it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from endpoint_chats import ask, endpoint_manager, failure, new_chat
from fault_server import FaultServer
from llama_server import LlamaServer, binary

from tui_sessions import SummaryPart

WINDOW = 4096


@pytest.fixture
def small_llama(model_file: Path) -> Iterator[LlamaServer]:
    """A server that reads little at once."""
    found = binary()
    if found is None:
        pytest.skip("llama-server is not built: run tests/real_server/build.sh")
    with LlamaServer(found, model_file, "-c", str(WINDOW), "-np", "1") as server:
        yield server


async def test_a_long_chat_is_summarised_before_it_overflows_and_goes_on(
    small_llama: LlamaServer,
) -> None:
    async with endpoint_manager(small_llama.address) as manager:
        session = await new_chat(manager, model="tiny", parameters={"max_tokens": 200})
        assert (await manager.context(session.id)).window == WINDOW
        for number in range(12):
            event = await ask(manager, session.id, f"alpha {number} " + "amber anchor " * 40)
            assert event.name == "reply_done", failure(event)
            use = await manager.context(session.id)
            assert use.share is not None
            assert use.share < 1
        history = await manager.history(session.id)
        summaries = [m for m in history if isinstance(m.content[0], SummaryPart)]
        assert summaries
        assert all(m.usage is not None and m.usage.input_tokens for m in summaries)
        assert sum(m.role == "user" for m in history) == 12
        children = await manager.children(session.id)
        assert {c.id for c in children} == {
            m.metadata["checkpoint"]["session_id"] for m in summaries
        }
        event = await ask(manager, children[0].id, "beta")
        assert event.name == "reply_done", failure(event)


async def test_a_tool_that_gives_back_more_than_fits_is_cut_and_answered(
    small_llama: LlamaServer,
) -> None:
    page = "amber anchor " * 2300

    def add(a: int, b: int) -> str:
        """Adds, and says much of it."""
        return f"{a + b} {page}"

    async with endpoint_manager(small_llama.address) as manager:
        manager.tools.register(add)
        agent = {"model": "tiny", "tools": ("add",), "parameters": {"max_tokens": 200}}
        session = await new_chat(manager, **agent)
        assert (await manager.context(session.id)).window == WINDOW
        manager.allow_tool(session.id, "add")
        event = await ask(manager, session.id, "use the tool")
        assert event.name == "reply_done", failure(event)
        _, _, result, reply = await manager.history(session.id)
        assert len(result.content[0].text) > len(page)
        assert reply.text.split()[:2] == ["Tool", "returned:"]
        assert reply.usage is not None
        assert reply.usage.input_tokens < WINDOW


async def test_without_it_the_chat_overflows(small_llama: LlamaServer) -> None:
    """What the test above would see if no room was made."""
    async with endpoint_manager(small_llama.address, context_window=10**9) as manager:
        session = await new_chat(manager, model="tiny", parameters={"max_tokens": 200})
        for number in range(12):
            event = await ask(manager, session.id, f"alpha {number} " + "amber anchor " * 40)
            if event.name == "reply_failed":
                break
        assert failure(event).kind == "context_too_long"
        manager_window = await manager.context(session.id)
        assert manager_window.window == 10**9
        before = await manager.history(session.id)
        child = await manager.checkpoint(session.id)
        assert child is not None
        assert len(await manager.history(session.id)) == len(before) + 1
        event = await ask(manager, session.id, "beta")
        assert event.name == "reply_done", failure(event)


async def test_the_summary_and_the_system_prompt_go_as_one_system_message(
    faults: FaultServer,
) -> None:
    """Many local models' templates refuse a second one."""
    async with endpoint_manager(faults.address("ok"), context_window=100_000) as manager:
        session = await new_chat(manager, system_prompt="Be brief.")
        await ask(manager, session.id, "one")
        assert await manager.checkpoint(session.id) is not None
        await ask(manager, session.id, "two")
    system, question = faults.requests[-1]["messages"]
    assert (system["role"], question["role"]) == ("system", "user")
    assert system["content"].startswith("Be brief.")
    assert "Summary of the conversation so far" in system["content"]

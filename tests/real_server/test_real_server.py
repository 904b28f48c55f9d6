"""Chats with llama.cpp's own server: its replies whole, its faults told, its counts kept."""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from endpoint_chats import NAME, ask, endpoint_manager, failure, new_chat
from llama_server import LlamaServer
from markov_chain import COUNT_TO, TOPICS, UNICODE

from tui_sessions import (
    Finished,
    Message,
    ReplyRequest,
    SizedProvider,
    Timeouts,
    ToolCall,
    ToolResultPart,
    ToolSpec,
)

COUNTED = [str(number) for number in range(1, COUNT_TO + 1)]


async def until(condition: Callable[[], Any]) -> None:
    while not await asyncio.to_thread(condition):
        await asyncio.sleep(0.01)


async def test_no_delta_is_lost_doubled_or_out_of_order(llama: LlamaServer) -> None:
    async with endpoint_manager(llama.address) as manager:
        session = await new_chat(manager, model=None)
        deltas, offsets = [], []
        async for event in manager.send(session.id, "count"):
            if event.name == "reply_delta":
                deltas.append(event.text)
                offsets.append(event.offset)
        assert event.name == "reply_done"
        [_, reply] = await manager.history(session.id)
    assert "".join(deltas).split() == COUNTED
    assert offsets == [0, *itertools.accumulate(map(len, deltas[:-1]))]
    assert reply.text == "".join(deltas)
    assert reply.model == "tiny"
    assert len(deltas) > 3, "it streams, even if words that come at once are handed on together"


async def test_characters_split_over_tokens_arrive_whole(llama: LlamaServer) -> None:
    async with endpoint_manager(llama.address) as manager:
        session = await new_chat(manager)
        await ask(manager, session.id, "unicode")
        assert (await manager.history(session.id))[-1].text == UNICODE.decode()


async def test_thinking_is_kept_apart(llama: LlamaServer) -> None:
    async with endpoint_manager(llama.address) as manager:
        session = await new_chat(manager)
        await ask(manager, session.id, "think")
        [_, reply] = await manager.history(session.id)
        thinking, answer = reply.content
        assert "first consider" in getattr(thinking, "text", "")
        assert getattr(answer, "text", "").strip().startswith("Certainly:")
        assert (await ask(manager, session.id, "count")).name == "reply_done"


async def test_usage_is_what_the_server_counts(llama: LlamaServer) -> None:
    async with endpoint_manager(llama.address) as manager:
        session = await new_chat(manager, system_prompt="Count well.")
        await ask(manager, session.id, "count")
        usage = (await manager.history(session.id))[-1].usage
    said = [
        {"role": "system", "content": "Count well."},
        {"role": "user", "content": "count"},
    ]
    own = llama.post("/v1/chat/completions", {"messages": said})["usage"]
    assert usage is not None
    assert usage.input_tokens + usage.cache_read_tokens == own["prompt_tokens"]
    assert usage.output_tokens == own["completion_tokens"]
    assert usage.cost_usd is None


async def test_a_tool_is_called_and_its_result_answered(llama: LlamaServer) -> None:
    number = {"type": "integer"}
    schema = {"type": "object", "properties": {"a": number, "b": number}, "required": ["a", "b"]}
    add = ToolSpec(name="add", description="Adds.", parameters=schema)
    async with endpoint_manager(llama.address) as manager:
        provider = manager.providers.get(NAME)
        session = await new_chat(manager, model="tiny")
        agent = session.chats[0].agent if session.chats else None
        agent = agent or (await manager.get_session(session.id)).chats[0].agent
        asked = [Message.from_text("user", "use the tool")]
        first = ReplyRequest(agent=agent, messages=asked, tools=[add])
        parts = [part async for part in provider.stream(first)]
        [call] = [part.call for part in parts if isinstance(part, ToolCall)]
        assert (call.name, call.arguments) == ("add", {"a": 2, "b": 40})
        assert isinstance(parts[-1], Finished)
        assert parts[-1].finish_reason == "tool_call"
        replies = [
            Message(id="m2", role="assistant", content=(call,), model="tiny"),
            Message(id="m3", role="tool", content=(ToolResultPart(call.id, "42"),)),
        ]
        second = ReplyRequest(agent=agent, messages=[*asked, *replies], tools=[add])
        text = "".join([getattr(part, "text", "") async for part in provider.stream(second)])
    assert text.split()[:2] == ["Tool", "returned:"]


async def test_stopping_in_mid_stream_frees_the_slot(llama: LlamaServer) -> None:
    async with endpoint_manager(llama.address) as manager:
        session = await new_chat(manager)
        async for event in manager.send(session.id, "long"):
            if event.name == "reply_delta" and event.offset > 200:
                await manager.stop(session.id)
        assert event.name == "reply_stopped"
        assert (await manager.history(session.id))[-1].text.split()[0] == "lorem"
        await until(lambda: llama.busy() == 0)
        assert (await ask(manager, session.id, "count")).name == "reply_done"


async def test_a_server_that_is_killed_leaves_what_came(own_llama: LlamaServer) -> None:
    async with endpoint_manager(own_llama.address) as manager:
        session = await new_chat(manager)
        async for event in manager.send(session.id, "long"):
            if event.name == "reply_delta" and event.offset > 200:
                own_llama.kill()
        assert failure(event).kind == "cut_off"
        [_, reply] = await manager.history(session.id)
        assert (reply.status, len(reply.text) > 200) == ("failed", True)
        assert failure(await ask(manager, session.id, "count")).kind == "unavailable"


async def test_a_server_that_hangs_is_given_up_and_can_be_asked_again(
    own_llama: LlamaServer,
) -> None:
    limit = Timeouts(connect_s=5, first_reply_s=20, stall_s=0.5, whole_reply_s=60)
    async with endpoint_manager(own_llama.address, timeouts=limit) as manager:
        session = await new_chat(manager)
        async for event in manager.send(session.id, "long"):
            if event.name == "reply_delta" and event.offset > 200:
                own_llama.freeze()
        assert failure(event).kind == "timeout"
        own_llama.thaw()
        await until(lambda: own_llama.busy() == 0)
        assert (await ask(manager, session.id, "count")).name == "reply_done"


async def test_a_wrong_key_is_told_and_the_right_one_works(
    locked_llama: LlamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTED_KEY", "wrong-key-5678")
    async with endpoint_manager(locked_llama.address, api_key_env="TESTED_KEY") as manager:
        session = await new_chat(manager)
        error = failure(await ask(manager, session.id, "count"))
        assert error.kind == "auth"
        assert "wrong-key" not in str(error)
        monkeypatch.setenv("TESTED_KEY", "right-key-1234")
        assert (await ask(manager, session.id, "count")).name == "reply_done"


async def test_a_chat_that_is_too_long_is_told_as_that(llama: LlamaServer) -> None:
    async with endpoint_manager(llama.address) as manager:
        session = await new_chat(manager)
        error = failure(await ask(manager, session.id, "word " * 20_000))
        assert error.kind == "context_too_long"
        assert "checkpoint" in str(error)


async def test_the_server_tells_its_models_and_their_window(llama: LlamaServer) -> None:
    async with endpoint_manager(llama.address) as manager:
        provider = manager.providers.get(NAME)
        assert await provider.models() == ["tiny"]
        assert isinstance(provider, SizedProvider)
        assert await provider.context_window(None) == 65536 // 8


async def test_eight_chats_at_once_do_not_mix(llama: LlamaServer, tmp_path: Path) -> None:
    async with endpoint_manager(llama.address, f"file://{tmp_path}") as manager:
        topics = [*TOPICS, *TOPICS, "alpha", "beta"]
        sessions = [await new_chat(manager) for _ in topics]
        turns = zip(sessions, topics, strict=True)
        ends = await asyncio.gather(*(talk(manager, session.id, topic) for session, topic in turns))
        assert {end.name for end in ends} == {"reply_done"}
        for session, topic in zip(sessions, topics, strict=True):
            replies = [m for m in await manager.history(session.id) if m.role == "assistant"]
            assert len(replies) == 5
            words = {word for reply in replies for word in reply.text.split()}
            assert words
            assert words <= set(TOPICS[topic].split())


async def test_a_reply_of_a_program_that_is_killed_is_there_afterwards(
    llama: LlamaServer, tmp_path: Path
) -> None:
    program = """
import asyncio, os, signal, sys
from endpoint_chats import endpoint_manager, new_chat
def die_with_half_a_reply(event):
    if event.session.message_count == 2:
        os.kill(os.getpid(), signal.SIGKILL)
async def main(address, store):
    async with endpoint_manager(address, store) as manager:
        session = await new_chat(manager)
        print(session.id, flush=True)
        manager.on("saved", die_with_half_a_reply)
        async for event in manager.send(session.id, "long"):
            pass
asyncio.run(main(*sys.argv[1:]))
"""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, llama.address, f"file://{tmp_path}",
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parent,
    )  # fmt: skip
    assert child.stdout is not None
    session_id = (await child.stdout.readline()).decode().strip()
    assert await child.wait() == -signal.SIGKILL
    async with endpoint_manager(llama.address, f"file://{tmp_path}") as manager:
        question, reply = await manager.history(session_id)
        assert (question.text, reply.status) == ("long", "partial")
        assert "lorem" in reply.text
        await until(lambda: llama.busy() == 0)
        async for event in manager.regenerate(session_id):
            if event.name == "reply_delta":
                await manager.stop(session_id)
        statuses = [message.status for message in await manager.history(session_id)]
        assert (event.name, statuses) == ("reply_stopped", ["complete", "stopped"])


async def talk(manager: Any, session_id: str, topic: str) -> Any:
    """Five turns on one topic."""
    for _ in range(5):
        end = await ask(manager, session_id, topic)
    return end

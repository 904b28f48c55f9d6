"""What tools gave back in a turn never outgrows the model's context window unnoticed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from engine_driving import ask
from msgspec.structs import replace
from summarising_model import SummarisingModel, tokens_of

from tui_sessions import (
    CheckpointSettings,
    ProviderError,
    ReplyFailed,
    ReplyPart,
    ReplyRequest,
    SessionManager,
    Settings,
    ToolCall,
    ToolCallPart,
    ToolResultPart,
    Usage,
)
from tui_sessions.providers.base import Finished

WINDOW = 4000


class Reader(SummarisingModel):
    """Reads so many pages one after the other, and then answers."""

    def __init__(self, pages: int) -> None:
        super().__init__(WINDOW)
        self._pages = pages

    async def stream(self, request: ReplyRequest) -> AsyncIterator[ReplyPart]:
        read = sum(m.role == "tool" for m in request.messages)
        reads = request.tools and read < self._pages and tokens_of(request) <= WINDOW
        if not reads:
            async for part in super().stream(request):
                yield part
            return
        self.requests.append(request)
        yield ToolCall(ToolCallPart(f"t{read}", "read", {}))
        yield Finished(usage=Usage(input_tokens=tokens_of(request), output_tokens=10))


async def reading(manager: SessionManager, page: str, *before: str) -> tuple[str, Any]:
    """A chat that was asked something before, and whose agent then reads pages."""

    def read() -> str:
        """Reads a page."""
        return page

    manager.tools.register(read)
    session = await manager.create_session()
    chat = await manager.create_chat(session.id)
    for question in before:
        await ask(manager, session.id, question)
    agent = (await manager.get_session(session.id)).chats[0].agent
    await manager.set_agent(session.id, chat.id, replace(agent, tools=("read",)))
    manager.allow_tool(session.id, "read")
    return session.id, await ask(manager, session.id, "Read it")


def results(messages: Any) -> list[str]:
    return [p.text for m in messages for p in m.content if isinstance(p, ToolResultPart)]


async def test_long_results_are_cut_in_what_is_sent_and_whole_in_what_is_kept(
    open_manager: Any,
) -> None:
    model = Reader(2)
    page = "word " * 2400
    async with open_manager(providers=model.registry()) as manager:
        session_id, last = await reading(manager, page)
        assert last.name == "reply_done", last
        kept = await manager.history(session_id)
    assert results(kept) == [page, page]
    sent = results(model.requests[-1].messages)
    assert len(sent) == 2
    assert all(len(text) < len(page) and "characters left out" in text for text in sent)
    assert all(tokens_of(request) <= WINDOW for request in model.requests)
    assert not model.summaries


async def test_what_was_said_before_is_summarised_where_cutting_is_not_enough(
    open_manager: Any,
) -> None:
    model = Reader(2)
    settings = Settings(checkpoints=CheckpointSettings(share=0.95))
    async with open_manager(providers=model.registry(), settings=settings) as manager:
        session_id, last = await reading(manager, "word " * 2400, "word " * 2200)
        assert last.name == "reply_done", last
        roles = [m.role for m in await manager.history(session_id)]
    assert model.summaries
    assert roles == ["user", "assistant", "system", "user", *["assistant", "tool"] * 2, "assistant"]
    assert all(tokens_of(request) <= WINDOW for request in model.requests)


async def test_a_window_that_nobody_tells_is_found_out(open_manager: Any) -> None:
    model = Reader(1)
    model.tells = False
    page = "word " * 5000
    async with open_manager(providers=model.registry()) as manager:
        session_id, last = await reading(manager, page)
        assert last.name == "reply_done", last
        assert results(await manager.history(session_id)) == [page]
    assert len(results(model.requests[-1].messages)[0]) < 4 * WINDOW


async def test_a_turn_that_cannot_be_made_to_fit_fails_with_a_way_out(open_manager: Any) -> None:
    model = Reader(100)
    settings = Settings(checkpoints=CheckpointSettings(automatic=False))
    async with open_manager(providers=model.registry(), settings=settings) as manager:
        session_id, last = await reading(manager, "word " * 2400, "word " * 1200)
        assert isinstance(last, ReplyFailed), last
        assert isinstance(last.error, ProviderError)
        assert last.error.kind == "context_too_long"
        assert "larger context window" in str(last.error)
        assert len(results(await manager.history(session_id))) >= 1
    assert all(tokens_of(request) <= WINDOW for request in model.requests)

"""How full a chat's context window is: measured, estimated, and never waited for long."""

import asyncio
from typing import Any

import pytest
from engine_driving import ask, until
from summarising_model import SummarisingModel, tokens_of

from tui_sessions import AgentConfig, ChatNotFound, ContextUse, ProviderError, SessionManager
from tui_sessions.engine.turn.context_windows import ContextWindows
from tui_sessions.providers.registry import ProviderRegistry


@pytest.fixture
def model() -> SummarisingModel:
    return SummarisingModel(10_000)


async def test_nothing_said_takes_nothing(chatting: SessionManager) -> None:
    session = await chatting.create_session()
    assert await chatting.context(session.id) == ContextUse(tokens=0, estimated=False)
    await chatting.create_chat(session.id)
    use = await chatting.context(session.id)
    assert (use.tokens, use.estimated, use.window, use.share) == (0, False, 10_000, 0.0)
    with pytest.raises(ChatNotFound):
        await chatting.context(session.id, "nobody")


async def test_what_the_provider_counted_is_what_is_told(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session = await chatting.create_session()
    await ask(chatting, session.id, "one")
    await ask(chatting, session.id, "two")
    usage = (await chatting.history(session.id))[-1].usage
    assert usage is not None
    use = await chatting.context(session.id)
    assert (use.tokens, use.estimated) == (usage.total_tokens, False)
    assert use.share == usage.total_tokens / 10_000
    await chatting.add_message(session.id, "x" * 400)
    more = await chatting.context(session.id)
    assert (more.tokens, more.estimated) == (usage.total_tokens + 104, True)


async def test_what_was_never_counted_is_estimated_with_the_system_prompt_and_tools(
    open_manager: Any,
) -> None:
    def lookup(word: str) -> str:
        "Looks a word up."
        return word

    async with open_manager() as manager:
        manager.tools.register(lookup)
        session = await manager.create_session()
        bare = AgentConfig(system_prompt="y" * 400)
        chat = await manager.create_chat(session.id, agent=bare)
        armed = await manager.create_chat(
            session.id, agent=AgentConfig(system_prompt="y" * 400, tools=("lookup", "nobody"))
        )
        for one in (chat, armed):
            await manager.add_message(session.id, "x" * 400, chat_id=one.id)
        use = await manager.context(session.id, chat.id)
        assert (use.tokens, use.estimated, use.window, use.share) == (204, True, None, None)
        assert (await manager.context(session.id, armed.id)).tokens > 210


async def test_after_a_summary_only_what_is_sent_counts(
    chatting: SessionManager, model: SummarisingModel
) -> None:
    session = await chatting.create_session()
    for _ in range(3):
        await ask(chatting, session.id, "word " * 200)
    before = await chatting.context(session.id)
    await chatting.checkpoint(session.id)
    after = await chatting.context(session.id)
    assert after.estimated
    assert after.tokens < before.tokens / 2
    await ask(chatting, session.id, "next")
    assert abs((await chatting.context(session.id)).tokens - tokens_of(model.requests[-1])) < 10


async def test_estimates_learn_from_what_was_counted(
    chatting: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("summarising_model.tokens_of", lambda request: 3 * tokens_of(request))
    session = await chatting.create_session()
    await ask(chatting, session.id, "word " * 400)
    await chatting.checkpoint(session.id)
    await chatting.add_message(session.id, "x" * 4000)
    use = await chatting.context(session.id)
    assert use.tokens > 2900


class Slow:
    """Tells its window once it is let."""

    name = "offline"

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.asked = 0
        self.answer: Any = 5000

    async def context_window(self, model: str | None) -> int | None:
        self.asked += 1
        await self.let.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[no-any-return]


def windows_of(provider: Any) -> ContextWindows:
    registry = ProviderRegistry()
    registry.register("offline", lambda: provider)
    return ContextWindows(registry)


async def test_a_window_is_asked_for_once_and_never_waited_for_long() -> None:
    slow = Slow()
    windows = windows_of(slow)
    assert await windows.window("offline", "m", 0.01) is None
    assert await windows.window("offline", "m") is None
    slow.let.set()
    assert await windows.window("offline", "m", 60) == 5000
    assert await windows.window("offline", "m") == 5000
    assert slow.asked == 1
    assert await windows.window("offline", "other", 60) == 5000
    assert slow.asked == 2
    await windows.close()


@pytest.mark.parametrize("answer", [ProviderError("No."), RuntimeError("boom"), None, 0, -1, "x"])
async def test_a_window_that_nobody_tells_is_none_and_not_asked_for_again_at_once(
    answer: Any,
) -> None:
    slow = Slow()
    slow.answer = answer
    slow.let.set()
    windows = windows_of(slow)
    assert await windows.window("offline", "m", 60) is None
    assert await windows.window("offline", "m", 60) is None
    assert slow.asked == 1
    assert await windows.window("nobody", None, 60) is None
    assert await windows.window("scripted", None, 60) is None


async def test_closing_ends_what_is_being_asked() -> None:
    slow = Slow()
    windows = windows_of(slow)
    asking = asyncio.ensure_future(windows.window("offline", "m", 60))
    await until(lambda: slow.asked == 1)
    await windows.close()
    assert await asking is None
    await windows.close()

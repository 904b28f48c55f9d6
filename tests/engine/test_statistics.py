"""What can be counted, and that response times are really measured."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from engine_driving import ask, document_path, odd

from tui_sessions import (
    Finished,
    Message,
    ReplyRequest,
    SessionManager,
    Tally,
    TextDelta,
    Usage,
)
from tui_sessions.model.clock import now, stopped_at


async def test_an_empty_store_counts_nothing(manager: SessionManager) -> None:
    stats = await manager.system_stats()
    assert (stats.sessions, stats.users, stats.chats, stats.messages) == (0, 0, 0, 0)
    assert (stats.average_chats_per_session, stats.oldest, stats.newest) == (0.0, None, None)
    assert stats.activity_by_day == {}
    assert (await manager.user_report("nobody")).usage == Usage()


async def test_a_session_of_the_future_has_been_up_for_no_time(manager: SessionManager) -> None:
    with stopped_at(now() + timedelta(days=1)):
        session = await manager.create_session()
    assert (await manager.stats(session.id)).uptime_s == 0


async def test_a_session_is_counted_chat_by_chat(open_manager: Any) -> None:
    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        await asyncio.sleep(0.02)
        yield TextDelta("Hi")
        yield Finished(usage=Usage(input_tokens=2, output_tokens=1, cost_usd=0.25))

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        one = await manager.create_chat(session.id)
        await manager.create_chat(session.id)
        await ask(manager, session.id, "Hello")
        await ask(manager, session.id, "More")
        stats = await manager.stats(session.id)
        first, second = stats.by_chat
        assert (first.chat_id, first.messages, first.turns) == (one.id, 4, 2)
        assert first.usage == Usage(input_tokens=4, output_tokens=2, cost_usd=0.5)
        assert first.average_response_s is not None
        assert 0.019 <= first.average_response_s < 2
        assert first.last_activity == (await manager.history(session.id))[-1].created_at
        assert (second.messages, second.average_response_s, second.last_activity) == (0, None, None)
        assert (stats.chats, stats.messages, stats.active, stats.paused) == (2, 4, True, False)
        assert stats.usage == first.usage
        assert stats.uptime_s >= 0
        await manager.pause(session.id)
        stats = await manager.stats(session.id)
        assert (stats.active, stats.paused) == (False, True)


async def test_a_reply_without_a_delay_is_measured_too(manager: SessionManager) -> None:
    session = await manager.create_session()
    await ask(manager, session.id, "Hello")
    assert (await manager.stats(session.id)).by_chat[0].average_response_s is not None


async def test_users_and_the_whole_are_counted(manager: SessionManager, tmp_path: Any) -> None:
    for user in ("ana", "ana", "bob"):
        session = await manager.create_session(user_id=user)
        await ask(manager, session.id, "Hello")
    broken = await manager.create_session(user_id="bob")
    stats = await manager.system_stats()
    assert (stats.sessions, stats.users, stats.chats, stats.messages) == (4, 2, 3, 6)
    assert (stats.active_sessions, stats.average_chats_per_session) == (3, 0.75)
    assert sum(stats.activity_by_day.values()) == 4
    assert stats.oldest is not None
    assert stats.newest is not None
    assert stats.oldest <= stats.newest
    report = await manager.user_report("bob")
    assert (report.user_id, report.sessions, report.by_state) == (
        "bob", 2, {"active": 1, "created": 1},
    )  # fmt: skip
    assert report.usage.output_tokens > 0
    assert (await manager.user_report()).sessions == 2
    document_path(tmp_path, broken.id).write_text("{")
    assert (await manager.user_report("bob")).sessions == 1


@pytest.mark.parametrize("count", [0, 3])
async def test_prompts_are_turns_and_hidden_messages_are_not(
    manager: SessionManager, count: int
) -> None:
    session = await manager.create_session()
    await manager.create_chat(session.id)
    await manager.add_message(session.id, "context", hidden=True)
    for _ in range(count):
        await manager.add_message(session.id, "Hello")
    assert (await manager.stats(session.id)).by_chat[0].turns == count


async def test_what_nobody_told_is_counted_as_unknown(open_manager: Any) -> None:
    known = Usage(input_tokens=2, output_tokens=1, cost_usd=0.25)
    replies = iter([known, Usage(input_tokens=3), None])

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        yield TextDelta("Hi")
        yield Finished(usage=next(replies))

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        for _ in range(3):
            await ask(manager, session.id, "Hello")
        counted = (await manager.stats(session.id)).by_chat[0]
        assert counted.tally == Tally(
            replies=3,
            unmeasured=1,
            unpriced=2,
            usage=Usage(input_tokens=5, output_tokens=1, cost_usd=0.25),
        )
        assert counted.last_turn == Tally(replies=1, unmeasured=1, unpriced=1)
        assert (await manager.stats(session.id)).tally == counted.tally
        assert (await manager.user_report()).tally == counted.tally


async def test_use_is_told_by_user_workspace_and_model(manager: SessionManager) -> None:
    for user, workspace, model in (("ana", "dev", "big"), ("bob", "dev", "small")):
        session = await manager.create_session(user_id=user, workspace=workspace)
        chat = await manager.create_chat(session.id)
        usage = Usage(input_tokens=1, cost_usd=0.5)
        reply = Message(id="r", role="assistant", model=model, usage=usage)
        await manager.replace_history(session.id, chat.id, [reply])
        await manager.fork(session.id)
    report = await manager.usage_report()
    assert report.total.replies == 2
    assert report.total.usage.cost_usd == 1.0
    assert {user: one.replies for user, one in report.by_user.items()} == {"ana": 1, "bob": 1}
    assert report.by_workspace == {"dev": report.total}
    assert set(report.by_model) == {"big", "small"}
    assert (await manager.usage_report("ana")).total == report.by_user["ana"]
    assert (await manager.workspace("other").usage_report()).total == Tally()

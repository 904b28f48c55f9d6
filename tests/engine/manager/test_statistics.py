"""What can be counted, and that response times are really measured."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from engine_driving import ask, conversation, document_path, odd

from tui_sessions import (
    Finished,
    Message,
    ReplyRequest,
    SessionManager,
    Tally,
    TextDelta,
    Usage,
    UsageSoFar,
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


async def priced(request: ReplyRequest) -> AsyncIterator[Any]:
    yield TextDelta("Hi")
    yield Finished(usage=Usage(input_tokens=2, output_tokens=1, cost_usd=0.25), model="m")


def one_reply(count: int) -> Tally:
    usage = Usage(input_tokens=2 * count, output_tokens=count, cost_usd=0.25 * count)
    return Tally(replies=count, usage=usage)


async def all_totals(manager: SessionManager, session_id: str) -> list[Tally]:
    stats = await manager.stats(session_id)
    report = await manager.usage_report()
    assert report.by_model == {"m": report.total}
    return [stats.tally, (await manager.user_report()).tally, report.total]


async def test_what_an_answer_used_stays_counted_when_it_is_gone(open_manager: Any) -> None:
    async with open_manager(providers=odd(priced)) as manager:
        session = await manager.create_session()
        await ask(manager, session.id, "Hello")
        before = await manager.history(session.id)
        async for _ in manager.regenerate(session.id):
            pass
        assert await all_totals(manager, session.id) == [one_reply(2)] * 3
        [chat] = (await manager.stats(session.id)).by_chat
        assert (chat.tally, chat.elsewhere) == (one_reply(2), one_reply(1))
        assert chat.usage == one_reply(2).usage
        new = (await manager.history(session.id))[-1]
        await manager.replace_history(session.id, chat.chat_id, before)  # undone
        assert await all_totals(manager, session.id) == [one_reply(2)] * 3
        await manager.delete_message(session.id, before[-1].id)
        await manager.add_message(session.id, new)
        assert (await manager.stats(session.id)).elsewhere == one_reply(2)
        await manager.clear_history(session.id)
        assert await all_totals(manager, session.id) == [one_reply(3)] * 3


async def test_a_deleted_chat_stays_counted_once(open_manager: Any) -> None:
    async with open_manager(providers=odd(priced)) as manager:
        session = await manager.create_session()
        await ask(manager, session.id, "Hello")
        [chat] = (await manager.get_session(session.id)).chats
        data = await manager.chat_json(session.id, chat.id)
        await manager.delete_chat(session.id, chat.id)
        assert await all_totals(manager, session.id) == [one_reply(1)] * 3
        assert (await manager.stats(session.id)).elsewhere == one_reply(1)
        await manager.restore_chat(session.id, data)
        assert await all_totals(manager, session.id) == [one_reply(1)] * 3
        assert (await manager.stats(session.id)).elsewhere == Tally()


async def test_a_fork_counts_none_of_what_its_parent_took_away(open_manager: Any) -> None:
    async with open_manager(providers=odd(priced)) as manager:
        parent = await manager.create_session()
        await ask(manager, parent.id, "Hello")
        async for _ in manager.regenerate(parent.id):
            pass
        child = await manager.fork(parent.id)
        assert (await manager.stats(child.id)).tally == Tally()
        await manager.delete_message(child.id, (await manager.history(child.id))[-1].id)
        assert (await manager.stats(child.id)).tally == Tally()
        assert (await manager.usage_report()).total == one_reply(2)


async def answered(manager: SessionManager, folder: Path) -> tuple[str, Path]:
    """A session with one reply: its id and its file."""
    session_id = await conversation(manager, "Hello")
    await manager.close(session_id)
    return session_id, document_path(folder, session_id)


async def test_a_file_with_an_odd_note_of_what_is_gone_counts_the_rest(
    manager: SessionManager, tmp_path: Any
) -> None:
    session_id, path = await answered(manager, tmp_path)
    data = json.loads(path.read_text())
    data["spent_elsewhere"] = {"m": "lots"}
    data["chats"][0]["spent_elsewhere"] = [1]
    path.write_text(json.dumps(data))
    stats = await manager.stats(session_id)
    assert (stats.tally.replies, stats.elsewhere) == (1, Tally())


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (Usage(input_tokens=-5), None),
        (Usage(input_tokens=10**30), None),
        (Usage(input_tokens=float("nan")), None),  # type: ignore[arg-type]
        (Usage(output_tokens="many"), None),  # type: ignore[arg-type]
        (Usage(input_tokens=5, cost_usd=float("nan")), Usage(input_tokens=5)),
        (Usage(input_tokens=5, cost_usd=float("inf")), Usage(input_tokens=5)),
        (Usage(input_tokens=5, cost_usd=-1.0), Usage(input_tokens=5)),
    ],
)
async def test_use_that_cannot_be_true_is_not_known(
    open_manager: Any, tmp_path: Any, told: Usage, kept: Usage | None
) -> None:
    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        yield TextDelta("Hi")
        yield UsageSoFar(told)
        yield Finished(usage=told)

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        assert (await ask(manager, session.id, "Hello")).name == "reply_done"
        added = Message(id="a", role="assistant", usage=told, elapsed_s=float("nan"))
        await manager.add_message(session.id, added)
        await manager.close(session.id)
        assert (await manager.stats(session.id)).tally.usage in (
            Usage(),
            (kept or Usage()) + (kept or Usage()),
        )
    text = document_path(tmp_path, session.id).read_text()
    for message in json.loads(text, parse_constant=pytest.fail)["chats"][0]["messages"][1:]:
        assert message.get("usage", {}).get("input_tokens") == (kept.input_tokens if kept else None)
    assert "NaN" not in text


async def test_a_file_with_use_that_cannot_be_true_opens_without_it(
    manager: SessionManager, tmp_path: Any
) -> None:
    session_id, path = await answered(manager, tmp_path)
    data = json.loads(path.read_text())
    reply = data["chats"][0]["messages"][1]
    reply |= {"usage": {"input_tokens": -7, "cost_usd": 1}, "elapsed_s": -1.5}
    path.write_text(json.dumps(data))
    [_, read] = await manager.history(session_id)
    assert (read.usage, read.elapsed_s, bool(read.text)) == (None, None, True)

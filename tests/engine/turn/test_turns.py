"""Turns: what is saved and told when, and what goes on meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from engine_driving import ask, begun, odd, texts, until

from tui_sessions import (
    Finished,
    Message,
    ReplyDelta,
    ReplyDone,
    ReplyRequest,
    ReplyStarted,
    ScriptedProvider,
    SessionBusy,
    SessionManager,
    TextDelta,
    TextPart,
    Usage,
    open_sessions,
)
from tui_sessions.engine.turn import reply_reader
from tui_sessions.errors import InvalidValue, SessionStateError


async def test_the_question_is_on_disk_before_the_provider_is_called(
    open_manager: Any, tmp_path: Path
) -> None:
    seen: list[str] = []

    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        async with open_sessions(f"file://{tmp_path}") as other:
            [session] = await other.list_sessions()
            seen.extend(texts(await other.history(session.id)))
        yield TextDelta("Hi")
        yield Finished()

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        assert isinstance(await ask(manager, session.id, "Hello"), ReplyDone)
    assert seen == ["Hello"]


async def test_the_reply_is_on_disk_when_it_is_announced_done(
    scripted: SessionManager, provider: ScriptedProvider, tmp_path: Path
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    async with open_sessions(f"file://{tmp_path}") as other:
        stored = [
            texts(await other.history(session.id))
            async for event in scripted.send(session.id, "Hello")
            if isinstance(event, ReplyDone)
        ]
    assert stored == [["Hello", "Hello"]]


async def test_a_turn_tells_its_start_its_growth_and_its_end(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    events = [event async for event in scripted.send(session.id, "Hi there")]
    assert [e.name for e in events] == ["reply_started", "reply_delta", "reply_delta", "reply_done"]
    start, first, second, done = events
    assert isinstance(start, ReplyStarted)
    assert start.prompt is not None
    assert start.prompt.text == "Hi there"
    assert isinstance(first, ReplyDelta)
    assert isinstance(second, ReplyDelta)
    assert (first.offset, second.offset) == (0, 3)
    assert isinstance(done, ReplyDone)
    assert (done.message.text, done.message.status) == ("Hello", "complete")
    assert done.message.elapsed_s is not None
    assert {e.message_id for e in events} == {done.message.id}


async def test_one_turn_at_a_time_in_a_chat_and_its_end_frees_it(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    turn = await begun(scripted, session.id)
    for second in (scripted.send(session.id, "x"), scripted.regenerate(session.id)):
        with pytest.raises(SessionBusy):
            await anext(second)
    message = (await scripted.history(session.id))[0]
    for change in (
        scripted.clear_history(session.id),
        scripted.edit_message(session.id, message.id, "y"),
        scripted.delete_message(session.id, message.id),
        scripted.replace_history(session.id, turn.events[0].chat_id, []),
    ):
        with pytest.raises(SessionBusy):
            await change
    await scripted.stop(session.id)
    await turn.end()
    assert isinstance(await ask(scripted, session.id, "again"), ReplyDone)


async def test_of_many_questions_at_once_one_is_answered(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    results = await asyncio.gather(
        *(ask(scripted, session.id, f"q{i}") for i in range(6)), return_exceptions=True
    )
    assert sum(isinstance(result, ReplyDone) for result in results) == 1
    assert sum(isinstance(result, SessionBusy) for result in results) == 5
    assert len((await scripted.get_session(session.id)).chats) == 1
    assert len(await scripted.history(session.id)) == 2


async def test_a_reply_ends_in_the_chat_it_began_in_whatever_happens_meanwhile(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    first = await scripted.create_chat(session.id)
    second = await scripted.create_chat(session.id)
    turn = await begun(scripted, session.id)
    await scripted.switch_chat(session.id, second.id)
    await scripted.rename(session.id, "Renamed")
    fork = await scripted.fork(session.id)
    await scripted.rename_chat(session.id, first.id, "Still me")
    await scripted.move(session.id, "elsewhere")
    await scripted.pause(session.id)
    provider.open("go")
    end = await turn.end()
    assert end.chat_id == first.id
    assert end.workspace_id == "elsewhere"
    assert texts(await scripted.history(session.id, first.id)) == ["Hello", "Hello"]
    assert await scripted.history(session.id, second.id) == []
    assert texts(await scripted.history(fork.id, first.id)) == ["Hello"]
    after = await scripted.get_session(session.id)
    assert (after.state, after.label, after.active_chat_id) == ("paused", "Renamed", second.id)


async def test_thinking_and_tool_calls_are_kept_in_their_order(open_manager: Any) -> None:
    script = [
        {"thinking": "Hm"},
        {"thinking": "m"},
        "Let me ",
        "look",
        {"tool_call": {"name": "ls", "arguments": {"path": "."}, "id": "t1"}},
        "done",
        {"usage": {"input_tokens": 3}},
    ]
    async with open_manager() as manager:
        manager.providers.register("scripted", lambda: ScriptedProvider([script]))
        session = await manager.create_session()
        chat = await manager.create_chat(session.id, overrides={"provider": "scripted"})
        end = await ask(manager, session.id, "Hello", chat_id=chat.id)
        assert isinstance(end, ReplyDone)
        kinds = [type(part).__name__ for part in end.message.content]
        assert kinds == ["ThinkingPart", "TextPart", "ToolCallPart", "TextPart"]
        assert end.message.usage == Usage(input_tokens=3)
        assert (await manager.history(session.id))[1] == end.message


async def test_leaving_the_loop_or_being_cancelled_does_not_stop_the_reply(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    turn = await begun(scripted, session.id)
    await turn.leave()
    assert len(scripted.running()) == 1
    provider.open("go")
    await until(lambda: not scripted.running())
    assert texts(await scripted.history(session.id)) == ["Hello", "Hello"]


async def test_a_live_reply_can_be_looked_at(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session()
    turn = await begun(scripted, session.id)
    [(session_id, chat_id)] = scripted.running()
    live = scripted.live_reply(session_id, chat_id)
    assert live is not None
    assert (live.text, live.status) == ("Hel", "partial")
    provider.open("go")
    await turn.end()
    assert scripted.live_reply(session_id, chat_id) is None


async def test_an_arriving_reply_is_on_disk_as_partial(
    scripted: SessionManager, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_reader, "SAVE_EVERY_S", 0.001)
    saved = asyncio.Event()
    scripted.on("saved", lambda event: event.session.message_count == 2 and saved.set())
    session = await scripted.create_session()
    turn = await begun(scripted, session.id)
    await saved.wait()
    reply = (await scripted.history(session.id))[1]
    assert (reply.text, reply.status) == ("Hel", "partial")
    provider.open("go")
    await turn.end()
    reply = (await scripted.history(session.id))[1]
    assert (reply.text, reply.status) == ("Hello", "complete")


async def test_a_reply_on_its_way_does_not_move_its_session_up_with_every_save(
    scripted: SessionManager, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_reader, "SAVE_EVERY_S", 0.001)
    saved = asyncio.Event()
    scripted.on("saved", lambda event: event.session.message_count == 2 and saved.set())
    one, two = await scripted.create_session(), await scripted.create_session()
    turn = await begun(scripted, one.id)
    await scripted.touch(two.id)
    await saved.wait()
    assert (await scripted.history(one.id))[1].text == "Hel"
    assert [session.id for session in await scripted.list_sessions()] == [two.id, one.id]
    provider.open("go")
    await turn.end()
    assert [session.id for session in await scripted.list_sessions()] == [one.id, two.id]


async def test_an_agent_sees_its_own_chat_only_and_not_what_failed(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    one = await scripted.create_chat(session.id)
    two = await scripted.create_chat(session.id)
    await ask(scripted, session.id, "secret of one", chat_id=one.id)
    await scripted.add_message(
        session.id,
        Message(id="f", role="assistant", content=(TextPart("broken"),), status="failed"),
        chat_id=two.id,
    )
    await ask(scripted, session.id, "question of two", chat_id=two.id)
    assert texts(list(provider.requests[-1].messages)) == ["question of two"]


async def test_max_messages_limits_what_is_sent_and_erases_nothing(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    provider.open("go")
    session = await scripted.create_session()
    chat = await scripted.create_chat(session.id, max_messages=4)
    await scripted.add_message(session.id, "Rules", role="system")
    for number in range(4):
        await ask(scripted, session.id, f"q{number}")
    sent = texts(list(provider.requests[-1].messages))
    assert (sent[0], sent[-1], len(sent)) == ("Rules", "q3", 4)
    assert len(await scripted.history(session.id, chat.id)) == 9
    await scripted.update_chat(session.id, chat.id, max_messages=1)
    await ask(scripted, session.id, "q4")
    assert texts(list(provider.requests[-1].messages)) == ["Rules", "q4"]


async def test_eight_chats_side_by_side_do_not_mix(open_manager: Any) -> None:
    async def play(request: ReplyRequest) -> AsyncIterator[Any]:
        question = request.messages[-1].text
        for number in range(20):
            await asyncio.sleep(0)
            yield TextDelta(f"{question}-{number} ")
        yield Finished()

    async with open_manager(providers=odd(play)) as manager:
        session = await manager.create_session()
        chats = [await manager.create_chat(session.id) for _ in range(8)]
        for turn in range(3):
            await asyncio.gather(
                *(ask(manager, session.id, f"{chat.id}:{turn}", chat_id=chat.id) for chat in chats)
            )
        for chat in chats:
            history = await manager.history(session.id, chat.id)
            assert len(history) == 6
            assert all(
                word.startswith(chat.id) for message in history for word in message.text.split()
            )


async def test_usage_of_every_turn_adds_up(open_manager: Any) -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3, "cache_write_tokens": 4}
    registry = odd(ScriptedProvider([["Hi", {"usage": usage}]]).stream)
    async with open_manager(providers=registry) as manager:
        session = await manager.create_session()
        for _ in range(3):
            await ask(manager, session.id, "Hello")
        stats = await manager.stats(session.id)
        assert stats.usage == Usage(
            input_tokens=3, output_tokens=6, cache_read_tokens=9, cache_write_tokens=12
        )


@pytest.mark.parametrize("content", ["", "  \n", [], [TextPart(" ")], 5, None, [5], {"a": 1}])
async def test_a_message_that_says_nothing_is_refused(
    manager: SessionManager, content: Any
) -> None:
    session = await manager.create_session()
    with pytest.raises(InvalidValue):
        await ask(manager, session.id, content)
    with pytest.raises(InvalidValue):
        await manager.add_message(session.id, content)
    assert (await manager.get_session(session.id)).chats == ()


async def test_a_paused_archived_or_expired_session_is_not_answered(
    manager: SessionManager,
) -> None:
    for operation in ("pause", "archive", "expire"):
        session = await manager.create_session()
        await getattr(manager, operation)(session.id)
        with pytest.raises(SessionStateError) as caught:
            await ask(manager, session.id, "Hello")
        assert (caught.value.session_id, caught.value.operation) == (session.id, "send")
        assert await manager.history(session.id) == []

"""Chats that another process is answering in: what is refused meanwhile, and what becomes of it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from answering_elsewhere import QUICK, SLOW, Start, partial, slow_session
from engine_driving import Watched, ask, texts
from msgspec.structs import replace

from tui_sessions import (
    AgentConfig,
    MemoryStore,
    Message,
    MessageNotFound,
    ReplyDone,
    SessionBusy,
    SessionManager,
    StoreError,
    TextPart,
    open_sessions,
)
from tui_sessions.stores.file import FileStore


async def test_a_chat_that_is_answered_elsewhere_takes_no_question_and_says_why(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    chat_id = (await manager.get_session(session_id)).active_chat_id
    await elsewhere(session_id)
    assert await manager.running_elsewhere() == [(session_id, chat_id)]
    assert manager.running() == []
    await partial(manager, session_id)
    before = texts(await manager.history(session_id))
    for turn in (
        manager.send(session_id, "Me too"),
        manager.regenerate(session_id),
        manager.continue_reply(session_id),
    ):
        with pytest.raises(SessionBusy, match="in another window") as refused:
            [event async for event in turn]
        assert refused.value.elsewhere
    with pytest.raises(SessionBusy):
        await manager.checkpoint(session_id)
    assert texts(await manager.history(session_id)) == before


async def test_what_a_turn_elsewhere_works_on_is_not_changed_under_it(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    chat = (await manager.get_session(session_id)).active_chat_id or ""
    history = await manager.history(session_id)
    await elsewhere(session_id)
    for change in (
        manager.edit_message(session_id, history[0].id, "Other"),
        manager.delete_message(session_id, history[0].id),
        manager.clear_history(session_id),
        manager.replace_history(session_id, chat, []),
    ):
        with pytest.raises(SessionBusy):
            await change
    assert (await manager.history(session_id))[:2] == history


async def test_other_chats_of_the_session_answer_meanwhile(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    await elsewhere(session_id)
    other = await manager.create_chat(session_id)
    assert isinstance(await ask(manager, session_id, "Hello", chat_id=other.id), ReplyDone)


async def test_a_chat_is_free_at_once_when_the_process_that_answers_is_killed(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    process = await elsewhere(session_id)
    reply = await partial(manager, session_id)
    process.signal(signal.SIGKILL)
    await process.end()
    assert await manager.running_elsewhere() == []
    [*_, end] = [event async for event in manager.continue_reply(session_id)]
    assert isinstance(end, ReplyDone)
    assert (end.message.id, end.message.text) == (reply, "Once upon a time.")


async def test_a_process_that_is_suspended_still_has_its_chat(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    process = await elsewhere(session_id)
    process.signal(signal.SIGSTOP)
    with pytest.raises(SessionBusy):
        await ask(manager, session_id, "Hello")
    process.signal(signal.SIGKILL)
    await process.end()
    assert isinstance(await ask(manager, session_id, "Hello"), ReplyDone)


async def test_a_fork_leaves_out_the_reply_that_is_on_its_way_elsewhere(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    await elsewhere(session_id)
    reply = await partial(manager, session_id)
    child = await manager.fork(session_id)
    assert texts(await manager.history(child.id)) == ["First", "Quick.", "Tell me"]
    with pytest.raises(MessageNotFound):
        await manager.fork(session_id, at=reply)
    assert isinstance(await ask(manager, child.id, "Go on"), ReplyDone)


async def test_a_fork_takes_a_reply_whole_that_ends_elsewhere_while_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path.as_uri()
    async with open_sessions(place) as one, open_sessions(place) as other:
        session = await one.create_session()
        half = Message(
            id="m1", role="assistant", status="partial", content=(TextPart("Once upon"),)
        )
        await other.add_message(session.id, half)
        whole = replace(half, status="complete", content=(TextPart("Once upon a time."),))
        look = FileStore.claimed_turns

        async def look_too_late(store: FileStore) -> list[tuple[str, str]]:
            await other.add_message(session.id, whole)
            return await look(store)

        monkeypatch.setattr(FileStore, "claimed_turns", look_too_late)
        child = await one.fork(session.id)
        [last] = await one.history(child.id)
        assert (last.status, last.text) == ("complete", "Once upon a time.")


async def test_a_session_that_is_renamed_and_moved_elsewhere_gets_its_reply(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager, ["Once ", {"delay_s": 1.2}, "upon a time."])
    process = await elsewhere(session_id)
    await manager.rename(session_id, "New name")
    await manager.move(session_id, "other")
    await process.until("complete Once upon a time.")
    await process.end()
    session = await manager.get_session(session_id)
    assert (session.label, session.workspace_id) == ("New name", "other")
    assert (await manager.history(session_id))[-1].status == "complete"
    assert isinstance(await ask(manager, session_id, "And then?"), ReplyDone)


async def test_a_sub_agent_that_answers_elsewhere_is_running(
    manager: SessionManager, elsewhere: Start
) -> None:
    parent = await slow_session(manager)
    agent = AgentConfig(provider="scripted", parameters={"script": [SLOW]})
    child = await manager.spawn_child(parent, agent=agent)
    process = await elsewhere(child.id)
    assert (await manager.child_status(child.id)).state == "running"
    process.signal(signal.SIGKILL)
    await process.end()
    assert (await manager.child_status(child.id)).state == "failed"


async def test_of_two_that_send_at_once_one_is_answered(tmp_path: Path) -> None:
    place = tmp_path.as_uri()
    async with open_sessions(place) as one, open_sessions(place) as other:
        session_id = await slow_session(one)
        turns = [Watched(each.send(session_id, "Both")) for each in (one, other)]
        ends = await asyncio.gather(
            *(turn.until("reply_delta") for turn in turns), return_exceptions=True
        )
        assert sum(isinstance(end, SessionBusy) for end in ends) == 1
        assert texts(await one.history(session_id)).count("Both") == 1
        assert await one.stop(session_id) is True
        assert [t for t in texts(await other.history(session_id)) if t == "Both"] == ["Both"]
        await asyncio.gather(*(turn.end() for turn in turns), return_exceptions=True)


@pytest.mark.parametrize("attempt", range(6))
async def test_one_after_the_other_is_never_refused(tmp_path: Path, attempt: int) -> None:
    place = tmp_path.as_uri()
    async with open_sessions(place) as one, open_sessions(place) as other:
        session_id = await slow_session(one, QUICK)
        for number in range(4):
            for each in (one, other):
                assert isinstance(await ask(each, session_id, f"q{number}"), ReplyDone)
                last = (await each.history(session_id))[-1]
                await each.edit_message(session_id, last.id, "Edited.")
        assert len(await one.history(session_id)) == 18


async def test_a_workspace_hears_of_its_own_chats_only(
    manager: SessionManager, elsewhere: Start
) -> None:
    session_id = await slow_session(manager)
    home = (await manager.get_session(session_id)).workspace_id
    await elsewhere(session_id)
    assert len(await manager.workspace(home).running_elsewhere()) == 1
    assert await manager.workspace("another").running_elsewhere() == []


async def test_a_question_that_is_refused_for_another_reason_leaves_the_chat_free(
    tmp_path: Path,
) -> None:
    place = tmp_path.as_uri()
    async with open_sessions(place, limits={"messages_per_chat": 3}) as one:
        session_id = await slow_session(one)
        with pytest.raises(Exception, match="limit of 3"):
            await ask(one, session_id, "Too many")
    async with open_sessions(place) as one, open_sessions(place) as other:
        await one.pause(session_id)
        with pytest.raises(Exception, match="paused"):
            await ask(one, session_id, "Paused")
        await one.resume(session_id)
        assert await other.running_elsewhere() == []
        turn = Watched(other.send(session_id, "Now"))
        await turn.until("reply_delta")
        await other.stop(session_id)
        await turn.end()


async def test_a_chat_whose_question_could_not_be_saved_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui_sessions.stores.session_files import SessionFiles

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    place = tmp_path.as_uri()
    async with open_sessions(place) as one, open_sessions(place) as other:
        session_id = await slow_session(one, QUICK)
        with monkeypatch.context() as disk:
            disk.setattr(SessionFiles, "_append", full)
            with pytest.raises(StoreError):
                await ask(one, session_id, "Lost")
        while await other.running_elsewhere():
            await asyncio.sleep(0.002)
        assert isinstance(await ask(other, session_id, "Kept"), ReplyDone)


@pytest.mark.parametrize("delay", range(12))
async def test_a_question_cancelled_at_any_moment_leaves_the_chat_free_for_others(
    tmp_path: Path, delay: int
) -> None:
    place = tmp_path.as_uri()
    async with open_sessions(place) as one, open_sessions(place) as other:
        session_id = await slow_session(one, QUICK)
        turn = Watched(one.send(session_id, "Never mind"))
        for _ in range(delay):
            await asyncio.sleep(0)
        await turn.leave()
        while one.running() or await other.running_elsewhere():
            await asyncio.sleep(0.002)
        for each in (one, other):
            assert isinstance(await ask(each, session_id, "Hello"), ReplyDone)


@pytest.mark.parametrize("windows", [2, 4])
async def test_the_first_messages_of_a_session_from_several_programs_begin_one_chat(
    tmp_path: Path, windows: int
) -> None:
    async with AsyncExitStack() as opened:
        managers = [
            await opened.enter_async_context(open_sessions(tmp_path.as_uri()))
            for _ in range(windows)
        ]
        for _ in range(5):
            session = await managers[0].create_session()
            for each in managers:
                await each.history(session.id)
            asked = [
                ask(each, session.id, f"From {number}") for number, each in enumerate(managers)
            ]
            ends = await asyncio.gather(*asked, return_exceptions=True)
            assert {type(end) for end in ends} <= {ReplyDone, SessionBusy}
            taken = {f"From {n}" for n, end in enumerate(ends) if isinstance(end, ReplyDone)}
            [chat] = (await managers[-1].get_session(session.id)).chats
            history = await managers[-1].history(session.id)
            assert {m.text for m in history if m.role == "user"} == taken
            assert chat.message_count == 2 * len(taken) > 0


async def test_a_message_added_elsewhere_and_a_first_question_begin_one_chat(
    tmp_path: Path,
) -> None:
    place = tmp_path.as_uri()
    async with open_sessions(place) as one, open_sessions(place) as other:
        for _ in range(5):
            session = await one.create_session()
            await other.history(session.id)
            await asyncio.gather(
                ask(one, session.id, "Question"), other.add_message(session.id, "Note")
            )
            assert len((await one.get_session(session.id)).chats) == 1
            said = {m.text for m in await one.history(session.id) if m.role == "user"}
            assert said == {"Question", "Note"}


async def test_sessions_in_memory_have_nobody_elsewhere() -> None:
    async with open_sessions(MemoryStore()) as manager:
        session_id = await slow_session(manager, QUICK)
        assert await manager.running_elsewhere() == []
        assert await manager.stop(session_id) is False
        assert isinstance(await ask(manager, session_id, "Hello"), ReplyDone)

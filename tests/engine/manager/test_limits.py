"""Limits hold under parallel calls, and deleting frees the place."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from engine_driving import ask

from tui_sessions import (
    InvalidValue,
    Limits,
    Message,
    SessionLimitError,
    SessionManager,
    Settings,
    open_sessions,
)


async def outcomes(*calls: Any) -> tuple[int, list[SessionLimitError]]:
    """How many calls succeeded, and the errors of the others."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    errors = [result for result in results if isinstance(result, BaseException)]
    assert all(isinstance(error, SessionLimitError) for error in errors), errors
    return len(results) - len(errors), errors  # type: ignore[return-value]


async def test_sessions_in_all(open_manager: Any) -> None:
    async with open_manager(limits={"sessions": 3}) as manager:
        made, errors = await outcomes(
            *(manager.create_session(workspace=f"w{i}") for i in range(8))
        )
        assert (made, {e.name for e in errors}, {e.limit for e in errors}) == (3, {"sessions"}, {3})
        assert len(await manager.list_sessions()) == 3
        assert len(await manager.workspaces()) == 3
        first = (await manager.list_sessions())[0]
        await manager.delete(first.id)
        fork_of = (await manager.list_sessions())[0].id
        made, _ = await outcomes(*(manager.fork(fork_of) for _ in range(4)))
        assert made == 1


async def test_sessions_of_a_user(open_manager: Any) -> None:
    async with open_manager(limits={"sessions_per_user": 2}) as manager:
        made, errors = await outcomes(
            *(manager.create_session(user_id=user) for user in ("ana", "bob") for _ in range(5))
        )
        assert made == 4
        assert {e.name for e in errors} == {"sessions_per_user"}


async def test_active_sessions(open_manager: Any) -> None:
    async with open_manager(limits=Limits(active_sessions=2)) as manager:
        sessions = [await manager.create_session() for _ in range(6)]
        made, errors = await outcomes(
            *(manager.touch(s.id) for s in sessions[:3]),
            *(ask(manager, s.id, "Hello") for s in sessions[3:]),
        )
        assert made == 2
        assert {e.name for e in errors} == {"active_sessions"}
        assert len(await manager.list_sessions(state="active")) == 2
        [active, _] = await manager.list_sessions(state="active")
        [idle, *_] = await manager.list_sessions(state="created")
        await manager.pause(active.id)
        assert (await manager.touch(idle.id)).state == "active"


async def test_a_question_that_is_refused_leaves_nothing(open_manager: Any) -> None:
    async with open_manager(limits={"active_sessions": 1}) as manager:
        await manager.touch((await manager.create_session()).id)
        second = await manager.create_session()
        with pytest.raises(SessionLimitError):
            await ask(manager, second.id, "Hello")
        assert (await manager.get_session(second.id)).message_count == 0
        assert manager.running() == []


async def test_affinity_leaves_no_session_behind_at_the_limit(open_manager: Any) -> None:
    async with open_manager(limits={"active_sessions": 1}) as manager:
        await manager.touch((await manager.create_session(user_id="bob")).id)
        for _ in range(3):
            with pytest.raises(SessionLimitError):
                await manager.resolve_session(user_id="ana")
        assert await manager.list_sessions(user_id="ana") == []


async def test_chats_of_a_session(open_manager: Any) -> None:
    async with open_manager(limits={"chats_per_session": 2}) as manager:
        session = await manager.create_session()
        made, errors = await outcomes(*(manager.create_chat(session.id) for _ in range(5)))
        assert (made, errors[0].name) == (2, "chats_per_session")
        chat = (await manager.get_session(session.id)).chats[0]
        json = await manager.chat_json(session.id, chat.id)
        await manager.delete_chat(session.id, chat.id)
        await manager.create_chat(session.id)
        with pytest.raises(SessionLimitError):
            await manager.restore_chat(session.id, json)


async def test_messages_of_a_chat(open_manager: Any) -> None:
    async with open_manager(limits={"messages_per_chat": 5}) as manager:
        session = await manager.create_session()
        await manager.create_chat(session.id)
        made, errors = await outcomes(*(manager.add_message(session.id, f"m{i}") for i in range(9)))
        assert (made, errors[0].name) == (5, "messages_per_chat")
        first, *rest = await manager.history(session.id)
        await manager.add_message(session.id, first)
        await manager.delete_message(session.id, first.id)
        with pytest.raises(SessionLimitError):
            await ask(manager, session.id, "no room for the reply")
        assert [m.id for m in await manager.history(session.id)] == [m.id for m in rest]
        many = [Message.from_text("user", "x") for _ in range(6)]
        chat_id = (await manager.get_session(session.id)).chats[0].id
        with pytest.raises(SessionLimitError):
            await manager.replace_history(session.id, chat_id, many)
        assert [m.id for m in await manager.history(session.id)] == [m.id for m in rest]


async def test_a_deleted_session_comes_back_only_where_there_is_room(open_manager: Any) -> None:
    async with open_manager(limits={"sessions": 1}) as manager:
        one = await manager.create_session()
        await manager.delete(one.id)
        two = await manager.create_session()
        with pytest.raises(SessionLimitError):
            await manager.undelete(one.id)
        assert [s.id for s in await manager.list_sessions()] == [two.id]
        await manager.delete(two.id)
        assert (await manager.undelete(one.id)).id == one.id


async def test_parallel_first_messages_make_one_chat(manager: SessionManager) -> None:
    session = await manager.create_session()
    await asyncio.gather(*(manager.add_message(session.id, f"m{i}") for i in range(6)))
    after = await manager.get_session(session.id)
    assert (len(after.chats), after.message_count) == (1, 6)


@pytest.mark.parametrize(
    "limits", [{"nonsense": 1}, {"sessions": -1}, {"sessions": "1"}, Limits(sessions=-1), 5, "five"]
)
async def test_limits_that_cannot_be_meant_are_refused(limits: Any) -> None:
    with pytest.raises(InvalidValue):
        async with open_sessions("memory:", limits=limits):
            pass


async def test_limits_hold_for_what_is_not_saved_yet(tmp_path: Any) -> None:
    settings = Settings(autosave=False, limits=Limits(active_sessions=1))
    async with open_sessions(f"file://{tmp_path}", settings=settings) as manager:
        sessions = [await manager.create_session() for _ in range(3)]
        made, _ = await outcomes(*(manager.touch(s.id) for s in sessions))
        assert made == 1


async def test_sessions_are_counted_under_a_lock_between_processes(tmp_path: Path) -> None:
    """Two managers share nothing but the folder, as two processes do."""
    store = (tmp_path / "data").as_uri()
    limits = Limits(sessions=3, sessions_per_user=3)
    async with (
        open_sessions(store, limits=limits) as one,
        open_sessions(store, limits=limits) as two,
    ):
        made, errors = await outcomes(*(m.create_session() for _ in range(4) for m in (one, two)))
        assert (made, len(errors)) == (3, 5)
        assert len(await one.list_sessions()) == 3
        gone = (await two.list_sessions())[0]
        await two.delete(gone.id)
        made, _ = await outcomes(one.create_session(), two.undelete(gone.id))
        assert made == 1
    assert not [path for path in (tmp_path / "data").iterdir() if path.name.startswith(".")]


async def test_chats_are_counted_as_they_are_in_the_file(tmp_path: Path) -> None:
    store = (tmp_path / "data").as_uri()
    limits = Limits(chats_per_session=3)
    async with (
        open_sessions(store, limits=limits) as one,
        open_sessions(store, limits=limits) as two,
    ):
        for _ in range(5):
            session = await one.create_session()
            await two.get_session(session.id)
            made, errors = await outcomes(
                *(manager.create_chat(session.id) for _ in range(4) for manager in (one, two))
            )
            assert (made, len(errors)) == (3, 5)
            assert len((await two.get_session(session.id)).chats) == 3


async def test_active_sessions_are_counted_under_a_lock_between_processes(tmp_path: Path) -> None:
    store = (tmp_path / "data").as_uri()
    limits = Limits(active_sessions=2)
    async with (
        open_sessions(store, limits=limits) as one,
        open_sessions(store, limits=limits) as two,
    ):
        sessions = [await one.create_session() for _ in range(6)]
        touched = [m.touch(s.id) for s, m in zip(sessions[:4], (one, two) * 2, strict=True)]
        asked = [ask(m, s.id, "Hello") for s, m in zip(sessions[4:], (one, two), strict=True)]
        made, errors = await outcomes(*touched, *asked)
        assert (made, {error.name for error in errors}) == (2, {"active_sessions"})
        [active, other] = await two.list_sessions(state="active")
        await one.delete(active.id)
        idle = next(s for s in sessions if s.id not in (active.id, other.id))
        made, _ = await outcomes(two.touch(idle.id), one.undelete(active.id))
        assert made == 1
        assert len(await one.list_sessions(state="active")) == 2


async def test_imports_respect_the_limits_on_chats_and_active_sessions(open_manager: Any) -> None:
    async with open_manager() as manager:
        active = await manager.create_session(id="active")
        await manager.touch(active.id)
        many = await manager.create_session(id="many")
        for _ in range(3):
            await manager.create_chat(many.id)
        files = [await manager.export_session(each, "json") for each in ("active", "many")]
        await manager.purge("active")
        await manager.purge("many")
    limits = {"active_sessions": 1, "chats_per_session": 2}
    async with open_manager(limits=limits) as manager:
        other = await manager.create_session(id="other")
        await manager.touch(other.id)
        for file, name in zip(files, limits, strict=True):
            with pytest.raises(SessionLimitError) as caught:
                await manager.import_session(file)
            assert caught.value.name == name
        assert [session.id for session in await manager.list_sessions()] == ["other"]
        await manager.pause("other")
        assert (await manager.import_session(files[0])).state == "active"

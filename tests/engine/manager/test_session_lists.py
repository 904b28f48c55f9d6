"""Lists of sessions, and the latest one to go on with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from engine_driving import ask, document_path

from tui_sessions import InvalidValue, SessionManager, SessionNotFound, open_sessions
from tui_sessions.model.clock import now, stopped_at


async def test_sessions_of_a_list_and_of_a_change_belong_to_the_caller(
    manager: SessionManager,
) -> None:
    made = await manager.create_session(metadata={"list": [1]})
    await manager.create_chat(made.id, template="coder")
    before = await manager.list_sessions()
    renamed = await manager.rename(made.id, "Parser")
    [listed] = await manager.list_sessions()
    for session in (made, renamed, listed):
        session.metadata["list"].append(2)
        session.preferences["new"] = 1
        for chat in session.chats:
            chat.metadata["new"] = 1
            chat.agent.parameters["temperature"] = 2
    [after] = await manager.list_sessions()
    assert (after.metadata, after.preferences) == (before[0].metadata, before[0].preferences)
    assert after.chats == before[0].chats


async def test_sessions_made_within_one_moment_are_listed_newest_first() -> None:
    async with open_sessions("memory:") as manager:
        with stopped_at(now()):
            made = [(await manager.create_session()).id for _ in range(20)]
            assert [session.id for session in await manager.list_sessions()] == made[::-1]
            assert (await manager.load()).id == made[-1]


async def test_lists_fit_everything_asked_for(manager: SessionManager) -> None:
    one = await manager.create_session(user_id="bob", workspace="w1", tags=["x"], surface="tty:1")
    two = await manager.create_session(user_id="bob", workspace="w2")
    await manager.pause(two.id)
    child = await manager.fork(one.id)

    async def ids(**wanted: object) -> set[str]:
        return {s.id for s in await manager.list_sessions(**wanted)}  # type: ignore[arg-type]

    assert await ids(user_id="bob") == {one.id, two.id, child.id}
    assert await ids(user_id="bob", workspace="w1", tag="x", surface="tty:1") == {one.id}
    assert await ids(state="paused") == {two.id}
    assert await ids(state=["paused", "created"]) == {one.id, two.id, child.id}
    assert await ids(parent=one.id) == {child.id}
    assert await ids(active_since=child.last_active_at) == {child.id} | (
        {two.id} if two.last_active_at == child.last_active_at else set()
    ) | ({one.id} if one.last_active_at == child.last_active_at else set())
    assert await ids(active_since=datetime.now(UTC) + timedelta(days=1)) == set()


@pytest.mark.parametrize(
    "wanted",
    [
        {"state": "actve"},
        {"state": 5},
        {"limit": -1},
        {"limit": "5"},
        {"active_since": 5},
        {"user_id": 5},
        {"workspace": Path("dev")},
        {"surface": 5},
        {"tag": ["work"]},
        {"parent": {}},
    ],
)
async def test_a_list_that_cannot_be_meant_is_refused(
    manager: SessionManager, wanted: dict[str, object]
) -> None:
    with pytest.raises(InvalidValue):
        await manager.list_sessions(**wanted)  # type: ignore[arg-type]


async def test_half_a_character_finds_what_it_was_given_to(manager: SessionManager) -> None:
    half = "cut \ud83d"
    one = await manager.create_session(user_id=half, tags=[half], surface=half)
    for wanted in ({"user_id": half}, {"tag": half}, {"surface": half}):
        found = await manager.list_sessions(**wanted)  # type: ignore[arg-type]
        assert [session.id for session in found] == [one.id]
    assert (await manager.resolve_session(user_id=half, surface=half)).id == one.id
    assert (await manager.user_report(half)).sessions == 1
    assert await manager.list_sessions(workspace=half) == []
    assert await manager.list_sessions(parent=half) == []


async def test_the_limit_of_a_list_applies_after_sorting_and_many_sessions_are_found(
    manager: SessionManager,
) -> None:
    made = [await manager.create_session() for _ in range(60)]
    assert len(await manager.list_sessions()) == 60
    await manager.touch(made[0].id)
    assert [s.id for s in await manager.list_sessions(limit=1)] == [made[0].id]
    assert await manager.list_sessions(limit=0) == []
    assert len(await manager.list_sessions(limit=10**30)) == len(made)


async def test_touching_an_old_session_moves_it_to_the_front(manager: SessionManager) -> None:
    old = await manager.create_session()
    await manager.create_session()
    await ask(manager, old.id, "Hello")
    assert (await manager.list_sessions())[0].id == old.id


async def test_load_without_an_id_resumes_the_latest_that_can_go_on(
    manager: SessionManager,
) -> None:
    with pytest.raises(SessionNotFound):
        await manager.load()
    one = await manager.create_session()
    two = await manager.create_session()
    three = await manager.create_session()
    for session in (one, two, three):
        await manager.touch(session.id)
    await manager.archive(three.id)
    assert (await manager.load()).id == two.id
    assert (await manager.load(three.id)).id == three.id


async def test_load_without_an_id_never_resumes_an_agents_child(
    manager: SessionManager, tmp_path: Path
) -> None:
    mine = await manager.create_session()
    for kind in ("checkpoint", "spawn"):
        child = await manager.fork(mine.id)
        path = document_path(tmp_path, child.id)
        path.write_text(path.read_text().replace('"kind":"fork"', f'"kind":"{kind}"'))
        assert (await manager.get_session(child.id)).is_child
    assert (await manager.load()).id == mine.id

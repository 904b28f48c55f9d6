"""Which session a person meets again on a surface."""

import asyncio
from pathlib import Path

from engine_driving import ask

from tui_sessions import SessionManager, open_sessions


async def test_a_miss_creates_an_active_session_with_the_surface(manager: SessionManager) -> None:
    session = await manager.resolve_session(workspace="dev", surface="tty:1")
    assert (session.workspace_id, session.surfaces, session.state) == ("dev", ("tty:1",), "active")
    assert session.user_id == "ana"


async def test_called_again_and_at_once_it_is_the_same_session(manager: SessionManager) -> None:
    found = await asyncio.gather(*(manager.resolve_session(surface="tty:1") for _ in range(8)))
    assert len({session.id for session in found}) == 1
    assert len(await manager.list_sessions()) == 1


async def test_called_at_once_by_two_processes_it_is_the_same_session(tmp_path: Path) -> None:
    """Two managers share nothing but the folder, as two processes do."""
    store = (tmp_path / "data").as_uri()
    async with open_sessions(store) as one, open_sessions(store) as two:
        for surface in ("web:1", "web:2", "web:3"):
            found = await asyncio.gather(
                *(
                    manager.resolve_session(user_id=surface, surface=surface)
                    for manager in (one, two) * 3
                )
            )
            assert len({session.id for session in found}) == 1
        assert len(await one.list_sessions()) == 3
    assert not [path for path in (tmp_path / "data").iterdir() if path.name.startswith(".")]


async def test_two_surfaces_at_once_meet_in_one_session_that_has_both(
    manager: SessionManager,
) -> None:
    one, two = await asyncio.gather(
        manager.resolve_session(surface="tty:1"), manager.resolve_session(surface="web:2")
    )
    assert one.id == two.id
    assert (await manager.get_session(one.id)).surfaces == ("tty:1", "web:2")


async def test_the_surface_comes_before_the_latest_activity(manager: SessionManager) -> None:
    here = await manager.create_session(surface="tty:1")
    await manager.create_session(surface="tty:2")
    latest = await manager.create_session()
    await manager.touch(latest.id)
    assert (await manager.resolve_session(surface="tty:1")).id == here.id
    await manager.touch(latest.id)
    assert (await manager.resolve_session()).id == latest.id


async def test_of_sixty_candidates_the_newest_is_found(manager: SessionManager) -> None:
    sessions = [await manager.create_session() for _ in range(60)]
    for session in (sessions[7], sessions[31]):
        await ask(manager, session.id, "Hello")
    assert (await manager.resolve_session()).id == sessions[31].id


async def test_others_sessions_and_other_workspaces_are_never_met(manager: SessionManager) -> None:
    await manager.create_session(user_id="bob", workspace="dev", surface="tty:1")
    await manager.create_session(workspace="other", surface="tty:1")
    found = await manager.resolve_session(workspace="dev", surface="tty:1")
    assert (found.user_id, found.workspace_id) == ("ana", "dev")
    assert len(await manager.list_sessions()) == 3


async def test_paused_archived_and_expired_sessions_are_not_met(manager: SessionManager) -> None:
    for operation in ("pause", "archive", "expire"):
        session = await manager.create_session(surface="tty:1")
        await getattr(manager, operation)(session.id)
    found = await manager.resolve_session(surface="tty:1")
    assert found.state == "active"
    assert len(await manager.list_sessions()) == 4


async def test_a_hit_is_touched_and_the_surface_attached(manager: SessionManager) -> None:
    made = await manager.create_session()
    found = await manager.resolve_session(surface="tty:1")
    assert (found.id, found.state, found.surfaces) == (made.id, "active", ("tty:1",))
    assert found.last_active_at >= made.last_active_at

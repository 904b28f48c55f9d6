"""The states of sessions in the engine: passing, sweeping, cleaning up."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from engine_driving import Watched, ask, document_path, until

from tui_sessions import (
    InvalidValue,
    ScriptedProvider,
    SessionManager,
    SessionState,
    SessionStateError,
    Settings,
    SweepSettings,
    open_sessions,
)
from tui_sessions.model.clock import format_time, now
from tui_sessions.model.lifecycle import TRANSITIONS
from tui_sessions.stores.file import FileStore


async def in_state(manager: SessionManager, state: str) -> str:
    """The id of a new session in a state."""
    session = await manager.create_session()
    await manager.add_message(session.id, "Hello")
    match state:
        case "active":
            await manager.touch(session.id)
        case "paused":
            await manager.pause(session.id)
        case "suspended":
            await manager.touch(session.id)
            await manager.set_ttl(session.id, 1e-9)
            await until_later(session.last_active_at)
            await manager.sweep_stale()
            await manager.set_ttl(session.id, None)
        case "archived":
            await manager.archive(session.id)
        case "expired":
            await manager.expire(session.id)
    assert (await manager.get_session(session.id)).state == state
    return session.id


async def until_later(moment: Any) -> None:
    while now() <= moment + timedelta(milliseconds=1):
        await asyncio.sleep(0.001)


def age(folder: Path, session_id: str, **ago: float) -> None:
    """Make a session's last activity lie in the past; its journal must be folded."""
    path = document_path(folder, session_id)
    lines = path.read_text().splitlines()
    moment = format_time(now() - timedelta(**ago))
    changed = [
        f' "last_active_at": "{moment}",' if line.startswith(' "last_active_at"') else line
        for line in lines
    ]
    assert changed != lines
    path.write_text("\n".join(changed) + "\n")


@pytest.mark.parametrize("state", [state.value for state in SessionState])
@pytest.mark.parametrize("operation", TRANSITIONS)
async def test_every_cell_of_the_lifecycle_table(
    manager: SessionManager, state: str, operation: str
) -> None:
    session_id = await in_state(manager, state)
    before = await manager.get_session(session_id)
    wanted = TRANSITIONS[operation].get(SessionState(state))

    async def perform() -> None:
        if operation == "send":
            await ask(manager, session_id, "Hello")
        else:
            await getattr(manager, operation)(session_id)

    if wanted is None:
        with pytest.raises(SessionStateError) as caught:
            await perform()
        error = caught.value
        assert (error.session_id, error.state, error.operation) == (session_id, state, operation)
        assert await manager.get_session(session_id) == before
        return
    await perform()
    after = await manager.get_session(session_id)
    assert after.state is wanted
    assert (after.state_changed_at != before.state_changed_at) <= (after.state is not before.state)
    if operation not in ("touch", "send", "resume"):
        assert after.last_active_at == before.last_active_at


@pytest.mark.parametrize("state", [state.value for state in SessionState])
async def test_naming_describing_forking_and_deleting_work_in_every_state(
    manager: SessionManager, state: str
) -> None:
    session_id = await in_state(manager, state)
    await manager.rename(session_id, "Renamed")
    await manager.set_tags(session_id, ["x"])
    await manager.update_metadata(session_id, {"a": 1})
    await manager.attach_surface(session_id, "tty:1")
    await manager.detach_surface(session_id, "tty:1")
    fork = await manager.fork(session_id)
    assert (fork.state, fork.message_count) == ("created", 1)
    assert (await manager.get_session(session_id)).state == state
    assert await manager.delete(session_id)
    assert (await manager.undelete(session_id)).state == state


async def test_an_expired_session_is_read_only(manager: SessionManager) -> None:
    session_id = await in_state(manager, "expired")
    session = await manager.get_session(session_id)
    chat_id = session.active_chat_id or ""
    message = (await manager.history(session_id))[0]
    agent = session.chats[0].agent
    chat = await manager.chat_json(session_id, chat_id)
    for change in (
        manager.add_message(session_id, "x"),
        manager.edit_message(session_id, message.id, "x"),
        manager.delete_message(session_id, message.id),
        manager.clear_history(session_id),
        manager.replace_history(session_id, chat_id, []),
        manager.create_chat(session_id),
        manager.restore_chat(session_id, chat),
        manager.set_agent(session_id, chat_id, agent),
        manager.delete_chat(session_id, chat_id),
    ):
        with pytest.raises(SessionStateError) as caught:
            await change
        assert caught.value.operation == change.__name__
        assert re.match(r"Cannot [a-z ]+ session '", str(caught.value))
    assert await manager.history(session_id) == [message]


@pytest.mark.parametrize("verb", ["send", "regenerate", "continue_reply", "checkpoint"])
async def test_what_asks_an_agent_is_refused_by_its_own_name(
    manager: SessionManager, verb: str
) -> None:
    session_id = await in_state(manager, "created")
    await ask(manager, session_id, "Hello")
    whole = (await manager.history(session_id))[-1]
    cut = msgspec.structs.replace(whole, status="partial")
    await manager.add_message(session_id, cut)
    await manager.pause(session_id)
    asked = getattr(manager, verb)(session_id, *(["Hello"] if verb == "send" else []))
    with pytest.raises(SessionStateError, match="it is paused; resume it first") as caught:
        await (asked if verb == "checkpoint" else anext(asked))
    assert caught.value.operation == verb


async def test_touch_of_an_active_session_moves_only_its_activity(manager: SessionManager) -> None:
    session_id = await in_state(manager, "active")
    before = await manager.get_session(session_id)
    await until_later(before.last_active_at)
    after = await manager.touch(session_id)
    assert after.last_active_at > before.last_active_at
    assert after.state_changed_at == before.state_changed_at


async def test_resume_brings_back_the_chat_that_was_active(manager: SessionManager) -> None:
    session = await manager.create_session()
    await manager.create_chat(session.id)
    second = await manager.create_chat(session.id)
    await manager.switch_chat(session.id, second.id)
    await manager.pause(session.id)
    assert (await manager.resume(session.id)).active_chat_id == second.id


async def test_sweep_suspends_what_is_idle_longer_than_its_ttl(
    manager: SessionManager, tmp_path: Path
) -> None:
    old, own, fresh, created = [await manager.create_session() for _ in range(4)]
    await manager.set_ttl(own.id, 10 * 86400)
    for session in (old, own, fresh):
        await manager.touch(session.id)
        await manager.close(session.id)
    for session in (old, own):
        age(tmp_path, session.id, hours=2)
    assert [s.id for s in await manager.sweep_stale()] == [old.id]
    states = {s.id: s.state for s in await manager.list_sessions()}
    assert states == {
        old.id: "suspended",
        own.id: "active",
        fresh.id: "active",
        created.id: "created",
    }
    assert await manager.sweep_stale() == []
    assert (await manager.resume(old.id)).state == "active"


async def test_sweep_expires_what_is_past_its_expiry_but_not_the_archived(
    manager: SessionManager,
) -> None:
    gone, kept, later = [await manager.create_session() for _ in range(3)]
    for session in (gone, kept):
        await manager.set_expiry(session.id, now() - timedelta(seconds=1))
    await manager.set_expiry(later.id, now() + timedelta(days=1))
    await manager.archive(kept.id)
    assert [(s.id, s.state) for s in await manager.sweep_stale()] == [(gone.id, "expired")]


@pytest.mark.parametrize("bad", [0, -1, "1", float("nan")])
async def test_sweep_refuses_a_ttl_that_is_none(manager: SessionManager, bad: Any) -> None:
    with pytest.raises(InvalidValue):
        await manager.sweep_stale(bad)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("field", ["ttl_s", "interval_s"])
async def test_settings_of_sweeping_that_are_no_seconds_are_refused(field: str, bad: float) -> None:
    settings = Settings(sweep=SweepSettings(**{field: bad}))
    with pytest.raises(InvalidValue, match=f"sweep.{field}"):
        async with open_sessions("memory:", settings=settings):
            pass


async def test_a_file_with_a_ttl_beyond_all_calendars_keeps_no_other_from_being_swept(
    manager: SessionManager, tmp_path: Path
) -> None:
    odd, idle = [await manager.create_session() for _ in range(2)]
    for session in (odd, idle):
        await manager.touch(session.id)
        await manager.close(session.id)
        age(tmp_path, session.id, days=1)
    path = document_path(tmp_path, odd.id)
    path.write_text(path.read_text().replace('"ttl_s": null', '"ttl_s": 1e300'))
    assert [session.id for session in await manager.sweep_stale()] == [idle.id]


async def test_sweep_leaves_what_is_answering_alone(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    session = await scripted.create_session(ttl=1e-9)
    turn = Watched(scripted.send(session.id, "Hello"))
    await turn.until("reply_delta")
    assert await scripted.sweep_stale() == []
    provider.open("go")
    await turn.end()
    await until_later((await scripted.get_session(session.id)).last_active_at)
    assert [s.id for s in await scripted.sweep_stale()] == [session.id]


async def test_sweeping_in_the_background_happens_by_itself(open_manager: Any) -> None:
    sweep = SweepSettings(ttl_s=0.001, background=True, interval_s=0.005)
    async with open_manager(settings=Settings(sweep=sweep)) as manager:
        told: list[Any] = []
        manager.on("state_changed", told.append)
        session = await manager.create_session()
        await manager.touch(session.id)
        await until(lambda: len(told) == 2)
        assert (told[1].before, told[1].after) == ("active", "suspended")


async def test_sweeping_in_the_background_removes_files_too(
    open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[str] = []

    async def noted(_store: FileStore, workspace_id: str) -> list[str]:
        swept.append(workspace_id)
        return []

    monkeypatch.setattr(FileStore, "sweep_files", noted)
    monkeypatch.setattr("tui_sessions.engine.manager.lifecycle._FILES_EVERY_S", 0.0)
    sweep = SweepSettings(background=True, interval_s=0.005)
    async with open_manager(settings=Settings(sweep=sweep)) as manager:
        await manager.create_session(workspace="dev")
        await until(lambda: "dev" in swept)


async def test_a_failing_sweep_is_told_and_the_next_one_comes(
    open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = SweepSettings(background=True, interval_s=0.005)
    async with open_manager(settings=Settings(sweep=sweep)) as manager:
        told: list[Any] = []
        manager.on("lifecycle_error", told.append)
        monkeypatch.setattr(manager._engine.store, "look", lambda *_, **__: 1 / 0)
        await until(lambda: len(told) > 1)
        assert isinstance(told[0].error, ZeroDivisionError)


async def test_cleanup_puts_the_idle_into_the_trash_after_a_dry_run(
    manager: SessionManager, tmp_path: Path
) -> None:
    old, fresh = await manager.create_session(), await manager.create_session()
    age(tmp_path, old.id, days=31)
    assert [s.id for s in await manager.cleanup(30, dry_run=True)] == [old.id]
    assert len(await manager.list_sessions()) == 2
    assert [s.id for s in await manager.cleanup(30)] == [old.id]
    assert [s.id for s in await manager.list_sessions()] == [fresh.id]
    assert [t.session_id for t in await manager.trash()] == [old.id]


@pytest.mark.parametrize("bad", [-1, float("nan"), float("inf"), 1e12, 999_999, "30", None])
async def test_cleanup_refuses_what_is_no_age(manager: SessionManager, bad: Any) -> None:
    await manager.create_session()
    with pytest.raises(InvalidValue):
        await manager.cleanup(bad)
    assert len(await manager.list_sessions()) == 1


async def test_a_session_of_a_newer_format_is_not_swept(
    manager: SessionManager, tmp_path: Path
) -> None:
    failed: list[Any] = []
    manager.on("lifecycle_error", failed.append)
    session_id = await in_state(manager, "active")
    await manager.close(session_id)
    path = document_path(tmp_path, session_id)
    old = {
        "format": 2,
        "last_active_at": "2020-01-01T00:00:00Z",
        "expires_at": "2020-01-02T00:00:00Z",
    }
    path.write_text(json.dumps(json.loads(path.read_text()) | old))
    assert (await manager.get_session(session_id)).read_only
    assert await manager.sweep_stale() == []
    assert failed == []

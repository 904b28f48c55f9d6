"""Workspaces: what is in one is never seen or touched from another."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from engine_driving import Watched, ask

from tui_sessions import (
    InvalidId,
    InvalidValue,
    ScriptedProvider,
    SessionManager,
    SessionNotFound,
    Settings,
    TemplateNotFound,
    WorkspaceNotFound,
)
from tui_sessions.engine.session_manager import SessionManager as Face

_FILLERS: dict[str, Any] = {
    "session_id": None,
    "chat_id": None,
    "message_id": None,
    "content": "Hello",
    "label": "Stolen",
    "call_id": "t1",
    "allow": True,
    "name": "Stolen",
    "values": {"stolen": 1},
    "tags": ["stolen"],
    "surface": "tty:9",
    "ttl": 1.0,
    "expires_at": None,
    "workspace": "mine",
    "agent": None,
    "chat": None,
    "messages": [],
    "tasks": [],
}


def methods_with_a_session() -> list[str]:
    """Every public method that is given a session's id."""
    return [
        name
        for name, method in inspect.getmembers(Face, inspect.isfunction)
        if not name.startswith("_") and "session_id" in inspect.signature(method).parameters
    ]


def test_there_are_methods_to_try() -> None:
    assert {"get_session", "history", "send", "fork", "delete", "live_reply", "save"} <= set(
        methods_with_a_session()
    )


async def call(face: SessionManager, name: str, values: dict[str, Any]) -> Any:
    """Call a method with what it needs, and exhaust it where it is a stream."""
    method = getattr(face, name)
    needed = {
        parameter.name: values[parameter.name]
        for parameter in inspect.signature(method).parameters.values()
        if parameter.default is parameter.empty or parameter.name == "session_id"
    }
    result = method(**needed)
    if isinstance(result, AsyncIterator):
        return [event async for event in result]
    return await result if inspect.isawaitable(result) else result


@pytest.mark.parametrize("name", methods_with_a_session())
async def test_a_bound_face_finds_nothing_of_another_workspace(
    manager: SessionManager, name: str, tmp_path: Any
) -> None:
    theirs = await manager.create_session(workspace="theirs", label="Secret", surface="tty:1")
    await ask(manager, theirs.id, "A secret")
    theirs = await manager.get_session(theirs.id)
    history = await manager.history(theirs.id)
    chat = theirs.chats[0]
    values = _FILLERS | {
        "session_id": theirs.id,
        "chat_id": chat.id,
        "message_id": history[0].id,
        "agent": chat.agent,
        "chat": await manager.chat_json(theirs.id, chat.id),
        "path": tmp_path / "out.json",
        "format": "json",
    }
    face = manager.workspace("mine")
    try:
        found = await call(face, name, values)
    except SessionNotFound:
        found = None
    assert not found, f"{name} gave {found}"
    assert await manager.get_session(theirs.id) == theirs
    assert await manager.history(theirs.id) == history


async def test_lists_statistics_trash_and_running_replies_are_of_the_workspace(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    theirs = await scripted.create_session(workspace="theirs")
    gone = await scripted.create_session(workspace="theirs")
    await scripted.delete(gone.id)
    turn = Watched(scripted.send(theirs.id, "Hello"))
    await turn.until("reply_delta")
    face = scripted.workspace("mine")
    mine = await face.create_session()
    assert mine.workspace_id == "mine"
    assert [s.id for s in await face.list_sessions()] == [mine.id]
    assert await face.list_sessions(workspace="theirs") == []
    assert [s.id for s in await face.known_sessions()] == [mine.id]
    assert (await face.system_stats()).sessions == 1
    assert (await face.user_report()).sessions == 1
    assert await face.trash() == []
    assert [w.id for w in await face.workspaces()] == ["mine"]
    assert await face.problems() == []
    assert face.running() == []
    assert face.live_reply(theirs.id, turn.events[0].chat_id) is None
    assert (await face.resolve_session()).id == mine.id
    assert (await face.load()).id == mine.id
    assert await face.sweep_stale(1e-9) in ([], [await face.get_session(mine.id)])
    assert scripted.running() == [(theirs.id, turn.events[0].chat_id)]
    provider.open("go")
    await turn.end()


async def test_a_bound_face_cannot_reach_out(manager: SessionManager) -> None:
    face = manager.workspace("mine")
    session = await face.create_session()
    for attempt in (
        face.create_session(workspace="theirs"),
        face.move(session.id, "theirs"),
        face.fork(session.id, workspace="theirs"),
        face.create_workspace("theirs"),
        face.get_workspace("theirs"),
        face.update_workspace("theirs", name="x"),
    ):
        with pytest.raises(WorkspaceNotFound):
            await attempt
    with pytest.raises(SessionNotFound):
        face.workspace("theirs")
    assert face.workspace("mine").workspace_id == "mine"
    assert await manager.list_sessions(workspace="theirs") == []


async def test_closing_a_bound_face_lets_only_its_own_go(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    theirs = await scripted.create_session(workspace="theirs")
    turn = Watched(scripted.send(theirs.id, "Hello"))
    await turn.until("reply_delta")
    async with scripted.workspace("mine") as face:
        mine = await face.create_session()
        other = Watched(face.send(mine.id, "Hello"))
        await other.until("reply_delta")
    assert (await other.end()).name == "reply_stopped"
    provider.open("go")
    assert (await turn.end()).name == "reply_done"
    await scripted.rename(theirs.id, "Still open")


async def test_a_bound_face_saves_what_is_its_own(open_manager: Any) -> None:
    async with open_manager(settings=Settings(autosave=False)) as manager:
        theirs = await manager.create_session(workspace="theirs")
        mine = await manager.create_session(workspace="mine")
        for session in (theirs, mine):
            await manager.rename(session.id, "Changed")
        await manager.workspace("mine").save()
        async with open_manager() as other:
            assert (await other.get_session(mine.id)).label == "Changed"
            assert (await other.get_session(theirs.id)).label == ""


async def test_a_workspace_has_a_name_a_directory_and_a_template(manager: SessionManager) -> None:
    made = await manager.create_workspace("dev", name="Development", directory="/src")
    assert (made.name, made.directory) == ("Development", "/src")
    assert (await manager.create_workspace("dev", name="Other")).name == "Development"
    await manager.update_workspace("dev", name="Dev", template="coder")
    session = await manager.create_session(workspace="dev")
    await ask(manager, session.id, "Hello")
    chat = (await manager.get_session(session.id)).chats[0]
    assert chat.agent.template == "coder"
    with pytest.raises(TemplateNotFound):
        await manager.update_workspace("dev", template="nobody")
    with pytest.raises(InvalidValue):
        await manager.update_workspace("dev", name=" ")
    with pytest.raises(WorkspaceNotFound):
        await manager.get_workspace("nobody")
    with pytest.raises(InvalidId):
        await manager.create_workspace("../x")


async def test_many_sessions_in_many_workspaces_do_not_mix(manager: SessionManager) -> None:
    for number in range(20):
        await manager.create_session(workspace=f"w{number % 4}", label=str(number))
    for number in range(4):
        found = await manager.workspace(f"w{number}").list_sessions()
        assert {s.label for s in found} == {str(n) for n in range(number, 20, 4)}


async def test_a_version_tells_of_any_change_and_of_sessions_in_scope_only(
    manager: SessionManager, tmp_path: Path
) -> None:
    session = await manager.create_session(workspace="one")
    before = await manager.version(session.id)
    await manager.rename(session.id, "Named")
    await manager.close(session.id)
    after = await manager.version(session.id)
    [path] = tmp_path.rglob(f"{session.id}.json")
    path.write_text(path.read_text().replace("Named", "By hand"))
    assert len({before, after, await manager.version(session.id)}) == 3
    assert await manager.workspace("one").version(session.id) is not None
    assert await manager.workspace("two").version(session.id) is None
    assert await manager.version("unknown") is None


async def test_changes_of_a_workspace_at_once_are_all_kept(manager: SessionManager) -> None:
    await manager.create_workspace("dev")
    await asyncio.gather(
        manager.update_workspace("dev", name="Development"),
        manager.update_workspace("dev", template="coder"),
    )
    workspace = await manager.get_workspace("dev")
    assert (workspace.name, workspace.defaults) == ("Development", {"template": "coder"})

"""Events: what is told, to whom, and that a bad listener disturbs nobody."""

import asyncio
from typing import Any

import pytest
from engine_driving import Watched, ask, until

from tui_sessions import (
    InvalidValue,
    ReplyDone,
    ScriptedProvider,
    SessionManager,
    StoreError,
    ToolAsked,
)
from tui_sessions.engine import bus as bus_module
from tui_sessions.model.events import EVENT_NAMES


def heard(manager: SessionManager) -> list[str]:
    """The names of all events from now on."""
    names: list[str] = []
    for name in EVENT_NAMES:
        manager.on(name, lambda event, name=name: names.append(name))
    return names


async def test_every_kind_of_event_is_told(
    manager: SessionManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = heard(manager)
    session = await manager.create_session()
    await ask(manager, session.id, "Hello")
    await manager.rename(session.id, "Parser")
    chat = await manager.create_chat(session.id)
    await manager.switch_chat(session.id, chat.id)
    fork = await manager.fork(session.id)
    await manager.load(session.id)
    await manager.delete(fork.id)
    chat = await manager.create_chat(
        session.id, overrides={"provider": "scripted", "parameters": {"script": [[{"error": "x"}]]}}
    )
    await ask(manager, session.id, "Hello", chat_id=chat.id)
    busy = {"error": "Wait.", "kind": "rate_limited", "retry_after": 0, "times": 1}
    script = [[busy, {"tool_call": {"name": "now"}}, {"next": True}, "Noon"]]
    manager.tools.register(lambda: "12:00", name="now")
    using = await manager.create_chat(
        session.id,
        overrides={"provider": "scripted", "parameters": {"script": script}, "tools": ["now"]},
    )
    turn = Watched(manager.send(session.id, "When?", chat_id=using.id))
    asked = await turn.until("tool_asked")
    assert isinstance(asked, ToolAsked)
    assert await manager.answer_tool_call(session.id, asked.call.id, True)
    assert (await turn.end()).name == "reply_done"
    slow = await manager.create_chat(
        session.id,
        overrides={"provider": "scripted", "parameters": {"script": [[{"gate": "never"}]]}},
    )
    turn = Watched(manager.send(session.id, "Hello", chat_id=slow.id))
    await turn.until("reply_started")
    await manager.stop(session.id)

    async def failing(*arguments: Any) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(manager._engine.store, "append", failing)
        with pytest.raises(StoreError):
            await manager.rename(session.id, "Other")
    await manager.close(session.id)
    assert set(names) == set(EVENT_NAMES)
    assert names.index("created") < names.index("reply_started") < names.index("reply_done")


async def test_a_listener_that_raises_breaks_nothing(
    manager: SessionManager, caplog: pytest.LogCaptureFixture
) -> None:
    def raising(event: Any) -> None:
        raise RuntimeError("listener")

    async def raising_later(event: Any) -> None:
        raise RuntimeError("listener")

    names: list[str] = []
    for name in EVENT_NAMES:
        manager.on(name, raising)
        manager.on(name, raising_later)
    manager.on("reply_done", lambda event: names.append(event.name))
    session = await manager.create_session()
    assert isinstance(await ask(manager, session.id, "Hello"), ReplyDone)
    assert names == ["reply_done"]
    assert "listener" in caplog.text


async def test_a_listener_may_call_the_manager_back(
    scripted: SessionManager, provider: ScriptedProvider
) -> None:
    done = asyncio.Event()

    async def delete(event: Any) -> None:
        await scripted.delete(event.session_id)
        done.set()

    scripted.on("reply_delta", delete)
    session = await scripted.create_session()
    await ask(scripted, session.id, "Hello")
    await done.wait()
    assert await scripted.list_sessions() == []


async def test_a_listener_may_shut_everything_down(manager: SessionManager) -> None:
    done = asyncio.Event()

    async def shut_down(event: Any) -> None:
        await manager.shutdown()
        done.set()

    manager.on("reply_done", shut_down)
    session = await manager.create_session()
    await ask(manager, session.id, "Hello")
    await done.wait()


async def test_a_listener_that_never_ends_does_not_keep_the_end_away(
    open_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "PATIENCE_S", 0.01)

    async def hang(event: Any) -> None:
        await asyncio.Event().wait()

    async with open_manager() as manager:
        manager.on("created", hang)
        await manager.create_session()


async def test_off_ends_it_and_unknown_events_are_refused(manager: SessionManager) -> None:
    told: list[Any] = []
    manager.on("created", told.append)
    manager.off("created", told.append)
    manager.off("created", told.append)
    await manager.create_session()
    assert told == []
    with pytest.raises(InvalidValue):
        manager.on("creatd", told.append)
    with pytest.raises(InvalidValue):
        manager.on("created", "told")  # type: ignore[arg-type]


async def test_a_stream_has_every_event_from_when_it_was_asked_for(open_manager: Any) -> None:
    async with open_manager() as manager:
        stream = manager.events()
        session = await manager.create_session()
        await manager.rename(session.id, "x")
    assert [event.name async for event in stream] == [
        "saved", "created", "saved", "renamed", "disposed",
    ]  # fmt: skip
    assert [event async for event in manager.events()] == []
    assert [event async for event in stream] == []


async def test_a_bound_face_hears_of_its_workspace_only(manager: SessionManager) -> None:
    face = manager.workspace("one")
    told: list[Any] = []
    stream = face.events()
    face.on("created", told.append)
    manager.off("created", told.append)
    for workspace in ("one", "two"):
        await manager.create_session(workspace=workspace)
    assert [event.workspace_id for event in told] == ["one"]
    assert (await anext(aiter(stream))).workspace_id == "one"
    face.off("created", told.append)
    await manager.create_session(workspace="one")
    assert len(told) == 1


async def test_saved_is_told_when_it_is_saved_only(manual: SessionManager) -> None:
    session = await manual.create_session()
    names = heard(manual)
    await manual.update_metadata(session.id, {"a": 1})
    assert "saved" not in names
    await manual.save(session.id)
    await until(lambda: "saved" in names)

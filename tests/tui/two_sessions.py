"""Two sessions and a fork, open in an app."""

from __future__ import annotations

from running_app import SPACE, Running

from tui_sessions import SessionManager


async def full(manager: SessionManager) -> None:
    """Two sessions; in the later one two chats, and a fork of the first."""
    first = await manager.create_session(workspace=SPACE, label="First")
    await manager.create_chat(first.id)
    async for _ in manager.send(first.id, "One"):
        pass
    second = await manager.create_session(workspace=SPACE, label="Second")
    await manager.create_chat(second.id, name="Left")
    await manager.create_chat(second.id, name="Right", template="coder")
    async for _ in manager.send(second.id, "Two"):
        pass
    await manager.fork(first.id, label="Child")
    await manager.touch(second.id)


def ids(app: Running) -> dict[str, str]:
    return {session.label: session.id for session in app.sessions()}


async def open_session(app: Running, label: str) -> None:
    app.main.open_chat(ids(app)[label])
    await app.until(lambda: app.main.status.info.label == label)

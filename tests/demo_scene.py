"""Runs the app over the demonstration's sessions and draws what is on the screen."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import demo_texts as texts
import demo_tools as tools
from demo_sessions import OPEN_SESSION, PRESENT, surface_of, write_sessions
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from tui_sessions import (
    AgentConfig,
    ProviderRegistry,
    ScriptedProvider,
    SessionManager,
    Settings,
    open_sessions,
)
from tui_sessions.model.clock import stopped_at
from tui_sessions.settings import AppSettings
from tui_sessions.tui.app import SessionsApp
from tui_sessions.tui.remembered.drafts import Drafts
from tui_sessions.tui.screens.main import engine_feed
from tui_sessions.tui.screens.main.base import Start

_FOLDERS = ("DATA", "CONFIG", "CACHE", "STATE")
DARK, LIGHT = "sessions-dark", "sessions-light"
_ALIKE, _BETWEEN_S = 3, 0.03
"""The screen rests when so many pictures in a row, so far apart, are the same."""
_BUSY, _DONE = "s-backup", "s-bread"


@dataclass
class Scene:
    """The app as it runs, and what a picture may want of it."""

    app: SessionsApp
    pilot: Pilot[None]
    manager: SessionManager

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for something to be so on a screen that has been composed."""
        while not (self.app.screen.is_mounted and holds()):
            await self.pilot.pause(0.01)

    async def screen(self, kind: type[Screen[object]]) -> None:
        """Wait for a screen to be in front."""
        await self.until(lambda: isinstance(self.app.screen, kind))

    async def reply_elsewhere(self) -> None:
        """Have one reply on its way and another one done where the person is not."""
        for session_id, prompt in ((_DONE, texts.ASK_SALT), (_BUSY, texts.ASK_TIMER)):
            async for _ in self.manager.send(session_id, prompt):
                break
        await self.until(lambda: {s for s, _ in self.app.main.unread} == {_DONE})
        await self.until(lambda: {s for s, _ in self.manager.running()} == {_BUSY})

    async def ask_for_tools(self) -> None:
        """Have the open chat's agent call two tools, the first of which is allowed already."""
        session = self.app.main.current.session
        assert session is not None
        assert session.active_chat_id is not None
        for tool in (tools.read_file, tools.run_command):
            self.manager.tools.register(tool)
        self.manager.allow_tool(session.id, "read_file")
        agent = AgentConfig(provider="handy", tools=("read_file", "run_command"))
        await self.manager.set_agent(session.id, session.active_chat_id, agent)
        async for _ in self.manager.send(session.id, tools.ASK_CHECK):
            break
        await self.until(lambda: self.app.main.approval_bar.is_ready)

    async def press(self, *keys: str) -> None:
        """Press keys, and let everything come to rest."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def svg(self, title: str = "sessions-tui") -> str:
        """The screen as a picture once it rests, without what blinks or goes away by itself."""
        self.app.clear_notifications()
        self.app.main.refresh_status()
        for screen in self.app.screen_stack:
            for field in screen.query("*"):
                if isinstance(field, (Input, TextArea)):
                    field.cursor_blink = False
        takes: list[str] = []
        while len(takes) < _ALIKE or len(set(takes[-_ALIKE:])) > 1:
            await self.pilot.pause(_BETWEEN_S)
            takes.append(self.app.export_screenshot(title=title))
        return takes[-1]

    def is_filled(self) -> bool:
        """Whether the parts that are filled in the background show what is open."""
        main = self.app.main
        session, inspected = main.current.session, main.inspector._subject
        if session is None or not main.inspector.region.width:
            return True
        measured = main.status.info.context is not None or not session.message_count
        return measured and inspected is not None and inspected.session.id == session.id


@asynccontextmanager
async def scene(
    directory: Path,
    size: tuple[int, int],
    *,
    theme: str = DARK,
    session_id: str | None = OPEN_SESSION,
    write: Callable[[Path], None] | None = write_sessions,
) -> AsyncIterator[Scene]:
    """Run the app in a terminal of a size, at the moment of all pictures.

    Args:
        directory: an empty folder for all files.
        size: columns and rows.
        theme: the name of a theme.
        session_id: what is open.
        write: fills the data folder; None: it is somebody's first start.
    """
    data = directory / "data"
    if write is not None:
        write(data)
    settings = Settings(app=AppSettings(theme=theme))
    surface = surface_of(session_id) if session_id else "tty:new"
    start = Start("tally", "tally", Path("/home/ana/code/tally"), surface, session_id)
    nobody_looks = patch.object(engine_feed, "POLL_S", 3600.0)
    with stopped_at(PRESENT), _machine_of_its_own(directory), nobody_looks:
        async with open_sessions(
            data.as_uri(), settings=settings, user_id="ana", providers=_providers()
        ) as manager:
            await manager.list_sessions()  # as at any start but the first: the catalog is there
            app = SessionsApp(start, settings, Drafts(directory / "drafts.json"))
            app.use(manager)
            app.animation_level = "none"
            async with app.run_test(size=size) as pilot:
                shown = Scene(app, pilot, manager)
                await shown.until(app.main.arrived.is_set)
                await shown.until(lambda: app.main.workspace_names or write is None)
                await shown.until(shown.is_filled)
                await shown.until(lambda: not app.main.verbs_under_way())
                yield shown


def _providers() -> ProviderRegistry:
    """One who answers at once, one who never comes to an end, and one who uses tools."""
    registry = ProviderRegistry()
    registry.register("local", lambda: ScriptedProvider([[texts.ANSWER_SALT]]))
    registry.register("distant", lambda: ScriptedProvider([[texts.ANSWER_TIMER, {"gate": "end"}]]))
    registry.register("handy", lambda: ScriptedProvider([tools.STEPS_CHECK]))
    return registry


@contextmanager
def _machine_of_its_own(directory: Path) -> Iterator[None]:
    """A home, folders and a time zone that are the same wherever the pictures are made."""
    folders = {f"XDG_{kind}_HOME": str(directory / kind) for kind in _FOLDERS}
    try:
        with patch.dict(os.environ, {"HOME": "/home/ana", "TZ": "UTC", **folders}):
            os.environ.pop("NO_COLOR", None)
            time.tzset()
            yield
    finally:
        time.tzset()

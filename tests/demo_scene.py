"""Runs the app over the demonstration's sessions and draws what is on the screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import demo_texts as texts
from demo_sessions import OPEN_SESSION, PRESENT, write_sessions
from textual.content import Content
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from tui_sessions import ProviderRegistry, ScriptedProvider, SessionManager, Settings, open_sessions
from tui_sessions.model.clock import stopped_at
from tui_sessions.settings import AppSettings
from tui_sessions.tui.app import SessionsApp
from tui_sessions.tui.drafts import Drafts
from tui_sessions.tui.screens.main.base import Start

DARK, LIGHT = "sessions-dark", "sessions-light"
_BUSY = "s-backup"
"""The session in which a reply is on its way."""
_DONE = "s-bread"
"""The session in which a reply comes while nobody looks."""


@dataclass
class Scene:
    """The app as it runs, and what a picture may want of it."""

    app: SessionsApp
    pilot: Pilot[None]
    manager: SessionManager

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for something to be so."""
        async with asyncio.timeout(30):
            while not holds():
                await self.pilot.pause(0.01)

    async def screen(self, kind: type[Screen[object]]) -> None:
        """Wait for a screen to be in front."""
        await self.until(lambda: isinstance(self.app.screen, kind))

    async def press(self, *keys: str) -> None:
        """Press keys, and let everything come to rest."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def svg(self, title: str = "sessions-tui") -> str:
        """The screen as a picture, without what blinks or goes away by itself."""
        self.app.clear_notifications()
        for field in self.app.screen.query("*"):
            if isinstance(field, (Input, TextArea)):
                field.cursor_blink = False
        await self.pilot.pause()
        await self.pilot.pause()
        return self.app.export_screenshot(title=title)


@asynccontextmanager
async def scene(
    directory: Path,
    size: tuple[int, int],
    *,
    theme: str = DARK,
    sessions: bool = True,
    session_id: str | None = OPEN_SESSION,
    prepare: Callable[[Path], None] | None = None,
) -> AsyncIterator[Scene]:
    """Run the app in a terminal of a size, at the moment of all pictures.

    Args:
        directory: an empty folder for all files.
        size: columns and rows.
        theme: the name of a theme.
        sessions: there is something to show; otherwise it is somebody's first start.
        session_id: what is open.
        prepare: changes the data folder before the app starts.
    """
    data = directory / "data"
    if sessions:
        write_sessions(data)
    if prepare is not None:
        prepare(data)
    provider = ScriptedProvider([["Later."], [texts.RUNNING_BACKUP, {"gate": "never"}]])
    registry = ProviderRegistry()
    registry.register("scripted", lambda: provider)
    settings = Settings(app=AppSettings(theme=theme))
    start = Start("tally", "tally", Path("/home/ana/code/tally"), "tty:%1", session_id)
    with stopped_at(PRESENT), _machine_of_its_own(directory):
        async with open_sessions(
            data.as_uri(), settings=settings, user_id="ana", providers=registry
        ) as manager:
            app = SessionsApp(
                manager,
                start if sessions else Start("tally", "tally", start.directory, "tty:%1"),
                settings,
                Drafts(directory / "drafts.json"),
            )
            app.animation_level = "none"
            async with app.run_test(size=size) as pilot:
                shown = Scene(app, pilot, manager)
                await shown.until(app.main.arrived.is_set)
                await app.workers.wait_for_complete(
                    [w for w in app.workers if w.group not in ("events",)]
                )
                await pilot.pause()
                yield shown


def _machine_of_its_own(directory: Path) -> Any: ...
